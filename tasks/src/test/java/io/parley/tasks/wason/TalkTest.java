package io.parley.tasks.wason;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.SegmentKind;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.policy.Policy;
import io.parley.core.policy.SamplingConfig;
import io.parley.core.policy.ScoreRequest;
import io.parley.core.policy.Scores;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.Demonstration;
import io.parley.core.task.DemonstrationRequest;
import io.parley.core.task.EpisodeRequest;
import io.parley.core.task.Episodes;
import io.parley.core.task.Intervention;
import io.parley.core.task.Intervention.Tone;
import io.parley.core.task.InterventionAgent;
import io.parley.core.task.Split;
import io.parley.core.task.Task;
import io.parley.tasks.language.Act;
import io.parley.tasks.language.Sentence;
import io.parley.tasks.language.Wordings;
import io.parley.tasks.people.Regime;
import io.parley.tasks.scoring.Metric;
import io.parley.tasks.scoring.Scorer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The card selection task in words. */
class TalkTest {
    private static final String RECORD = "{'id': 'wason', 'press': 'full'}";
    private static final String SINGLE = "{'id': 'wason', 'press': 'full', 'regime': 'single'}";
    private static final String LONG = "{'id': 'wason', 'press': 'full', 'rounds': 4, 'visible': 0.5, 'participants': 7}";
    private static final Talk TALK = new Talk(1, 3, Regime.RECORD);

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "I think we turn cards one and four.                                    | turn leave leave turn         | assert",
        "my answer is that we turn cards 4 , 2 and 1 .                          | turn turn leave turn          | assert",
        "i believe that we turn no card.                                        | leave leave leave leave       | assert",
        "i agree that we turn card two because it fits what we know.            | leave turn leave leave        | agree",
        "i doubt that we turn cards one and two.                                | unsure unsure unsure unsure   | challenge",
        "are you sure that we turn cards one and two? i think we turn card one. "
                + "| turn leave leave leave        | challenge assert",
        "i think we turn card one. i see. i was wrong, we turn cards two and four. "
                + "| leave turn leave turn     | assert acknowledge repair",
        "i think we turn card one. i doubt that we turn card one.               | turn leave leave leave        "
                + "| assert challenge",
        "okay. what is the evidence?                                            | unsure unsure unsure unsure  "
                + " | acknowledge ask",
    })
    void theLastStanceOfAnUtteranceCounts(String said, String stances, String acts) {
        Script.Answer answer = TALK.read(said);
        assertTrue(answer.parsed());
        assertEquals(stances, Stances.text(answer.code()));
        assertEquals(List.of(acts.split(" ")), answer.acts().stream().map(Act::toString).toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "we turn cards one and four.", "turn leave leave turn", "i think cards one and four.", "i think we turn cards one.",
        "i think we turn card one and four.", "i think we turn cards one four.", "i think we turn cards one and one.",
        "i think we turn cards one and five.", "i think we turn cards one, two.", "i think we turn cards one, and two.",
        "i think we turn cards and.", "i think we turn cards one and two and three.", "i think we turn.",
        "i think we turn cards.",
        "i think we turn cards A and 4.", "i think we turn card no.", "i think we do not turn card one.",
        "i think we turn card one",
        "i think that i think we turn card one.", "i agree because it fits what we know.",
        "i think we turn cards one, two, three.",
        "we we we.", "- - -", "partner: surely we turn cards one and two.", "i think we turn card 11.", "i think we turn card 5.",
        "i think we turn all cards.", "ann: i think we turn card one.", "i think we turn card one. i think we turn card."
    })
    void plausibleNonsenseIsRefused(String said) {
        Script.Answer answer = TALK.read(said);
        assertFalse(answer.parsed());
        assertEquals("unsure unsure unsure unsure", Stances.text(answer.code()));
        assertEquals(List.of(), answer.acts());
    }

    @Property(tries = 200)
    void selectionsReadBackAsThemselves(@ForAll @IntRange(max = 15) int selection, @ForAll String other) {
        CardContent content = new CardContent();
        assertEquals(selection, content.read(content.write(selection)).orElseThrow());
        assertTrue(content.read(other).isEmpty() || other.startsWith("we turn "));
        content.read("we turn cards " + other);
    }

    @Test
    void everyTemplateReadsBackExactlyWithEverySelection() {
        int read = 0;
        for (Act act : Act.values()) {
            for (String template : Wordings.all(act)) {
                for (int selection = 0; selection < 16; selection++) {
                    String said = Talk.GRAMMAR.write(template, act.hasContent() ? selection : null);
                    assertEquals(meant(List.of(act), act.takesStance() ? selection : null), TALK.read(said), said);
                    read++;
                }
            }
        }
        assertEquals(Arrays.stream(Act.values()).mapToInt(act -> Wordings.all(act).size()).sum() * 16, read);
    }

    @Property(tries = 500)
    void utterancesReadBackHoweverTheyAreSpaced(@ForAll long seed, @ForAll @IntRange(min = 1, max = 5) int length) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Act> acts = new ArrayList<>();
        Integer stance = null;
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            Act act = Act.values()[random.nextInt(Act.values().length)];
            List<String> templates = Wordings.all(act);
            int selection = random.nextInt(16);
            acts.add(act);
            stance = act.takesStance() ? Integer.valueOf(selection) : stance;
            text.append(Talk.GRAMMAR.write(templates.get(random.nextInt(templates.size())), act.hasContent() ? selection : null))
                    .append(' ');
        }
        String plain = text.toString();
        String apart = plain.replaceAll("([.,:?])", " $1").replace(" ", random.nextBoolean() ? "  " : "\n\t");
        String close = plain.replace(". ", ".").strip();
        for (String said : List.of(plain, plain.toUpperCase(Locale.ROOT), apart, close, plain.replace('.', '!'))) {
            assertEquals(meant(acts, stance), TALK.read(said), said);
        }
    }

    @Property
    void neverThrows(@ForAll String text) {
        TALK.read(text);
    }

    @Property
    void aSoupOfItsOwnWordsIsReadIfEachOfItsSentencesIs(@ForAll("soups") String text) {
        List<Script.Answer> each = Pattern.compile("[^.?!]*[.?!]|[^.?!]+$").matcher(text).results()
                .filter(sentence -> !sentence.group().isBlank()).map(sentence -> TALK.read(sentence.group())).toList();
        boolean all = !each.isEmpty() && each.stream().allMatch(Script.Answer::parsed);
        Script.Answer read = TALK.read(text);
        assertEquals(all, read.parsed(), text);
        assertEquals(all ? each.stream().flatMap(answer -> answer.acts().stream()).toList() : List.of(), read.acts());
    }

    /** Words in any order, with whole sentences among them so that some soups are read. */
    @Provide
    Arbitrary<String> soups() {
        Arbitrary<String> words = Arbitraries.of(TALK.spec().words());
        Arbitrary<String> sentences = Arbitraries.of("i think we turn cards one and four.", "i was wrong, we turn no card.",
                "okay.", "i doubt that we turn card two.");
        return Arbitraries.integers().between(0, 3).flatMap(rare ->
                Arbitraries.frequencyOf(Tuple.of(rare, words), Tuple.of(4, sentences)).list().ofMaxSize(12))
                .map(said -> String.join(" ", said));
    }

    /** @param selection null for no stance */
    private static Script.Answer meant(List<Act> acts, Integer selection) {
        return new Script.Answer(selection == null ? Stances.COUNT - 1 : Stances.ofSelection(selection), true, acts);
    }

    private static Episodes begin(String json, Split split, int count, String partner, long seed) {
        return Play.begin(Play.task(json), split, 0, count, partner, seed);
    }

    /** What the episodes answer depends on episode and round alone: all kinds of utterance, and nonsense. */
    private static List<Response> speak(Episodes episodes, long first) {
        List<String> said = List.of("i think we turn cards one and two.", "how do you know?", "i was wrong, we turn card three.",
                "we turn card three.", "", "i agree that we turn cards one and four because it fits what we know.");
        return IntStream.range(0, episodes.size())
                .mapToObj(i -> Response.of(said.get((int) ((first + i) * 7 + episodes.round()) % said.size()))).toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {RECORD, SINGLE, LONG})
    void anEpisodeDoesNotDependOnItsBatchMatesAndForksAreIndependent(String json) {
        Task task = Play.task(json);
        List<Object> together = trace(task, 0, 12);
        List<Object> apart = new ArrayList<>(trace(task, 0, 1));
        apart.addAll(trace(task, 1, 11));
        assertEquals(together, apart);
        assertNotEquals(together.get(0), together.get(1));
    }

    private static List<Object> trace(Task task, long first, int count) {
        Episodes episodes = Play.begin(task, Split.DEV, first, count, "mixed", 5);
        List<List<Object>> rows = IntStream.range(0, count).<List<Object>>mapToObj(i -> new ArrayList<>()).toList();
        while (!episodes.done()) {
            Episodes fork = episodes.fork();
            fork.step(Collections.nCopies(count, Response.of("i see.")));
            List<Prompt> prompts = episodes.prompts();
            List<Map<String, Double>> rewards = episodes.step(speak(episodes, first));
            IntStream.range(0, count).forEach(i -> rows.get(i).addAll(List.of(prompts.get(i), rewards.get(i))));
        }
        IntStream.range(0, count).forEach(i -> rows.get(i).add(episodes.log().get(i)));
        return new ArrayList<>(rows);
    }

    @ParameterizedTest
    @ValueSource(strings = {RECORD, SINGLE, LONG})
    void promptsAreMadeOfTheAnnouncedWordsAndShort(String json) {
        Task task = Play.task(json);
        TextSpec text = task.text();
        for (Split split : Split.values()) {
            Episodes episodes = Play.begin(task, split, 0, 60, "mixed", 1);
            double words = 0;
            while (!episodes.done()) {
                words = 0;
                for (Prompt prompt : episodes.prompts()) {
                    int here = 0;
                    for (Segment segment : prompt.segments()) {
                        assertTrue(text.words().containsAll(text.split(segment.text())), segment.toString());
                        here += segment.kind() == SegmentKind.RULES ? 0 : text.split(segment.text()).size();
                        if (segment.kind() == SegmentKind.INTERVENTION || segment.kind() == SegmentKind.PARTICIPANTS) {
                            assertEquals(segment.text().toLowerCase(Locale.ROOT), segment.text(),
                                    "symbols are upper case and never named");
                        }
                    }
                    assertTrue(here <= text.maxDialogueWords(), here + " words");
                    words += here / 60.0;
                }
                episodes.step(speak(episodes, 0));
            }
            if (json.equals(SINGLE)) {
                assertTrue(words / 15 < 45, words + " words in 15 rounds");
            }
        }
    }

    /** By hand, with the longest wordings about all four cards, which have 10 words, and speakers' names and colons. */
    @Test
    void aRoundMoreIsAnnouncedWithItsLongestWords() {
        int suggestion = 2 + 7 + 10 + 1;
        int remarks = 3 * (2 + 6 + 10 + 1);
        int outcome = 7;
        assertEquals(suggestion + 7 + 8 + remarks + 40 + outcome,
                new Talk(2, 3, Regime.RECORD).spec().maxDialogueWords() - TALK.spec().maxDialogueWords());
    }

    @Test
    void whatCannotBeReadCostsAPenaltyAndIsLoggedAsItCame() {
        Episodes episodes = begin("{'id': 'wason', 'press': 'full', 'formatPenalty': 0.25}", Split.TEST, 60, "mixed", 3);
        while (!episodes.done()) {
            episodes.step(speak(episodes, 0));
        }
        int unread = 0;
        for (ObjectNode log : episodes.log()) {
            for (JsonNode round : log.get("rounds")) {
                JsonNode response = round.get("response");
                boolean parsed = response.get("parsed").asBoolean();
                boolean right = response.get("stances").equals(round.get("solution"));
                assertEquals(!parsed ? -0.25 : right ? 1 : 0, response.at("/reward/own").asDouble());
                assertEquals(!parsed, response.get("acts").isEmpty());
                if (!parsed) {
                    unread++;
                    assertTrue(List.of("", "we turn card three.").contains(response.get("raw").asText()));
                }
                if (!round.get("intervention").isNull()) {
                    String text = round.at("/intervention/text").asText();
                    List<String> suggestion = new ArrayList<>();
                    round.at("/intervention/suggestion").forEach(stance -> suggestion.add(stance.asText()));
                    assertEquals(Stances.parse(suggestion, "suggestion"),
                            Stances.ofSelection(Talk.suggested(text).orElseThrow()));
                }
            }
        }
        assertTrue(unread > 10);
        Map<String, Metric> metrics = Scorer.score(episodes.log());
        assertEquals(1 - unread / 120.0, metrics.get("parsed").value(), 1e-9);
        assertEquals(120, metrics.get("parsed").count());
        double assertions = metrics.get("acts.assert").value();
        double others = metrics.get("groundingActs").value();
        assertEquals(2 - 2 * unread / 120.0, assertions + others, 1e-9);
        assertEquals(others, metrics.get("acts.agree").value() + metrics.get("acts.ask").value()
                + metrics.get("acts.repair").value(), 1e-9);
        assertEquals(0, metrics.get("acts.challenge").value());
        assertFalse(Scorer.score(Play.logs(Play.task("wason"), Play.policy(PluginSpec.of("copy-always"), Play.task("wason")),
                Split.DEV, 0, 5, "mixed", 1)).containsKey("parsed"));
    }

    @Test
    void aPartnersOwnWordsAreShown() {
        Task task = Play.task(RECORD);
        InterventionAgent partner = (view, streams) ->
                new Intervention(view.trueSuggestion(), Tone.HESITANT, "Why not the FIRST two?");
        Episodes episodes = task.begin(new EpisodeRequest(Split.TEST, 0, 2, partner, new RandomStreams(1)));
        Segment shown = episodes.prompts().get(0).segments().stream().filter(s -> s.kind() == SegmentKind.INTERVENTION)
                .findFirst().get();
        assertEquals("partner: why not the first two?", shown.text());
        assertEquals(null, WasonReader.read(episodes.prompts().get(0)).suggestion());
    }

    @Test
    void counterfactualsCutWhatIsSaid() {
        Episodes episodes = begin(SINGLE, Split.TRAIN, 200, "mixed", 2);
        while (episodes.round() < 4) {
            episodes.step(speak(episodes, 0));
        }
        List<Prompt> prompts = episodes.prompts();
        List<Prompt> masked = Play.counterfactual("mask").cut(prompts, new SplittableRandom(1));
        List<Prompt> swapped = Play.counterfactual("swap").cut(prompts, new SplittableRandom(1));
        List<Prompt> all = Play.counterfactual("{'id': 'mask', 'turns': 'all'}").cut(prompts, new SplittableRandom(1));
        int silent = 0;
        for (int i = 0; i < prompts.size(); i++) {
            assertNotEquals(null, WasonReader.read(prompts.get(i)).open());
            assertEquals(null, WasonReader.read(masked.get(i)).suggestion());
            assertTrue(all.get(i).segments().stream().filter(s -> s.kind() == SegmentKind.INTERVENTION)
                    .allMatch(s -> s.text().matches("-( -)*")));
            if (WasonReader.read(prompts.get(i)).suggestion() == null) {
                silent++;
                assertSame(prompts.get(i), swapped.get(i));
                assertEquals("-", prompts.get(i).segments().get(prompts.get(i).segments().size() - 1).text());
            } else {
                assertNotEquals(null, WasonReader.read(swapped.get(i)).suggestion());
            }
        }
        assertEquals(0.15 * 200, silent, 20);
    }

    @Test
    void scriptedPoliciesEarnInWordsWhatTheyEarnWithout() {
        for (String id : List.of("copy-always", "evidence-only", "record-optimal")) {
            for (String partner : List.of("helpful", "misleading")) {
                Map<String, Metric> words = measure(RECORD, id, partner);
                Map<String, Metric> choices = measure("wason", id, partner);
                assertEquals(1, words.get("parsed").value());
                for (String metric : List.of("accuracy", "mimicry", "overTrust", "ignoring", "reward")) {
                    double expected = choices.get(metric).count() == 0 ? -1 : choices.get(metric).value();
                    double found = words.get(metric).count() == 0 ? -1 : words.get(metric).value();
                    assertEquals(expected, found, 0.05, id + " with " + partner + ", " + metric);
                }
            }
        }
    }

    private static Map<String, Metric> measure(String json, String id, String partner) {
        Task task = Play.task(json);
        try (Policy policy = Play.policy(PluginSpec.of(id), task)) {
            List<ObjectNode> logs = Play.logs(task, policy, Split.TEST, 0, 2000, partner, 12);
            List<ObjectNode> twins = Play.logs(task, policy, Split.TEST, 0, 2000, "silent", 12);
            for (int i = 0; i < logs.size(); i++) {
                Scorer.mergeTwin(logs.get(i), twins.get(i));
            }
            return Scorer.score(logs);
        }
    }

    @Test
    void whatAScriptedPolicyScoresIsWhatItSays() {
        Task task = Play.task(SINGLE);
        for (String id : List.of("copy-always", "evidence-only", "record-optimal")) {
            try (Policy policy = Play.policy(PluginSpec.of(id), task)) {
                Episodes episodes = Play.begin(task, Split.TRAIN, 0, 10, "mixed", 4);
                for (Prompt prompt : episodes.prompts()) {
                    int n = 3000;
                    List<Prompt> prompts = Collections.nCopies(n, prompt);
                    List<RandomGenerator> streams =
                            IntStream.range(0, n).<RandomGenerator>mapToObj(i -> new RandomStreams(5).stream("s", i, 0, 0))
                                    .toList();
                    List<Response> drawn = policy.sample(prompts, SamplingConfig.standard(), streams);
                    Scores scores = policy.score(prompts, drawn, ScoreRequest.logProbs().withEntropy());
                    Map<String, Double> probabilities = new HashMap<>();
                    Map<String, Integer> counts = new HashMap<>();
                    for (int i = 0; i < n; i++) {
                        assertEquals(drawn.get(i).logProbs()[0], scores.logProbs()[i][0]);
                        probabilities.put(drawn.get(i).text(), Math.exp(scores.logProbs()[i][0]));
                        counts.merge(drawn.get(i).text(), 1, Integer::sum);
                    }
                    assertEquals(1, probabilities.values().stream().mapToDouble(p -> p).sum(), 1e-5);
                    double entropy = probabilities.values().stream().mapToDouble(p -> -p * Math.log(p)).sum();
                    assertEquals(entropy, scores.entropy()[0][0], 1e-5);
                    probabilities.forEach((text, p) ->
                            assertEquals(p, (double) counts.get(text) / n, 4.5 * Math.sqrt(p * (1 - p) / n) + 1e-6));
                }
            }
        }
    }

    private static List<Demonstration> demonstrations(String json, int count, double conformity) {
        return Play.task(json).demonstrations(new DemonstrationRequest(
                count, conformity, Play.partner("mixed"), List.of(Play.counterfactual("mask")), new RandomStreams(1)));
    }

    /** DeliData: 3.5 of 28.0 messages of a group probe. */
    @ParameterizedTest
    @ValueSource(strings = {RECORD, SINGLE})
    void demonstrationsAreUtterancesThatProbeAsOftenAsPeople(String json) {
        TextSpec text = Play.task(json).text();
        Map<Act, Integer> acts = new EnumMap<>(Act.class);
        for (Demonstration demonstration : demonstrations(json, 20_000, 0.3)) {
            List<Sentence<Integer>> sentences = Talk.GRAMMAR.parse(demonstration.response().text());
            assertFalse(sentences.isEmpty(), demonstration.response().text());
            assertEquals(1, sentences.stream().filter(s -> s.act().takesStance()).count());
            sentences.forEach(sentence -> acts.merge(sentence.act(), 1, Integer::sum));
            assertTrue(text.split(demonstration.response().text()).size() < 40);
        }
        int all = acts.values().stream().mapToInt(n -> n).sum();
        assertEquals(3.5 / 28.0, (acts.get(Act.ASK) + acts.get(Act.CHALLENGE)) / (double) all, 0.01);
        Set<Act> expected = new HashSet<>(List.of(Act.values()));
        if (json.equals(RECORD)) {
            expected.remove(Act.REPAIR);
        }
        assertEquals(expected, acts.keySet());
        assertTrue(acts.values().stream().allMatch(n -> n > 0.03 * all), acts.toString());
    }

    @Test
    void conformityIsAgreeing() {
        int spoken = 0;
        for (Demonstration demonstration : demonstrations(RECORD, 5000, 1)) {
            List<String> suggestion = WasonReader.read(demonstration.prompt()).suggestion();
            if (suggestion != null) {
                spoken++;
                List<Sentence<Integer>> sentences = Talk.GRAMMAR.parse(demonstration.response().text());
                Sentence<Integer> last = sentences.get(sentences.size() - 1);
                assertEquals(Act.AGREE, last.act());
                assertEquals(suggestion, Stances.words(Stances.ofSelection(last.content())));
            }
        }
        assertTrue(spoken > 3000, spoken + " suggestions");
    }
}
