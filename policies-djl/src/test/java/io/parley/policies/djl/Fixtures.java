package io.parley.policies.djl;

import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.Response;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.dialogue.Role;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.SegmentKind;
import io.parley.core.dialogue.TextSpec;
import io.parley.core.random.RandomStreams;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** Texts of the shape of a no-press task. */
final class Fixtures {
    private Fixtures() {}

    static TextSpec choices(int words, int system, int dialogue, List<List<String>> positions) {
        List<String> all = new ArrayList<>(List.of("turn", "leave", "unsure"));
        IntStream.range(0, words - 3).forEach(i -> all.add("w" + i));
        return new TextSpec(all, system, dialogue, new ResponseFormat.Choices(positions));
    }

    static List<List<String>> stances(int positions) {
        return IntStream.range(0, positions).mapToObj(i -> List.of("turn", "leave", "unsure")).toList();
    }

    /** One prompt with the same system words as all others and {@code length} dialogue words, of six kinds a place. */
    static Prompt prompt(TextSpec text, RandomGenerator random, int length) {
        StringBuilder system = new StringBuilder();
        for (int i = 0; i < text.maxSystemWords(); i++) {
            system.append(text.words().get(i % text.words().size())).append(' ');
        }
        StringBuilder dialogue = new StringBuilder();
        for (int i = 0; i < length; i++) {
            int place = text.maxDialogueWords() - length + i;
            dialogue.append(text.words().get((place * 7 + random.nextInt(6)) % text.words().size())).append(' ');
        }
        return new Prompt(List.of(
                new Segment(Role.SYSTEM, SegmentKind.RULES, 0, system.toString()),
                new Segment(Role.USER, SegmentKind.QUESTION, 1, dialogue.toString())));
    }

    static List<Prompt> prompts(TextSpec text, int rows, long seed) {
        List<Prompt> prompts = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            RandomGenerator random = new RandomStreams(seed).stream("prompt", i, 0, 0);
            prompts.add(prompt(text, random, i % 2 == 0 ? text.maxDialogueWords() : text.maxDialogueWords() / 2));
        }
        return prompts;
    }

    static List<RandomGenerator> streams(int rows, long seed) {
        List<RandomGenerator> streams = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            streams.add(new RandomStreams(seed).stream("sample", i, 0, 0));
        }
        return streams;
    }

    /** Every response of a choices format, in lexicographic order of the allowed words. */
    static List<Response> everyResponse(TextSpec text) {
        List<String> texts = List.of("");
        for (List<String> allowed : ((ResponseFormat.Choices) text.format()).positions()) {
            List<String> longer = new ArrayList<>();
            for (String start : texts) {
                for (String word : allowed) {
                    longer.add((start + " " + word).trim());
                }
            }
            texts = longer;
        }
        return texts.stream().map(Response::of).toList();
    }
}
