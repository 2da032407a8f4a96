package io.parley.tasks.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.Role;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.SegmentKind;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.policy.Policy;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.Counterfactual;
import io.parley.core.task.Demonstration;
import io.parley.core.task.DemonstrationRequest;
import io.parley.core.task.Episodes;
import io.parley.core.task.Split;
import io.parley.core.task.Task;
import io.parley.tasks.language.Act;
import io.parley.tasks.language.Sentence;
import io.parley.tasks.language.Wordings;
import io.parley.tasks.optimum.Reading;
import io.parley.tasks.wason.Play;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.regex.Pattern;
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

class FullPressTest {
    private static final String RECORD = "{'id': 'weights', 'press': 'full', 'rounds': 3, 'visible': 0.5}";
    private static final String SINGLE = "{'id': 'weights', 'press': 'full', 'regime': 'single', 'rounds': 5}";

    /** In the single regime, where one may weigh. */
    private static final Talk TALK = new Talk(3, 3, true);
    private static final Map<String, Integer> SIDES = sides();

    @Test
    void everyClauseIsReadAsWhatItSays() {
        ClaimContent content = new ClaimContent();
        Set<String> clauses = new HashSet<>();
        for (Question question : Question.ALL) {
            for (Relation answer : Relation.values()) {
                Claim claim = new Claim(question, answer);
                assertEquals(claim, content.read(content.write(claim)).orElseThrow());
                assertTrue(clauses.add(content.write(claim)));
            }
        }
        assertEquals(78, clauses.size());
        assertEquals(new Claim(Question.ofText("blue green"), Relation.LIGHTER),
                content.read("green is heavier than blue").orElseThrow());
        assertEquals(new Claim(Question.ofText("blue red"), Relation.EQUAL), content.read("blue weighs 10 g").orElseThrow());
        assertTrue(content.read("red weighs 20 g").isEmpty());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "i think blue is heavier than green. | blue green | oppose oppose support | ",
        "i think green is lighter than blue. | blue green | oppose oppose support | ",
        "i think blue weighs 30 g. | blue green | unsure unsure unsure | ",
        "i doubt that blue is heavier than green. | blue green | unsure unsure unsure | ",
        "i think blue weighs 30 g. i was wrong, blue weighs less than 30 g. | blue 30 | support oppose oppose | ",
        "i think blue weighs 30 g. weigh red and blue against purple. | blue 30 | oppose support oppose | red+blue purple",
        "weigh green and blue against red. | blue 30 | unsure unsure unsure | blue+green red",
        "weigh blue against red! | blue 30 | unsure unsure unsure | blue red",
        "Weigh blue  and   green against red !  i think blue  weighs 30 g . | blue 30 | oppose support oppose | blue+green red",
        "i think blue weighs 30 g. weigh blue against blue. okay. | blue 30 | oppose support oppose | blue blue",
    })
    void stancesAreWhatIsSaidLastAboutTheQuestion(String said, String question, String stances, String weighed) {
        Script.Answer answer = TALK.read(said, Question.ofText(question));
        assertTrue(answer.parsed());
        assertEquals(stances, Stances.text(answer.action().stances()));
        String loads = weighed == null ? "nothing nothing" : weighed;
        assertEquals(stances + " " + loads, answer.action().text(true));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "blue is heavier than green.", "support oppose oppose", "i think blue is heavier.", "i think blue heavier than green.",
        "i think blue is heavier than.", "i think is heavier than green.", "i think blue is heavier than green and purple.",
        "i think blue is heavier than green and green is heavier than purple.",
        "i think blue is heavier than green, green is heavier than purple.", "i think blue is heavier than orange.",
        "i think blue is heavier than blue.", "i think blue is not heavier than green.",
        "i do not think blue is heavier than green.", "i think blue is lighter or as heavy as green.",
        "i think blue is heavier than 30 g.", "i think blue weighs more than green.", "i think blue weighs 60 g.",
        "i think blue weighs 30.", "i think blue weighs thirty g.", "i think red weighs 20 g.",
        "i think blue and green are lighter than purple.", "i think blue is heavier than green",
        "i agree because it fits what we know.", "i think that i think blue is heavier than green.",
        "ann: i think blue is heavier than green.", "partner: surely blue is heavier than green.",
        "the scale shows that blue is heavier than green.", "compare blue with green.", "nobody knows.", "- - -",
        "i think blue is heavier than green. i think blue.", "i think we turn card one.",
        "weigh blue.", "weigh blue against.", "weigh against red.", "weigh blue against orange.", "weigh 10 g against blue.",
        "weigh blue and blue against red.", "weigh blue and green and red against purple.", "weigh blue, green against red.",
        "weigh blue against red against green.", "weigh blue against red", "weigh blue against red?",
        "weigh blue against nothing.", "i weigh blue against red.", "do not weigh blue against red.",
        "weigh blue against red. weigh blue against green.", "weigh blue against red, i think blue is heavier than green.",
        "i think blue is heavier than green, weigh red against purple.", "weigh blue against red. blue is heavier than green.",
        "i think weigh red against purple. blue is heavier than green."
    })
    void plausibleNonsenseIsRefused(String said) {
        assertEquals(new Script.Answer(Action.say(Stances.UNSURE), false, List.of()),
                TALK.read(said, Question.ofText("blue green")));
    }

    @Test
    void everyTemplateReadsBackExactlyWithEveryClaim() {
        List<Claim> claims = Question.ALL.stream().flatMap(question ->
                Arrays.stream(Relation.values()).map(answer -> new Claim(question, answer))).toList();
        int read = 0;
        for (Act act : Act.values()) {
            for (String template : Wordings.all(act)) {
                for (Claim claim : claims) {
                    String said = Talk.GRAMMAR.write(template, act.hasContent() ? claim : null);
                    for (Question asked : Question.ALL) {
                        boolean answers = act.takesStance() && asked == claim.question();
                        assertEquals(meant(List.of(act), answers ? claim.answer() : null, 0, 0), TALK.read(said, asked), said);
                        read++;
                    }
                }
            }
        }
        assertEquals(Arrays.stream(Act.values()).mapToInt(act -> Wordings.all(act).size()).sum() * 78 * 26, read);
    }

    @Test
    void everyWayToSayWhatToWeighReadsBackExactly() {
        Set<String> ways = new HashSet<>();
        for (Map.Entry<String, Integer> left : SIDES.entrySet()) {
            for (Map.Entry<String, Integer> right : SIDES.entrySet()) {
                String said = "weigh " + left.getKey() + " against " + right.getKey() + ".";
                assertEquals(meant(List.of(), null, left.getValue(), right.getValue()), TALK.read(said, Question.ALL.get(0)));
                assertTrue(ways.add(said));
            }
        }
        assertEquals(625, ways.size());
        // What a demonstrator says is among them.
        for (Weighing weighing : Weighing.ALL) {
            Action action = new Action(Stances.ofAnswer(Relation.EQUAL), weighing.left(), weighing.right());
            String said = TALK.answer(Question.ALL.get(0), action, -1, -1, new SplittableRandom(1));
            assertTrue(ways.contains(said.substring(said.indexOf("weigh "))), said);
        }
    }

    @Property(tries = 500)
    void utterancesReadBackHoweverTheyAreSpaced(@ForAll long seed, @ForAll @IntRange(min = 1, max = 5) int length) {
        SplittableRandom random = new SplittableRandom(seed);
        Question asked = any(Question.ALL, random);
        int weighs = random.nextInt(2 * length);
        List<Act> acts = new ArrayList<>();
        Relation answer = null;
        int left = 0;
        int right = 0;
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            if (i == weighs) {
                String one = any(List.copyOf(SIDES.keySet()), random);
                String other = any(List.copyOf(SIDES.keySet()), random);
                left = SIDES.get(one);
                right = SIDES.get(other);
                text.append("weigh ").append(one).append(" against ").append(other).append(". ");
            }
            Act act = any(List.of(Act.values()), random);
            Question about = random.nextBoolean() ? asked : any(Question.ALL, random);
            Claim claim = new Claim(about, any(List.of(Relation.values()), random));
            acts.add(act);
            answer = act.takesStance() && about == asked ? claim.answer() : answer;
            text.append(Talk.GRAMMAR.write(any(Wordings.all(act), random), act.hasContent() ? claim : null)).append(' ');
        }
        Script.Answer meant = meant(acts, answer, left, right);
        String plain = text.toString();
        String apart = plain.replaceAll("([.,:?])", " $1").replace(" ", random.nextBoolean() ? "  " : "\n\t");
        String close = plain.replace(". ", ".").strip();
        for (String said : List.of(plain, plain.toUpperCase(Locale.ROOT), apart, close, plain.replace('.', '!'))) {
            assertEquals(meant, TALK.read(said, asked), said);
        }
    }

    @Property
    void neverThrows(@ForAll String text) {
        Question.ALL.forEach(question -> TALK.read(text, question));
    }

    @Property
    void aSoupOfItsOwnWordsIsReadIfEachOfItsSentencesIs(@ForAll("soups") String text) {
        Question asked = Question.ofText("blue green");
        List<Script.Answer> each = Pattern.compile("[^.?!]*[.?!]|[^.?!]+$").matcher(text).results()
                .filter(sentence -> !sentence.group().isBlank()).map(sentence -> TALK.read(sentence.group(), asked)).toList();
        boolean all = !each.isEmpty() && each.stream().allMatch(Script.Answer::parsed)
                && each.stream().filter(answer -> answer.action().left() != 0).count() <= 1;
        Script.Answer read = TALK.read(text, asked);
        assertEquals(all, read.parsed(), text);
        assertEquals(all ? each.stream().flatMap(answer -> answer.acts().stream()).toList() : List.of(), read.acts());
    }

    /** Words in any order, with whole sentences among them so that some soups are read. */
    @Provide
    Arbitrary<String> soups() {
        Arbitrary<String> words = Arbitraries.of(TALK.spec().words());
        Arbitrary<String> sentences = Arbitraries.of("i think blue is heavier than green.", "weigh red against blue and green.",
                "okay.", "i doubt that blue weighs 30 g.");
        return Arbitraries.integers().between(0, 3).flatMap(rare ->
                Arbitraries.frequencyOf(Tuple.of(rare, words), Tuple.of(4, sentences)).list().ofMaxSize(12))
                .map(said -> String.join(" ", said));
    }

    private static Script.Answer meant(List<Act> acts, Relation answer, int left, int right) {
        return new Script.Answer(new Action(Stances.ofAnswer(answer), left, right), true, acts);
    }

    private static <T> T any(List<T> list, SplittableRandom random) {
        return list.get(random.nextInt(list.size()));
    }

    /** One or two blocks, these in both orders. */
    private static Map<String, Integer> sides() {
        Map<String, Integer> sides = new TreeMap<>();
        for (Block one : Block.values()) {
            for (Block other : Block.values()) {
                sides.put(one == other ? one.word() : one.word() + " and " + other.word(), one.bit() | other.bit());
            }
        }
        return sides;
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "blue", "i think blue is heavy.", "weigh orange against red.",
            "i think blue weighs 30 g. weigh blue"})
    void whatCannotBeReadCosts(String said) {
        Episodes episodes = Play.begin(Play.task(SINGLE), Split.TRAIN, 0, 4, "mixed", 1);
        episodes.step(Collections.nCopies(4, Response.of(said))).forEach(earned -> assertEquals(-0.1, earned.get("own")));
        JsonNode response = episodes.log().get(0).at("/rounds/0/response");
        assertEquals(said, response.get("raw").asText());
        assertEquals(false, response.get("parsed").asBoolean());
        assertEquals("[\"unsure\",\"unsure\",\"unsure\"]", response.get("stances").toString());
    }

    @Test
    void nobodyWeighsWhereNothingWouldComeOfIt() {
        assertEquals(false, new Talk(3, 3, false).read("weigh blue against red.", Question.ALL.get(0)).parsed());
    }

    @ParameterizedTest
    @ValueSource(strings = {RECORD, SINGLE})
    void theSameEpisodeInWordsAndWithoutThem(String json) {
        Task spoken = Play.task(json);
        Task silent = Play.task(json.replace("'press': 'full', ", ""));
        for (Split split : Split.values()) {
            Episodes words = Play.begin(spoken, split, 0, 200, "mixed", 3);
            Episodes stances = Play.begin(silent, split, 0, 200, "mixed", 3);
            while (!words.done()) {
                for (int i = 0; i < 200; i++) {
                    Reading one = WeightsReader.read(words.prompts().get(i), spoken.text());
                    Reading other = WeightsReader.read(stances.prompts().get(i), silent.text());
                    assertEquals(other.record(), one.record());
                    assertEquals(other.open().size(), one.open().size());
                    String place = other.suggestion() == null ? "none" : String.valueOf(other.open().indexOf(other.suggestion()));
                    assertEquals(place, one.suggestion() == null ? "none" : String.valueOf(one.open().indexOf(one.suggestion())));
                }
                boolean weighs = ((Weights) spoken).weighs();
                words.step(Collections.nCopies(200, Response.of(weighs ? "weigh blue and red against green." : "i see.")));
                stances.step(Collections.nCopies(200, Response.of("unsure unsure unsure" + (weighs ? " red+blue green" : ""))));
            }
            List<ObjectNode> spokenLogs = words.log();
            List<ObjectNode> silentLogs = stances.log();
            for (int i = 0; i < 200; i++) {
                for (int round = 0; round < spoken.rounds(); round++) {
                    for (String field : List.of("question", "weights", "weighings", "evidence", "stances", "submission")) {
                        String place = "/rounds/" + round + "/" + field;
                        assertEquals(silentLogs.get(i).at(place), spokenLogs.get(i).at(place));
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {RECORD, SINGLE})
    void demonstrationsAreReadAsMeantAndFit(String json) {
        Task task = Play.task(json);
        Task silent = Play.task(json.replace("'press': 'full', ", ""));
        TextSpec text = task.text();
        Set<String> known = new HashSet<>(text.words());
        boolean weighs = ((Weights) task).weighs();
        int weighed = 0;
        DemonstrationRequest request =
                new DemonstrationRequest(2000, 0.3, Play.partner("mixed"), List.of(), new RandomStreams(2));
        List<Demonstration> all = task.demonstrations(request);
        List<Demonstration> meant = silent.demonstrations(request);
        for (int i = 0; i < all.size(); i++) {
            Demonstration demonstration = all.get(i);
            Prompt prompt = demonstration.prompt();
            String question = prompt.segments().stream()
                    .filter(s -> s.kind() == SegmentKind.QUESTION && s.round() == prompt.round()).findFirst()
                            .orElseThrow().text();
            Script.Answer answer = ((Weights) task).script.read(demonstration.response().text(), Talk.ofQuestion(question));
            assertTrue(answer.parsed(), demonstration.response().text());
            assertEquals(meant.get(i).response().text(), answer.action().text(weighs), demonstration.response().text());
            List<String> suggestion = WeightsReader.read(meant.get(i).prompt(), silent.text()).suggestion();
            String said = Action.say(answer.action().stances()).text(weighs);
            boolean takesOver = suggestion != null && said.equals(String.join(" ", suggestion));
            assertEquals(takesOver ? Act.AGREE : Act.ASSERT, answer.acts().get(answer.acts().size() - 1));
            weighed += answer.action().left() != 0 ? 1 : 0;
            int words = 0;
            int system = 0;
            for (Segment segment : prompt.segments()) {
                List<String> here = text.split(segment.text());
                assertTrue(known.containsAll(here), segment.text());
                words += segment.role() == Role.SYSTEM ? 0 : here.size();
                system += segment.role() == Role.SYSTEM ? here.size() : 0;
            }
            assertTrue(words <= text.maxDialogueWords() && system <= text.maxSystemWords());
            assertTrue(known.containsAll(text.split(demonstration.response().text())), demonstration.response().text());
        }
        assertEquals(2000, all.size());
        assertEquals(weighs ? 0.5 : 0, (double) weighed / all.size(), 0.05);
    }

    /** After all 26 pairs. */
    @Test
    void whoAnswersAPairAgainAndOtherwiseTakesTheFormerAnswerBack() {
        Task task = Play.task("{'id': 'weights', 'press': 'full', 'regime': 'single', 'rounds': 30}");
        Map<Question, Relation> said = new HashMap<>();
        int repairs = 0;
        for (Demonstration demonstration : task.demonstrations(
                new DemonstrationRequest(3000, 0.3, Play.partner("mixed"), List.of(), new RandomStreams(2)))) {
            if (demonstration.prompt().round() == 1) {
                said.clear();
            }
            List<Sentence<Claim>> sentences = Talk.GRAMMAR.parse(demonstration.response().text().replaceAll(" weigh .*", ""));
            Sentence<Claim> last = sentences.get(sentences.size() - 1);
            Relation former = said.put(last.content().question(), last.content().answer());
            boolean otherwise = former != null && former != last.content().answer();
            assertEquals(otherwise, last.act() == Act.REPAIR, demonstration.response().text());
            repairs += otherwise ? 1 : 0;
        }
        assertTrue(repairs > 50, repairs + " of 400 answers to a pair that was asked before");
    }

    /** A remark about other blocks would say nothing on the question. */
    @ParameterizedTest
    @ValueSource(strings = {RECORD, SINGLE})
    void aSwappedRemarkIsAboutTheSameQuestion(String json) {
        Task task = Play.task(json);
        Counterfactual swap = Play.counterfactual("swap");
        Episodes episodes = Play.begin(task, Split.TEST, 0, 120, "mixed", 4);
        while (!episodes.done()) {
            List<Prompt> prompts = episodes.prompts();
            List<Prompt> cut = swap.cut(prompts, new SplittableRandom(episodes.round()));
            Map<Question, Integer> speaking = new HashMap<>();
            prompts.stream().filter(prompt -> !remark(prompt).equals("-"))
                    .forEach(prompt -> speaking.merge(question(prompt), 1, Integer::sum));
            int swapped = 0;
            for (int i = 0; i < prompts.size(); i++) {
                String remark = remark(cut.get(i));
                if (remark.equals("-")) {
                    assertEquals(prompts.get(i), cut.get(i));
                    continue;
                }
                assertTrue(Talk.suggested(remark.substring(Talk.PARTNER.length()), question(prompts.get(i))).isPresent(), remark);
                boolean alone = speaking.get(question(prompts.get(i))) == 1;
                assertTrue(!alone || cut.get(i).equals(prompts.get(i)), remark);
                swapped += cut.get(i).equals(prompts.get(i)) ? 0 : 1;
            }
            assertTrue(swapped > 60, swapped + " of 120 in round " + episodes.round());
            episodes.step(Collections.nCopies(120, Response.of("okay.")));
        }
    }

    private static String remark(Prompt prompt) {
        List<Segment> segments = prompt.segments();
        return segments.get(segments.size() - 1).text();
    }

    private static Question question(Prompt prompt) {
        return Talk.ofQuestion(prompt.segments().stream().filter(s -> s.kind() == SegmentKind.QUESTION)
                .reduce((former, latter) -> latter).orElseThrow().text());
    }

    @ParameterizedTest
    @ValueSource(strings = {RECORD, SINGLE})
    void scriptedPoliciesSpeak(String json) {
        Task task = Play.task(json);
        for (String id : List.of("evidence-only", "record-optimal", "copy-always")) {
            try (Policy policy = Play.policy(PluginSpec.of(id), task)) {
                for (ObjectNode log : Play.logs(task, policy, Split.TEST, 0, 100, "misleading", 3)) {
                    for (JsonNode round : log.get("rounds")) {
                        assertTrue(round.at("/response/parsed").asBoolean(), round.toString());
                        boolean right = round.at("/response/stances").equals(round.get("solution"));
                        boolean visible = round.get("evidence").asText().equals("visible");
                        boolean spoken = !round.get("intervention").isNull();
                        if (id.equals("copy-always")) {
                            assertTrue(!spoken || round.at("/response/stances").equals(round.at("/intervention/suggestion")));
                        } else {
                            assertTrue(!visible || right, round.toString());
                        }
                    }
                }
            }
        }
    }
}
