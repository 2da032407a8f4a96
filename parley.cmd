@echo off
rem Builds Parley on first use, and again when its sources are newer, then runs its command line.
setlocal enabledelayedexpansion
set "home=%~dp0"
set "target=%home%benchmarks\target"
set "java=java"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java"

powershell -NoProfile -Command "$b = Get-Item -ErrorAction SilentlyContinue '%target%\classpath'; if (-not $b) { exit 1 }; $n = Get-ChildItem '%home%pom.xml','%home%*\pom.xml','%home%*\src\main' -Recurse -File | Where-Object { $_.LastWriteTime -gt $b.LastWriteTime } | Select-Object -First 1; if ($n) { exit 1 }"
if not errorlevel 1 goto run

echo parley: building (the first time libraries are downloaded, which takes minutes) 1>&2
call mvn -q -B -o -f "%home%pom.xml" -DskipTests package >nul 2>&1
if errorlevel 1 call mvn -q -B -f "%home%pom.xml" -DskipTests package
if errorlevel 1 (
  echo parley: the build failed; its output is above 1>&2
  exit /b 1
)
powershell -NoProfile -Command "(Get-Item '%target%\classpath').LastWriteTime = Get-Date"

:run
rem The class path is longer than a command line of Windows may be, so that it goes into a file.
for %%j in ("%target%\parley-benchmarks-*.jar") do set "jar=%%~fj"
powershell -NoProfile -Command "'-cp \"' + ('%jar%;' + (Get-Content '%target%\classpath')).Replace('\','\\') + '\"' | Set-Content -Encoding ascii '%target%\java.args'"
"%java%" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 "@%target%\java.args" io.parley.benchmarks.cli.Main %*
exit /b %errorlevel%
