package io.parley.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that the task and the partner of the demonstrations read may lie elsewhere when a run goes on, and not be others. */
class MovedFilesTest {
    @TempDir
    private Path folder;

    @Test
    void aRunGoesOnWhereItsPeopleAndWhatTheySaidLieNow() throws IOException {
        Path people = people("1");
        Path corpus = Files.createDirectory(folder.resolve("corpus"));
        Files.writeString(corpus.resolve("group"), """
                group_id\tmessage_type\torigin\toriginal_text\tannotation_type\tsol_tracker_all
                g\tINITIAL\tSYSTEM\t\t\t{"Kiwi": ["A"], "Cat": ["A", "4"]}
                g\tMESSAGE\tKiwi\twhy the 4?\tProbing\t{"Kiwi": ["A"], "Cat": ["A", "4"]}
                """);
        Path run = folder.resolve("run");
        done("run", Cli.write(folder, """
                name: moved
                seeds: [1]
                workers: 1
                tasks: [{id: wason, people: '%s'}]
                policy: {id: mlp, hidden: [4]}
                start: {id: bc, demonstrations: 8, epochs: 1, partner: {id: replay, path: '%s'}}
                budget: {responses: 8}
                algorithms: [{id: ppo, rolloutEpisodes: 2}]
                evaluation: {episodes: 2, partners: [silent], dialogues: 1}
                """.formatted(people, corpus)).toString(), "--out", run.toString());
        Map<String, String> finished = Runs.finished(run);
        assertTrue(finished.size() > 2, finished.keySet().toString());

        String advice = "; what the run began with may lie elsewhere now: name the place with --set ";
        Path peopleNow = Files.move(people, folder.resolve("others.json"));
        refused("tasks[0].people: there is no file " + people, advice + "tasks.0.people=FILE", resume(run));
        String[] placeOfPeople = {"--set", "tasks.0.people=" + peopleNow};
        Path corpusNow = Files.move(corpus, folder.resolve("elsewhere"));
        refused("start.partner.path: there is no folder " + corpus, advice + "start.partner.path=DIR",
                resume(run, placeOfPeople));
        done(resume(run, "--set", "tasks.0.people=" + peopleNow, "--set", "start.partner.path=" + corpusNow));
        assertEquals(finished, Runs.finished(run));
        // From here on the run knows the places.
        done(resume(run));

        Files.writeString(corpusNow.resolve("another"),
                Files.readString(corpusNow.resolve("group")).replace("\ng\t", "\nanother\t"));
        refused("holds another experiment: start.partner.sha256 is ", advice + "start.partner.path=DIR", resume(run));
        people("0.5");
        refused("holds another experiment: tasks[0].peopleSha256 is ", advice + "tasks.0.people=FILE",
                resume(run, "--set", "tasks.0.people=" + people));
    }

    private Path people(String pace) throws IOException {
        return Files.writeString(folder.resolve("people.json"), """
                {"pace": {"record": %s, "single": 1},
                 "personalities": [{"name": "all", "share": 1, "conviction": 0, "sources": {"own": 1}}]}
                """.formatted(pace));
    }

    private static String[] resume(Path run, String... settings) {
        return Stream.concat(Stream.of("run", "--resume", "--out", run.toString()), Stream.of(settings)).toArray(String[]::new);
    }

    private static void done(String... args) {
        Cli.Result result = Cli.run(args);
        assertEquals(0, result.code(), result.err());
    }

    private static void refused(String problem, String advice, String... args) {
        Cli.run(args).assertRefused(problem, advice);
    }
}
