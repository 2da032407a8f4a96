package io.parley.core.task;

import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.dialogue.TextSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * The short way to a task of one's own: each round asks a new question, whose evidence the collaborator sees or not, and the
 * partner suggests an answer. Only the questions have to be written; prompts, partner's views, outcomes, logs and
 * demonstrations come of them.
 *
 * <p>A round of a prompt is the question, its evidence, the partner's suggestion and, once it is over, the collaborator's
 * answer and the outcome, which is the solution where the evidence was visible. What is withheld, silent or open is as many
 * {@link #EMPTY} words. How sure the partner sounds is not shown.
 */
public abstract class QuestionTask implements Task {
    /** The word of an empty slot; the same that the counterfactual {@code mask} writes. */
    public static final String EMPTY = "-";

    private final String name;
    private final int rounds;
    private final List<List<String>> answers;
    private final List<String> words;

    /**
     * A question. All questions of a task have the same numbers of words.
     *
     * @param text what everyone sees, words separated by blanks; may be empty
     * @param evidence what settles it; the partner always sees it
     * @param visible whether the collaborator sees the evidence, too
     * @param solution the right word at each position of an answer
     */
    public record Question(String text, String evidence, boolean visible, List<String> solution) {
        public Question {
            solution = List.copyOf(solution);
        }
    }

    /**
     * @param name names the task in logs and random streams
     * @param rounds questions of an episode, at least 1
     * @param answers the words allowed at each position of an answer
     * @param words the other words that questions and evidence are made of
     */
    protected QuestionTask(String name, int rounds, List<List<String>> answers, Collection<String> words) {
        if (rounds < 1) {
            throw new IllegalArgumentException("rounds is " + rounds + "; at least 1");
        }
        this.name = name;
        this.rounds = rounds;
        this.answers = new ResponseFormat.Choices(answers).positions();
        Set<String> all = new LinkedHashSet<>();
        this.answers.forEach(all::addAll);
        all.addAll(words);
        all.add(EMPTY);
        this.words = List.copyOf(all);
    }

    /**
     * A question of a split. No two splits share an instance, or what is measured is memory.
     *
     * @param random all that may be random about it, whether its evidence is visible included
     */
    protected abstract Question ask(Split split, RandomGenerator random);

    /** What an answer earns, by part; {@code own}, 1 where it is the solution and else 0, unless this is overridden. */
    protected Map<String, Double> reward(Question question, List<String> answer) {
        return Map.of("own", answer.equals(question.solution()) ? 1.0 : 0.0);
    }

    /** What people most often suggest by mistake; the first word everywhere, unless this is overridden. */
    protected List<String> bias(Question question) {
        return answers.stream().map(allowed -> allowed.get(0)).toList();
    }

    @Override
    public TextSpec text() {
        Question any = ask(Split.TRAIN, new SplittableRandom(0));
        int asked = count(any.text()) + count(any.evidence()) + answers.size();
        return new TextSpec(words, 0, asked * rounds + 2 * answers.size() * (rounds - 1), new ResponseFormat.Choices(answers));
    }

    @Override
    public final int rounds() {
        return rounds;
    }

    @Override
    public final Episodes begin(EpisodeRequest request) {
        return new QuestionEpisodes(this, request);
    }

    /**
     * The demonstrator repeats the suggestion with the request's conformity; else it gives the solution where the evidence
     * is visible, and any answer where it is not.
     */
    @Override
    public List<Demonstration> demonstrations(DemonstrationRequest request) {
        List<Demonstration> demonstrations = new ArrayList<>(request.count());
        for (long episode = 0; demonstrations.size() < request.count(); episode++) {
            RandomGenerator random = request.streams().stream(name + " demonstrator", episode, 0, 0);
            boolean cut = !request.counterfactuals().isEmpty() && random.nextInt(5) == 0;
            Counterfactual counterfactual = cut
                    ? request.counterfactuals().get(random.nextInt(request.counterfactuals().size())) : null;
            QuestionEpisodes played =
                    new QuestionEpisodes(this, new EpisodeRequest(Split.TRAIN, episode, 1, request.partner(), request.streams()));
            while (!played.done() && played.round() <= request.rounds() && demonstrations.size() < request.count()) {
                List<Prompt> prompts = played.prompts();
                Question question = played.question(0);
                Intervention said = played.said(0);
                boolean conform = random.nextDouble() < request.conformity() && !cut && !said.silent();
                List<String> answer = conform ? said.suggestion() : question.visible() ? question.solution() : anyAnswer(random);
                Response response = Response.of(String.join(" ", answer));
                demonstrations.add(new Demonstration(
                        cut ? counterfactual.cut(prompts, random).get(0) : prompts.get(0), response));
                played.step(List.of(response));
            }
        }
        return demonstrations;
    }

    final String name() {
        return name;
    }

    final List<String> anyAnswer(RandomGenerator random) {
        return answers.stream().map(allowed -> allowed.get(random.nextInt(allowed.size()))).toList();
    }

    /** @throws IllegalArgumentException if it is no answer; {@code who} gave it */
    final List<String> parse(List<String> given, String who) {
        boolean fits = given.size() == answers.size();
        for (int i = 0; fits && i < given.size(); i++) {
            fits = answers.get(i).contains(given.get(i));
        }
        if (!fits) {
            throw new IllegalArgumentException(who + " " + given + " is no answer; one word at each position, of " + answers);
        }
        return given;
    }

    static List<String> words(String text) {
        return text.isBlank() ? List.of() : Arrays.asList(text.trim().split("\\s+"));
    }

    static int count(String text) {
        return words(text).size();
    }
}
