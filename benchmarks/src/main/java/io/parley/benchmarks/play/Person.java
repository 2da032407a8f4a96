package io.parley.benchmarks.play;

import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.random.RandomStreams;
import io.parley.core.task.Intervention;
import io.parley.core.task.Intervention.Tone;
import io.parley.core.task.PartnerView;
import io.parley.core.task.Task;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** A person at a terminal. Who has gone is silent from then on. */
final class Person implements Partner {
    private final BufferedReader in;
    private final PrintWriter out;
    private final Board board;
    private final ResponseFormat format;
    private final long episodes;
    private boolean gone;

    Person(BufferedReader in, PrintWriter out, Board board, Task task, long episodes) {
        this.in = in;
        this.out = out;
        this.board = board;
        this.format = task.text().format();
        this.episodes = episodes;
    }

    @Override
    public boolean gone() {
        return gone;
    }

    @Override
    public Intervention intervene(PartnerView view, RandomStreams streams) {
        if (gone) {
            return Intervention.SILENCE;
        }
        board.ask(view, stances(view), episodes);
        List<List<String>> allowed = format instanceof ResponseFormat.Choices choices
                ? choices.positions().subList(0, view.trueSuggestion().size())
                : Collections.nCopies(view.trueSuggestion().size(), stances(view));
        while (true) {
            String line = read();
            if (line == null || line.equals("q") || line.equals("quit")) {
                gone = true;
                return Intervention.SILENCE;
            }
            if (line.isEmpty()) {
                return Intervention.SILENCE;
            }
            try {
                return parse(line, allowed);
            } catch (IllegalArgumentException e) {
                board.say(e.getMessage());
            }
        }
    }

    /** The words of suggestions, where the task does not list them. */
    static List<String> stances(PartnerView view) {
        Set<String> words = new TreeSet<>(view.trueSuggestion());
        words.addAll(view.biasedSuggestion());
        return List.copyOf(words);
    }

    /** @return trimmed; null at the end of the input */
    private String read() {
        out.print("your suggestion> ");
        out.flush();
        try {
            String line = in.readLine();
            if (line == null || System.console() == null) {
                out.println();
            }
            return line == null ? null : line.trim().toLowerCase(Locale.ROOT);
        } catch (IOException e) {
            return null;
        }
    }

    /**
     * @param allowed words of each place
     * @throws IllegalArgumentException if it is no suggestion; the message is for the person
     */
    static Intervention parse(String line, List<List<String>> allowed) {
        Tone tone = line.endsWith("?") ? Tone.HESITANT : Tone.CONFIDENT;
        List<String> words = Board.words(line.replaceAll("\\?+$", ""));
        if (words.size() == 1 && words.get(0).length() == allowed.size() && allowed.size() > 1) {
            words = List.of(words.get(0).split(""));
        }
        if (words.size() != allowed.size()) {
            throw new IllegalArgumentException("A suggestion has " + allowed.size() + (allowed.size() == 1 ? " word" : " words")
                    + "; this has " + words.size() + ".");
        }
        List<String> suggestion = new ArrayList<>();
        for (int i = 0; i < words.size(); i++) {
            suggestion.add(word(words.get(i), allowed.get(i)));
        }
        return new Intervention(suggestion, tone);
    }

    private static String word(String typed, List<String> allowed) {
        if (allowed.contains(typed)) {
            return typed;
        }
        List<String> meant = allowed.stream().filter(word -> word.startsWith(typed)).toList();
        if (meant.size() != 1) {
            throw new IllegalArgumentException("'" + typed + "' is " + (meant.isEmpty() ? "none" : "more than one") + " of "
                    + String.join(", ", allowed) + ".");
        }
        return meant.get(0);
    }
}
