@echo off
rem Builds Parley on first use, and again when its sources are newer, then runs its command line: what the script parley does.
setlocal
set "PARLEY_HOME=%~dp0"
set "PARLEY_TARGET=%~dp0benchmarks\target"
set "java=java"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java.exe"

rem Paths reach PowerShell through the environment, so that none of their characters needs a quote.
powershell -NoProfile -Command ^
  "Set-Location -LiteralPath $env:PARLEY_HOME;" ^
  "$built = Get-Item -ErrorAction SilentlyContinue 'benchmarks\target\classpath';" ^
  "if (-not $built -or $built.Length -eq 0) { exit 1 };" ^
  "$sources = @(Get-Item 'pom.xml', '*\pom.xml') + @(Get-ChildItem '*\src\main' -Recurse -File);" ^
  "if ($sources | Where-Object { $_.LastWriteTime -gt $built.LastWriteTime } | Select-Object -First 1) { exit 1 }"
if not errorlevel 1 goto run

set "missing="
if defined JAVA_HOME (
  if not exist "%java%" set "missing=%java%"
) else (
  where java >nul 2>&1 || set "missing=java"
)
where mvn >nul 2>&1 || set "missing=mvn"
if defined missing (
  echo parley: there is no '%missing%' on the path; Parley needs a JDK 17 or newer and Maven 3.6.3 or newer 1>&2
  exit /b 2
)
echo parley: building (the first time libraries are downloaded, which takes minutes) 1>&2
if not exist "%PARLEY_TARGET%" mkdir "%PARLEY_TARGET%"
rem Offline first, so that a second build needs no network.
call mvn -q -B -o -f "%PARLEY_HOME%pom.xml" -DskipTests package >"%PARLEY_TARGET%\build.log" 2>&1
if errorlevel 1 call mvn -q -B -f "%PARLEY_HOME%pom.xml" -DskipTests package >"%PARLEY_TARGET%\build.log" 2>&1
if errorlevel 1 (
  type "%PARLEY_TARGET%\build.log" 1>&2
  echo parley: the build failed; its output is above and in %PARLEY_TARGET%\build.log 1>&2
  exit /b 1
)
rem Resources may be older than the sources they came with.
powershell -NoProfile -Command "(Get-Item -LiteralPath (Join-Path $env:PARLEY_TARGET 'classpath')).LastWriteTime = Get-Date"

:run
rem The class path is longer than a command line of Windows may be, so that it goes into a file, in which \ is doubled.
set "PARLEY_JAR=%PARLEY_TARGET%\parley-benchmarks.jar"
powershell -NoProfile -Command ^
  "$classpath = $env:PARLEY_JAR + ';' + (Get-Content -Encoding UTF8 -LiteralPath (Join-Path $env:PARLEY_TARGET 'classpath'));" ^
  "$arguments = '-cp ' + [char]34 + $classpath.Replace('\', '\\') + [char]34;" ^
  "Set-Content -Encoding Default -LiteralPath (Join-Path $env:PARLEY_TARGET 'java.args') -Value $arguments"
"%java%" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 "@%PARLEY_TARGET%\java.args" io.parley.benchmarks.cli.Main %*
exit /b %errorlevel%
