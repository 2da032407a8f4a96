package io.parley.testkit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.dialogue.Role;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.SegmentKind;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.plugin.ConfigurationException;
import io.parley.core.plugin.PluginContext;
import io.parley.core.plugin.PluginSpec;
import io.parley.core.policy.PolicyProvider;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.Demonstration;
import io.parley.core.task.DemonstrationRequest;
import io.parley.core.task.DialogueLog;
import io.parley.core.task.EpisodeRequest;
import io.parley.core.task.Episodes;
import io.parley.core.task.Intervention;
import io.parley.core.task.InterventionAgent;
import io.parley.core.task.PartnerView;
import io.parley.core.task.Split;
import io.parley.core.task.Task;
import io.parley.core.task.TaskProvider;
import io.parley.laboratory.SuggestionBandit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a task promises, with a partner that tells the truth in seven rounds of ten, or {@link #partner}. */
public abstract class TaskContract extends ProviderContract<TaskProvider<?>> {
    private static final int EPISODES = 16;
    /** Of each split; those of two splits meet many times where they are drawn from the same hundred thousand. */
    private static final int INSTANCES = 1000;
    private static final Clause ALONE = new Clause(EpisodeRequest.class,
            "An episode is determined by split, index, partner and streams, never by its batch mates.");
    private static final Clause ROUNDS = new Clause(Episodes.class,
            "The round that is asked, from 1; one more than the number of rounds when #done.");
    private static final Clause ROWS = new Clause(Episodes.class, "Rows keep their order.");
    private static final Clause OVER = new Clause(Episodes.class, "IllegalStateException if done");
    private static final Clause OWN = new Clause(Episodes.class, "The task names its parts, own among them");
    private static final Clause SCORE = new Clause(Episodes.class,
            "What a response would earn in this round, by named part, without advancing.");
    private static final Clause FORK = new Clause(Episodes.class,
            "An independent copy in the same state, with the same streams.");
    private static final Clause LOG = new Clause(Episodes.class, "The dialogue log of each episode so far");
    private static final Clause GROWS = new Clause(Prompt.class, "Prompts of one episode grow by appending");
    private static final Clause WORDS = new Clause(TextSpec.class,
            "every word that can occur in a prompt or a response, without repetition");
    private static final Clause LONG = new Clause(TextSpec.class, "the most words of all other segments together");
    private static final Clause SPLITS = new Clause(Split.class, "The three share no instance.");
    private static final Clause TWIN = new Clause(Task.class,
            "Before anyone has responded, another partner changes nothing but what the partner says");
    private static final Clause VIEW = new Clause(PartnerView.class, "What the partner knows of one episode when it is its turn");
    private static final Clause SHARED = new Clause(Task.class, "Immutable and thread-safe.");
    private static final Clause COUNT = new Clause(DemonstrationRequest.class, "number of (prompt, response) pairs, at least 1");
    private static final Clause SAME = new Clause(Task.class, "The same request gives the same demonstrations.");
    private static final Clause CONFORMITY = new Clause(DemonstrationRequest.class,
            "probability of following the partner's suggestion, in [0, 1]");
    private static final Clause CUT = new Clause(DemonstrationRequest.class,
            "of each dialogue, from its first, at least 1; a dialogue that has fewer is demonstrated whole");
    private static final Clause ANSWERS = new Clause(ResponseFormat.Choices.class, "the words allowed at each position");
    private static final Clause REFERENCES = new Clause(Task.class, "as ids of PolicyProvider with their configuration");

    /** For contracts outside this package to extend. */
    protected TaskContract() {
        super(TaskProvider.class);
    }

    /** Who intervenes. */
    protected InterventionAgent partner() {
        return SuggestionBandit.partner(0.7, 0.1);
    }

    /** The training partner by name, for references that know its prior. */
    protected PluginSpec trainPartner() {
        return PluginSpec.of("bandit-partner");
    }

    /**
     * Whether an episode is about something that belongs to one split, such as a question with its evidence. False for a game
     * that is the same in all of them and only played with other numbers.
     */
    protected boolean hasInstances() {
        return true;
    }

    @Override
    Task make(PluginSpec spec, PluginContext context) {
        return provider().configured(spec, context);
    }

    private Task task() {
        return make(spec(), context(3));
    }

    private EpisodeRequest request(int first, int count) {
        return Play.request(Split.TRAIN, first, count, partner());
    }

    @Test
    void anEpisodeDoesNotDependOnItsBatchMates() {
        Task task = task();
        List<Play.Round> together = Play.all(task, request(0, EPISODES));
        for (int row = 1; row < EPISODES; row += 5) {
            List<Play.Round> alone = Play.all(task, request(row, 1));
            for (int r = 0; r < together.size(); r++) {
                Play.Round all = together.get(r);
                String where = " of episode " + row + ", round " + (r + 1) + ", among others and alone,";
                ALONE.same(all.prompts().get(row), alone.get(r).prompts().get(0), "the prompt" + where);
                ALONE.same(all.strata().get(row), alone.get(r).strata().get(0), "the stratum" + where);
                ALONE.same(all.earned().get(row), alone.get(r).earned().get(0), "what was earned" + where);
            }
        }
    }

    @Test
    void roundsCountFromOneToTheEnd() {
        Task task = task();
        EpisodeRequest request = request(0, 3);
        Episodes episodes = task.begin(request);
        for (int round = 1; round <= task.rounds(); round++) {
            int expected = round;
            ROUNDS.require(!episodes.done() && episodes.round() == round, () -> "in round " + expected + " of " + task.rounds()
                    + " done() is "
                    + episodes.done() + " and round() " + episodes.round());
            Play.Round played = Play.round(task, request, episodes);
            ROWS.require(episodes.size() == 3 && played.prompts().size() == 3 && played.strata().size() == 3
                    && played.earned().size() == 3,
                    () -> "3 episodes have " + played.prompts().size() + " prompts, " + played.strata().size() + " strata and "
                            + played.earned().size() + " rewards; size() is " + episodes.size());
        }
        ROUNDS.require(episodes.done() && episodes.round() == task.rounds() + 1,
                () -> "after " + task.rounds() + " rounds done() is " + episodes.done() + " and round() " + episodes.round());
        OVER.refused(IllegalStateException.class, () -> episodes.step(Play.responses(task, request, 1)),
                "a step after the last round");
    }

    @Test
    void namesAFinitePartOwn() {
        for (Play.Round round : Play.all(task(), request(0, EPISODES))) {
            for (Map<String, Double> parts : round.earned()) {
                OWN.require(parts.containsKey("own") && parts.values().stream().allMatch(Double::isFinite),
                        () -> "the parts are " + parts);
            }
        }
    }

    @Test
    void scoringDoesNotAdvance() {
        Task task = task();
        EpisodeRequest request = request(0, EPISODES);
        Episodes episodes = task.begin(request);
        while (!episodes.done()) {
            int round = episodes.round();
            List<Prompt> prompts = List.copyOf(episodes.prompts());
            List<Response> responses = Play.responses(task, request, round);
            List<Map<String, Double>> scored = episodes.score(responses).stream().map(Map::copyOf).toList();
            SCORE.require(episodes.round() == round && episodes.prompts().equals(prompts), () -> "after score in round " + round
                    + " the round is " + episodes.round() + (episodes.round() == round ? " and the prompts are others" : ""));
            SCORE.same(scored, episodes.score(responses), "the score of the same responses in round " + round);
            List<Map<String, Double>> earned = episodes.step(responses);
            for (int i = 0; i < earned.size(); i++) {
                // Parts that are known at the end are those of ending here, so only in the last round all of them agree.
                Object expected = episodes.done() ? scored.get(i) : scored.get(i).get("own");
                SCORE.same(expected, episodes.done() ? earned.get(i) : earned.get(i).get("own"),
                        "the score and what step gave in round " + round + ", row " + i + ",");
            }
        }
    }

    @Test
    void aForkLeavesTheOriginalAlone() {
        Task task = task();
        EpisodeRequest request = request(0, EPISODES);
        List<Play.Round> expected = Play.all(task, request);
        Episodes original = task.begin(request);
        EpisodeRequest other = new EpisodeRequest(Split.TRAIN, 0, EPISODES, request.partner(), new RandomStreams(12));
        for (int r = 0; r < expected.size(); r++) {
            Episodes fork = original.fork();
            List<ObjectNode> log = Play.copyOf(original.log());
            while (!fork.done()) {
                fork.step(Play.responses(task, other, fork.round()));
            }
            String round = " in round " + (r + 1) + ", before and after a fork was played to its end,";
            FORK.same(log, original.log(), "the log" + round);
            FORK.same(expected.get(r).prompts(), original.prompts(), "the prompts" + round);
            Play.Round played = Play.round(task, request, original);
            FORK.same(expected.get(r).earned(), played.earned(), "what was earned" + round);
        }
    }

    @Test
    void aForkGoesOnAsTheOriginal() {
        Task task = task();
        EpisodeRequest request = request(0, EPISODES);
        Episodes original = task.begin(request);
        while (!original.done()) {
            Episodes fork = original.fork();
            FORK.same(original.prompts(), fork.prompts(),
                    "the prompts of the original and its fork in round " + original.round());
            Play.Round forked = Play.round(task, request, fork);
            Play.Round kept = Play.round(task, request, original);
            FORK.same(kept.earned(), forked.earned(), "what original and fork earned in round " + (original.round() - 1));
            if (!original.done()) {
                FORK.same(original.prompts(), fork.prompts(),
                        "the prompts of the original and its fork in round " + original.round());
            }
        }
    }

    @Test
    void logsEachEpisode() {
        Task task = task();
        EpisodeRequest request = request(0, EPISODES);
        Episodes episodes = task.begin(request);
        for (int played = 1; !episodes.done(); played++) {
            int round = played;
            Play.round(task, request, episodes);
            LOG.require(episodes.log().size() == EPISODES, () -> EPISODES + " episodes have " + episodes.log().size() + " logs");
            for (int i = 0; i < EPISODES; i++) {
                ObjectNode log = episodes.log().get(i);
                LOG.require(log.path("schema").asInt() == DialogueLog.SCHEMA && log.path(DialogueLog.EPISODE).asLong() == i
                                && log.path(DialogueLog.ROUNDS).size() == round,
                        () -> "after " + round + " rounds a log is " + log);
            }
        }
    }

    @Test
    void promptsGrowByAppending() {
        List<Play.Round> rounds = Play.all(task(), request(0, EPISODES));
        for (int r = 1; r < rounds.size(); r++) {
            for (int i = 0; i < EPISODES; i++) {
                List<Segment> earlier = rounds.get(r - 1).prompts().get(i).segments();
                List<Segment> now = rounds.get(r).prompts().get(i).segments();
                GROWS.require(now.size() > earlier.size() && now.subList(0, earlier.size()).equals(earlier), () -> "a prompt of "
                        + earlier.size() + " segments is no beginning of the next round's:\n" + earlier + "\n" + now);
            }
        }
    }

    @Test
    void textsAreAsAnnounced() {
        TextSpec text = task().text();
        Set<String> words = new HashSet<>(text.words());
        for (Play.Round round : Play.all(task(), request(0, EPISODES))) {
            for (Prompt prompt : round.prompts()) {
                int[] lengths = new int[2];
                for (Segment segment : prompt.segments()) {
                    lengths[segment.role() == Role.SYSTEM ? 0 : 1] += text.split(segment.text()).size();
                    for (String word : text.split(segment.text())) {
                        WORDS.require(words.contains(word), () -> "'" + word + "' of '" + segment.text()
                                + "' is not in words()");
                    }
                }
                LONG.require(lengths[0] <= text.maxSystemWords() && lengths[1] <= text.maxDialogueWords(), () -> "a prompt has "
                        + lengths[0]
                        + " words in system segments and " + lengths[1] + " in others; announced are " + text.maxSystemWords()
                        + " and " + text.maxDialogueWords());
            }
        }
        if (text.format() instanceof ResponseFormat.Choices choices) {
            choices.positions().forEach(position -> position.forEach(
                    word -> WORDS.require(words.contains(word),
                            () -> "'" + word + "' of the response format is not in words()")));
        }
    }

    @Test
    void splitsDiffer() {
        Map<List<Object>, Split> seen = new HashMap<>();
        for (Split split : Split.values()) {
            List<Object> episodes = new ArrayList<>();
            for (Play.Round round : Play.all(task(), Play.request(split, 0, 64, partner()))) {
                episodes.add(round.prompts());
                episodes.add(round.earned());
            }
            Split twin = seen.putIfAbsent(episodes, split);
            SPLITS.require(twin == null, () -> "the first 64 episodes of " + twin + " and " + split + " are the same");
        }
        if (!hasInstances()) {
            return;
        }
        Map<List<String>, Split> owners = new HashMap<>();
        for (Split split : Split.values()) {
            for (List<String> instance : instances(split)) {
                Split owner = owners.putIfAbsent(instance, split);
                SPLITS.require(owner == null || owner == split, () -> owner + " and " + split + " both begin an episode with "
                        + instance + ". A task without instances overrides hasInstances()");
            }
        }
    }

    /** What the first rounds of many episodes are about: all that the partner is shown, but for what people say. */
    private Set<List<String>> instances(Split split) {
        Set<List<String>> instances = new HashSet<>();
        task().begin(Play.request(split, 0, INSTANCES, (view, streams) -> {
            instances.add(view.prompt().segments().stream().filter(s -> s.kind() != SegmentKind.PARTICIPANTS)
                    .map(Segment::text).toList());
            return Intervention.SILENCE;
        })).prompts();
        return instances;
    }

    /** What the metrics compare: the same episode with a silent partner. */
    @Test
    void theSilentTwinIsTheSameEpisode() {
        Task task = task();
        EpisodeRequest request = request(0, EPISODES);
        EpisodeRequest silent = Play.request(Split.TRAIN, 0, EPISODES, (view, streams) -> Intervention.SILENCE);
        Play.Round told = Play.round(task, request, task.begin(request));
        Play.Round alone = Play.round(task, silent, task.begin(silent));
        for (int i = 0; i < EPISODES; i++) {
            TWIN.same(world(told.prompts().get(i)), world(alone.prompts().get(i)), "row " + i + ", beside the intervention,");
            TWIN.same(told.strata().get(i), alone.strata().get(i), "the stratum of row " + i);
            TWIN.same(told.earned().get(i).get("own"), alone.earned().get(i).get("own"),
                    "what the same response earned in row " + i);
        }
    }

    private static List<Segment> world(Prompt prompt) {
        return prompt.segments().stream().map(s -> s.kind() == SegmentKind.INTERVENTION ? s.withText("") : s).toList();
    }

    @Test
    void theViewTellsThePartnerWhatItPromises() {
        Task task = task();
        Map<Long, List<Intervention>> said = new HashMap<>();
        InterventionAgent partner = partner();
        Play.all(task, Play.request(Split.TRAIN, 5, EPISODES, (view, streams) -> {
            List<Intervention> earlier = said.computeIfAbsent(view.episode(), e -> new ArrayList<>());
            VIEW.require(view.episode() >= 5 && view.episode() < 5 + EPISODES, () -> "episode " + view.episode() + " of 5 to "
                    + (4 + EPISODES));
            VIEW.same(earlier.size() + 1, view.round(), "the round of episode " + view.episode() + " should be");
            VIEW.same(task.rounds(), view.rounds(), "the number of rounds should be");
            VIEW.same(earlier, view.earlier(), "what the partner said in episode " + view.episode() + " should be");
            boolean told = view.prompt().segments().stream().anyMatch(s -> s.kind() == SegmentKind.INTERVENTION
                    && s.round() == view.round());
            VIEW.require(view.prompt().round() == view.round() && !told,
                    () -> "in round " + view.round() + " the partner is shown, with what it is yet to say or of another round:\n"
                            + view.prompt());
            List<String> correct = view.trueSuggestion();
            List<String> wrong = view.falseSuggestion(streams.stream("testkit", view.episode(), view.round(), 1));
            VIEW.require(!correct.isEmpty() && wrong.size() == correct.size() && !wrong.equals(correct),
                    () -> "the true suggestion is " + correct + " and a false one " + wrong);
            VIEW.require(view.biasedSuggestion().size() == correct.size(),
                    () -> "the true suggestion is " + correct + " and the biased one " + view.biasedSuggestion());
            Intervention intervention = partner.intervene(view, streams);
            earlier.add(intervention);
            return intervention;
        }));
        VIEW.require(said.size() == EPISODES && said.values().stream().allMatch(s -> s.size() == task.rounds()),
                () -> "the partner was asked " + said.values().stream().mapToInt(List::size).sum() + " times in " + EPISODES
                        + " episodes of "
                        + task.rounds() + " rounds");
    }

    @Test
    void servesThreadsAtOnce() throws InterruptedException {
        Task task = task();
        List<List<Play.Round>> expected = IntStream.range(0, 4).mapToObj(k -> Play.all(task, request(k, EPISODES))).toList();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<List<Play.Round>>> found = new ArrayList<>();
            for (int k = 0; k < 4; k++) {
                EpisodeRequest request = request(k, EPISODES);
                found.add(threads.submit(() -> Play.all(task, request)));
            }
            for (int k = 0; k < 4; k++) {
                try {
                    SHARED.same(expected.get(k), found.get(k).get(), "what one thread saw, and what it saw among four,");
                } catch (ExecutionException e) {
                    throw SHARED.broken("with four threads at once one failed: " + e.getCause(), e.getCause());
                }
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private List<Demonstration> demonstrations(int count, double conformity) {
        InterventionAgent partner = SuggestionBandit.partner(0.5, 0);
        return task().demonstrations(new DemonstrationRequest(count, conformity, partner, List.of(), new RandomStreams(11)));
    }

    @Test
    void demonstratesAsAsked() {
        for (int count : new int[] {1, 37}) {
            int found = demonstrations(count, 0.5).size();
            COUNT.require(found == count, () -> count + " demonstrations were asked for and " + found + " given");
        }
        SAME.same(demonstrations(50, 0.5), demonstrations(50, 0.5), "50 demonstrations");
        List<Demonstration> whole = demonstrations(60, 0.5);
        int last = whole.stream().mapToInt(TaskContract::round).max().orElseThrow();
        for (int rounds = 1; rounds <= last; rounds++) {
            int asked = rounds;
            List<Demonstration> cut = task().demonstrations(new DemonstrationRequest(
                    20, 0.5, SuggestionBandit.partner(0.5, 0), List.of(), new RandomStreams(11), false, rounds));
            int shown = cut.stream().mapToInt(TaskContract::round).max().orElseThrow();
            CUT.require(cut.size() == 20 && shown <= rounds, () -> "of the first " + asked + " rounds of dialogues 20 "
                    + "demonstrations were asked for and " + cut.size() + " given, up to round " + shown);
        }
        List<Response> own = demonstrations(100, 0).stream().map(Demonstration::response).toList();
        List<Response> following = demonstrations(100, 1).stream().map(Demonstration::response).toList();
        CONFORMITY.require(!own.equals(following), () -> "100 responses are the same with conformity 0 and 1");
        if (task().text().format() instanceof ResponseFormat.Choices choices) {
            for (Response response : following) {
                String[] words = response.text().trim().split("\\s+");
                boolean allowed = words.length == choices.positions().size()
                        && IntStream.range(0, words.length).allMatch(t -> choices.positions().get(t).contains(words[t]));
                ANSWERS.require(allowed,
                        () -> "the demonstrator answered '" + response.text() + "'; allowed are " + choices.positions());
            }
        }
    }

    private static int round(Demonstration demonstration) {
        return demonstration.prompt().segments().stream().mapToInt(Segment::round).max().orElseThrow();
    }

    @Test
    void namesReferencesThatExist() {
        PluginContext context = context(3);
        for (PluginSpec reference : task().references(trainPartner())) {
            try {
                context.plugins().find(PolicyProvider.class, reference.id())
                        .configured(reference, task().text(), context).close();
            } catch (ConfigurationException e) {
                throw REFERENCES.broken("it names " + reference.toJson() + ", which cannot be made: " + e.getMessage(), e);
            }
        }
    }
}
