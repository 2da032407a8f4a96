package io.parley.benchmarks.cli;

import static io.parley.benchmarks.cli.Cli.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BadInputTest {
    private static final String MODELS = "../checkpoints/src/test/models";

    @TempDir
    private Path folder;

    /** Each is refused before anything runs: where, what was found, what is allowed or meant. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            algorithms.near.id=test-wlk           | algorithms[0].id: no algorithm is called 'test-wlk'; did you mean \
            'test-walk'? There are: bc,
            algorithms.near.rte=1                 | algorithms[0].rte: unknown key 'rte'; did you mean 'rate'? There are: \
            counterfactual, fault, millis, rate
            algoritms=[]                          | algoritms: unknown key 'algoritms'; did you mean 'algorithms'? There are:
            algorithms.near.rate=often            | experiment.yaml with --set: algorithms[0].rate: expected a number, found \
            'often'
            algorithms.near.rate=[1]              | algorithms[0].rate: expected a number, found a list
            algorithms=[{id: icr, counterfactual: masq}] | algorithms[0].counterfactual.id: no counterfactual is called 'masq'; \
            did you mean 'mask'? There are:
            algorithms=[{id: dpo, preferences: {id: jsonl, file: none.jsonl}}] | algorithms[0].preferences.file: there is no \
            file /
            algorithms.near.rate=-1               | algorithms[0]: rate is -1.0; at least 0
            algorithms.near.budget={responses: 0} | algorithms[0].budget: responses is 0; at least 1
            algorithms.near.reward={owne: 1}      | algorithms[0].reward.owne: unknown key 'owne'; did you mean 'own'?
            trainPartner.helpful=1.5              | trainPartner: helpful is 1.5
            seeds=[]                              | seeds is empty; at least one whole number
            seeds=[1, 1]                          | seeds is [1, 1]; no seed may occur twice
            seeds=[one]                           | seeds[0]: expected a whole number, found 'one'
            seeds=3                               | seeds: expected a list, found '3'
            algorithms.far.label=near             | algorithms[1].label: 'near' is used twice
            algorithms.far.label=test-walk        | algorithms: the label 'test-walk' also names a row of its own (start)
            algorithms.far.label=a/b              | algorithms[1].label: found 'a/b'; a label starts with a letter or digit
            algorithms.3.rate=1                   | --set algorithms.3.rate: there is no '3' in this list; there are: near, far, \
            or 0 to 1
            algorithms.nea.rate=1                 | --set algorithms.nea.rate: there is no 'nea' in this list; did you mean \
            'near'?
            name.first=x                          | name: expected a text, found a mapping
            workers=0                             | workers: found 0; a whole number, at least 1, or auto
            cellMinutes=0                         | cellMinutes is 0.0; above 0 and below 1000000, or left out
            checkpointMinutes=-1                  | checkpointMinutes is -1.0; at least 0 and below 1000000
            evaluation.split=train                | evaluation: split is train; dev for choices, test for what is reported
            evaluation.split=tset                 | evaluation.split: expected one of train, dev, test, found 'tset'
            evaluation.partners=[helpfull]        | evaluation.partners[0].id: no intervention agent is called 'helpfull'; did \
            you mean 'helpful'?
            evaluation.partners=[{label: training, id: helpful}] | evaluation: partners has the label training
            evaluation.counterfactual=maks        | evaluation.counterfactual.id: no counterfactual is called 'maks'; did you \
            mean 'mask'?
            policy=mlpp                           | policy.id: no policy is called 'mlpp'; did you mean 'mlp'?
            grid={trainPartner.helpful: 0.3}      | grid.trainPartner.helpful: found 0.3; a list of at least one value
            grid={trainPartner.helpful: [0.3, 2]} | grid, at {trainPartner.helpful=2}: trainPartner: helpful is 2.0
            grid={seeds: [[1]]}                   | grid.seeds: only tasks, policy
            tasks=[]                              | tasks is empty; at least one
            tasks.wason.rounds=-2                 | tasks[0]: rounds is -2
            tasks=[{id: test-oral}]               | tasks[0]: this task's dialogues cannot be scored: dialogue log of episode ?: \
            schema is ; this version reads 1. Episodes.log()
            tasks=[{id: test-oral, form: short}]  | tasks[0]: this task's dialogues cannot be scored: one episode of 1 rounds \
            has a log of 0
            tasks=[{id: test-oral, form: moody}]  | episode 0, rounds[0]: solution is ["
            tasks=[{id: test-oral, form: hoarse}] | tasks[0]: this task's first episode cannot be played: IllegalStateException: \
            no voice
            name                                  | --set name: expected path=value
            """)
    void isRefusedWithItsPlace(String setting, String message) throws IOException {
        Path experiment = Cli.write(folder, Cli.WALK);
        Path out = folder.resolve("out");
        refused(message, "run", experiment.toString(), "--out", out.toString(), "--set", setting);
        assertFalse(Files.exists(out));
    }

    /** A policy that cannot serve is refused before a cell begins: each would fail alone otherwise. */
    @Test
    void policiesThatCannotServe() throws IOException {
        Path model = folder.resolve("model");
        Path adapter = Path.of(MODELS, "qwen3", "adapter").toAbsolutePath().normalize();
        Path index = model.resolve("model.safetensors.index.json");
        Path weights = model.resolve("model.safetensors");
        Path tokenizer = model.resolve("tokenizer.json");
        refusedModel("policy.path: there is no folder " + model);
        refusedModel("policy.id: mlp answers with choices out of lists, and this task wants free text: give the task press: "
                + "none, or take a transformer or a causal-lm", "policy=mlp");
        refusedModel("frozen[0].id: mlp answers with choices", "policy=transformer", "frozen=[{label: small, id: mlp}]");
        refusedModel("policy.context: a context of 8 tokens has no room for a response of",
                "policy={id: transformer, context: 8}");
        copyModel(model);
        refusedModel("policy.layers: layers is 99; the model has 3", "policy.layers=99");
        refusedModel("policy.targetModules: targetModules has 'c_attn'; there are: q_proj, k_proj",
                "policy.targetModules=[c_attn]");
        refusedModel("policy.context: a context of 40 tokens has no room for a prompt and a response of 40; at least 3 more",
                "policy.context=40", "policy.maxResponse=40");
        refusedModel("policy.context: the context is 1000000; the model was made for", "policy.context=1000000");
        refusedModel("policy.id: causal-lm answers in words, and this task wants choices out of lists: give the task press: full",
                "tasks.wason.press=none");
        refusedModel("frozen[0].id: causal-lm answers in words", "tasks.wason.press=none", "policy=mlp",
                "frozen=[{label: model, id: causal-lm, path: " + model + "}]");
        refusedModel("grid, at {policy.layers=4}: policy.layers: layers is 4; the model has 3", "grid={policy.layers: [1, 4]}");
        refusedModel("algorithms[0].policy.layers: layers is 4; the model has 3", "algorithms=[{id: ppo, policy: {layers: 4}}]");
        refusedModel("policy.adapter: " + adapter, "policy.adapter=" + adapter);
        refusedModel("policy.adapter: there is no folder ", "policy.adapter=" + model.resolve("adapter"));
        refusedModel("policy.rank: found 8, which is for new adapters, and " + adapter
                + " says its own; leave rank out, or leave adapter out", "policy.adapter=" + adapter, "policy.rank=8");
        refusedModel("policy.layers: found 1, which is for new adapters, and train: full makes none; leave layers out, or set "
                + "train: lora", "policy.train=full", "policy.layers=1");
        refusedModel("policy.train: full trains every weight, and " + adapter + " is trained by lora",
                "policy.adapter=" + adapter, "policy.train=full");
        refusedModel("policy.sha256: " + model + " is ", "policy.sha256=00ff");

        Files.writeString(model.resolve("chat_template.jinja"), "{{ messages.__class__ }}");
        refusedModel("policy.path: " + model.resolve("chat_template.jinja") + ", line 1: '__class__' is refused");
        Files.delete(model.resolve("chat_template.jinja"));
        String tokens = Files.readString(tokenizer);
        Files.writeString(tokenizer, tokens.replaceFirst("\"added_tokens\": *\\[", "$0{\"id\": 99999, \"content\": \"<more>\", "
                + "\"single_word\": false, \"lstrip\": false, \"rstrip\": false, \"normalized\": false, \"special\": true},"));
        refusedModel("policy.path: " + tokenizer + " has 100000 tokens, but the model has only ");
        Files.delete(tokenizer);
        refusedModel("policy.path: " + tokenizer + ": a checkpoint has its tokenizer in this form");
        Files.writeString(tokenizer, tokens);

        byte[] content = Files.readAllBytes(weights);
        Files.write(weights, Arrays.copyOf(content, content.length - 1));
        refusedModel("policy.path: " + weights + " was cut off");
        Files.delete(weights);
        refusedModel("policy.path: " + model + " has neither model.safetensors nor model.safetensors.index.json");
        Files.writeString(index, "{\"weight_map\": {\"lm_head.weight\": \"model-00001-of-00002.safetensors\"}}");
        refusedModel("policy.path: " + model.resolve("model-00001-of-00002.safetensors") + ": a shard that ");
        Files.writeString(index, "{\"weight_map\": ");
        refusedModel("policy.path: " + index + " is not JSON");
        Files.writeString(model.resolve("config.json"), "{\"model_type\": \"gpt2\", \"architectures\": [\"GPT2LMHeadModel\"]}");
        Files.delete(index);
        refusedModel("GPT2LMHeadModel");
        Files.delete(model.resolve("config.json"));
        refusedModel("policy.path: " + model.resolve("config.json") + ": a folder of a pretrained model has a config.json");
    }

    private void refusedModel(String message, String... settings) throws IOException {
        Path experiment = Cli.write(folder, """
                name: model
                seeds: [1]
                tasks:
                  - {label: wason, id: wason, press: full, rounds: 2, participants: 2}
                policy: {id: causal-lm, path: %s}
                algorithms: [ppo]
                """.formatted(folder.resolve("model")));
        Path out = folder.resolve("out");
        refused(message, Stream.concat(Stream.of("run", experiment.toString(), "--out", out.toString()),
                Stream.of(settings).flatMap(setting -> Stream.of("--set", setting))).toArray(String[]::new));
        assertFalse(Files.exists(out));
    }

    private static void copyModel(Path target) throws IOException {
        Files.createDirectory(target);
        try (Stream<Path> files = Files.list(Path.of(MODELS, "lm-smoke"))) {
            for (Path file : files.toList()) {
                Files.copy(file, target.resolve(file.getFileName()));
            }
        }
    }

    @Test
    void filesThatAreNoExperiments() throws IOException {
        refused("there is no such file", "run", folder.resolve("none.yaml").toString());
        refused("no preset is called 'quikstart'; did you mean 'quickstart'? There are: smoke", "run", "--preset", "quikstart");
        refused("workers cannot be set", "run", "--preset", "mamdp", "--set", "workers=2");
        refused("seeds: expected a whole number, found \"a\"", "run", "--preset", "mamdp", "--set", "seeds=[a]");
        refused("seeds is 3; a list", "run", "--preset", "mamdp", "--set", "seeds=3");
        refused("is not continued", "run", "--preset", "mamdp", "--resume");
        refused("run needs an experiment", "run");
        refused("not YAML", "run", Cli.write(folder, "name: [").toString());
        refused("found nothing", "run", Cli.write(folder, "").toString());
        refused("Duplicate field 'name'", "run", Cli.write(folder, "name: a\nname: b\n").toString());
        refused("Unknown option: '--ot'", "run", "--preset", "smoke", "--ot", "x");
        refused("is a folder; name a file, such as ", "run", folder.toString());
        refused("is not a text in UTF-8", "run", Files.write(folder.resolve("bytes.yaml"), new byte[] {(byte) 0xff, 0})
                .toString());
        refused("--out is empty", "run", "--preset", "smoke", "--out", "");
        Path taken = Files.createDirectory(folder.resolve("taken"));
        Files.writeString(taken.resolve("notes"), "");
        refused("holds notes; name a new or empty folder", "run", "--preset", "mamdp", "--out", taken.toString());
        refused("holds no run", "report", folder.toString());
        refused("' is no path: Nul character not allowed; name a folder or a file", "audit", "mine=no\0path");
        Path log = Files.writeString(folder.resolve("log.jsonl"), "{}\nnonsense\n");
        refused("log.jsonl, line 1:", "score", log.toString());
        Files.writeString(log, "{\n}\n");
        refused("for Object; a dialogue log holds one JSON object a line", "score", log.toString());
    }

    @Test
    void foldersThatCannotBeUsed() throws IOException {
        Path experiment = Cli.write(folder, Cli.WALK);
        String[] small = {"--set", "algorithms=[]", "--set", "seeds=[1]", "--set", "workers=1"};
        Path run = folder.resolve("run");
        assertEquals(0, Cli.run(args(experiment, run, small)).code());
        Map<String, String> before = Runs.finished(run);

        refused("holds a run already; continue it with --resume", args(experiment, run, small));
        refused("evaluation.episodes is 20 there and 30 here", args(experiment, run, "--resume", "--set", "algorithms=[]",
                "--set", "seeds=[1]", "--set", "evaluation.episodes=30"));
        refused("there is a file of this name", args(experiment, experiment, small));
        Path other = Files.createDirectories(folder.resolve("other"));
        Files.writeString(other.resolve("thesis.tex"), "");
        refused("holds thesis.tex but no run", args(experiment, other, small));
        refused("--resume: there is no run to continue in " + other + "; to start one, leave out --resume",
                args(experiment, other, "--resume"));
        refused("there is no run to continue in " + other
                + "; to start one, leave out --resume and name an experiment: a file, or --preset NAME", "run", "--resume", "--out", other.toString());
        try (FileChannel channel = FileChannel.open(run.resolve(".lock"), StandardOpenOption.WRITE)) {
            channel.lock();
            refused("another process is working in it",
                    args(experiment, run, "--resume", "--set", "algorithms=[]", "--set", "seeds=[1]"));
            Files.delete(run.resolve("report.html"));
            Cli.Result soFar = Cli.run("report", run.toString());
            assertEquals(0, soFar.code());
            assertTrue(soFar.out().contains("working; 3 of 3 rows are finished, and nothing is written"), soFar.out());
            assertTrue(soFar.out().contains("copy-always"), soFar.out());
            assertFalse(Files.exists(run.resolve("report.html")));
        }
        assertEquals(before, Runs.finished(run));
    }

    /** What was being written when a run was killed is no work of somebody else's. */
    @Test
    void aRunThatWasKilledBeforeItBegan() throws IOException {
        Path experiment = Cli.write(folder, Cli.WALK);
        Path run = Files.createDirectories(folder.resolve("run"));
        Path partial = Files.writeString(run.resolve(".experiment.yaml.partial-7"), "na");
        refused("holds .experiment.yaml.partial-7 but no run", args(experiment, run));
        Files.createFile(run.resolve(".lock"));
        Cli.Result result = Cli.run(args(experiment, run, "--set", "algorithms=[]", "--set", "seeds=[1]", "--set", "workers=1"));
        assertEquals(0, result.code(), result.err());
        assertFalse(Files.exists(partial));
    }

    /** The run of a later version is neither read nor written over. */
    @Test
    void formsOfOtherVersions() throws IOException {
        Path run = folder.resolve("run");
        String[] args = args(Cli.write(folder, Cli.WALK), run, "--set", "algorithms=[]", "--set", "seeds=[1]",
                "--set", "workers=1");
        assertEquals(0, Cli.run(args).code());
        args = Runs.begunOrResumed(run, args);
        for (Path file : List.of(run.resolve("plan.json"), Runs.manifests(run).get(0))) {
            String text = Files.readString(file);
            String later = text.replaceFirst("\"schema\" : 1", "\"schema\" : 2");
            assertNotEquals(text, later);
            Files.writeString(file, later);
            refused(file + ": schema is 2; this version of Parley reads 1", args);
            refused(file + ": schema is 2; this version of Parley reads 1", "report", run.toString());
            assertEquals(later, Files.readString(file));
            Files.writeString(file, text);
        }
        assertEquals(0, Cli.run("report", run.toString()).code());
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void foldersThatCannotBeWritten() throws IOException, InterruptedException {
        Path experiment = Cli.write(folder, Cli.WALK);
        refused("--out /proc/parley/run: cannot be used", args(experiment, Path.of("/proc/parley/run")));
        Path locked = Files.createDirectories(folder.resolve("locked"));
        if (System.getProperty("user.name").equals("root")) {
            // Permissions do not bind root; the file system's own mark does, where it knows one.
            assumeTrue(chattr("+i", locked) == 0, "this file system has no immutable folders");
            try {
                refused("--out " + locked + ": cannot be used: " + locked, args(experiment, locked));
                refused("--out " + locked.resolve("run") + ": cannot be used: " + locked,
                        args(experiment, locked.resolve("run")));
            } finally {
                chattr("-i", locked);
            }
            return;
        }
        assertTrue(locked.toFile().setWritable(false));
        refused("permission denied", args(experiment, locked.resolve("run")));
        assertTrue(locked.toFile().setReadable(false));
        refused("permission denied", args(experiment, locked));
    }

    private static int chattr(String change, Path path) throws IOException, InterruptedException {
        return new ProcessBuilder("chattr", change, path.toString()).redirectErrorStream(true).start().waitFor();
    }

    private static String[] args(Path experiment, Path out, String... more) {
        return Stream.concat(Stream.of("run", experiment.toString(), "--out", out.toString()), Stream.of(more))
                .toArray(String[]::new);
    }
}
