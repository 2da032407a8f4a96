package io.parley.benchmarks.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.dialogue.Role;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.SegmentKind;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.task.Demonstration;
import io.parley.core.task.DemonstrationRequest;
import io.parley.core.task.EpisodeRequest;
import io.parley.core.task.Episodes;
import io.parley.core.task.Task;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Random words are said in every round, and the whole dialogue is the prompt; the reward is the share of the response's words in
 * the first half of the vocabulary.
 */
final class RandomWordsTask implements Task {
    private final int vocabulary;
    private final List<String> words;
    private final int rounds;
    private final int promptWords;
    private final TextSpec text;

    RandomWordsTask(TrainerWork work) {
        vocabulary = work.vocabulary();
        words = words(vocabulary - TrainerWork.SPECIAL_TOKENS);
        rounds = work.rounds();
        promptWords = work.prompt() - TrainerWork.PROMPT_MARKS;
        text = new TextSpec(words, 0, work.rounds() * (work.prompt() + work.response()),
                new ResponseFormat.Choices(Collections.nCopies(work.response(), words)));
    }

    /** One round, in free words. */
    RandomWordsTask(int vocabulary, int promptWords, int response) {
        this.vocabulary = vocabulary;
        this.words = words(vocabulary);
        this.rounds = 1;
        this.promptWords = promptWords;
        this.text = new TextSpec(words, 0, promptWords + response, new ResponseFormat.FreeText(response, List.of()));
    }

    private static List<String> words(int count) {
        return IntStream.range(0, count).mapToObj(Integer::toString).toList();
    }

    @Override
    public TextSpec text() {
        return text;
    }

    @Override
    public int rounds() {
        return rounds;
    }

    /** {@code count} random words. */
    String randomWords(int count, RandomGenerator random) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append(i == 0 ? "" : " ").append(words.get(random.nextInt(words.size())));
        }
        return text.toString();
    }

    @Override
    public Episodes begin(EpisodeRequest request) {
        List<Prompt> prompts = new ArrayList<>();
        for (int i = 0; i < request.count(); i++) {
            prompts.add(new Prompt(List.of(question(request, i, 1))));
        }
        return new Rounds(request, List.copyOf(prompts), 1);
    }

    private Segment question(EpisodeRequest request, int row, int round) {
        RandomGenerator random = request.streams().stream("prompt", request.first() + row, round, 0);
        return new Segment(Role.USER, SegmentKind.QUESTION, round, randomWords(promptWords, random));
    }

    @Override
    public List<Demonstration> demonstrations(DemonstrationRequest request) {
        throw new UnsupportedOperationException("random words have no right answer to demonstrate");
    }

    private final class Rounds implements Episodes {
        private final EpisodeRequest request;
        private List<Prompt> prompts;
        private int round;

        Rounds(EpisodeRequest request, List<Prompt> prompts, int round) {
            this.request = request;
            this.prompts = prompts;
            this.round = round;
        }

        @Override
        public int size() {
            return prompts.size();
        }

        @Override
        public int round() {
            return round;
        }

        @Override
        public boolean done() {
            return round > rounds;
        }

        @Override
        public List<Prompt> prompts() {
            return prompts;
        }

        @Override
        public List<String> strata() {
            return Collections.nCopies(prompts.size(), "all");
        }

        @Override
        public List<Map<String, Double>> score(List<Response> responses) {
            return responses.stream().map(response -> {
                String[] spoken = response.text().split(" ");
                double low = 0;
                for (String word : spoken) {
                    low += !word.isEmpty() && Integer.parseInt(word) < vocabulary / 2 ? 1 : 0;
                }
                return Map.of("own", low / spoken.length);
            }).toList();
        }

        @Override
        public List<Map<String, Double>> step(List<Response> responses) {
            if (done()) {
                throw new IllegalStateException("the episode is over");
            }
            if (round < rounds) {
                List<Prompt> longer = new ArrayList<>();
                for (int i = 0; i < prompts.size(); i++) {
                    List<Segment> segments = new ArrayList<>(prompts.get(i).segments());
                    segments.add(new Segment(Role.ASSISTANT, SegmentKind.RESPONSE, round, responses.get(i).text()));
                    segments.add(question(request, i, round + 1));
                    longer.add(new Prompt(segments));
                }
                prompts = List.copyOf(longer);
            }
            round++;
            return score(responses);
        }

        @Override
        public Episodes fork() {
            return new Rounds(request, prompts, round);
        }

        @Override
        public List<ObjectNode> log() {
            return List.of();
        }
    }
}
