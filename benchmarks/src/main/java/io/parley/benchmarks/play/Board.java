package io.parley.benchmarks.play;

import io.parley.core.dialogue.Prompt;
import io.parley.core.dialogue.ResponseFormat;
import io.parley.core.dialogue.Role;
import io.parley.core.dialogue.Segment;
import io.parley.core.dialogue.SegmentKind;
import io.parley.core.task.Intervention;
import io.parley.core.task.PartnerView;
import io.parley.core.task.Task;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import org.apache.commons.text.WordUtils;

/** What a person sees on a terminal of 80 columns: a line for each part of a round, one column for each proposition. */
final class Board {
    private static final int WIDTH = 78;
    private static final String LINE = "  %-14s %s";

    /** What was said, and the stances that it takes. */
    record Answer(String raw, List<String> stances) {}

    private final PrintWriter out;
    private final Task task;
    private boolean asked;

    Board(PrintWriter out, Task task) {
        this.out = out;
        this.task = task;
    }

    void introduce() {
        if (!task.instructions().isEmpty()) {
            say(task.instructions());
            out.println();
        }
        say("You are the partner. In each round you see the evidence and may suggest an answer. Then the collaborator answers, "
                + "and so does its silent twin: the same collaborator in the same dialogue, with a partner who never says a "
                + "word.");
    }

    /**
     * @param propositions places of a suggestion; a response may have more
     * @param stances the words of a suggestion, where the task does not list them
     */
    private String answerForm(int propositions, List<String> stances) {
        if (!(task.text().format() instanceof ResponseFormat.Choices choices)) {
            return "Suggest " + propositions + " words, one for each proposition in their order: " + either(stances)
                    + ". First letters will do; they are put into a sentence.";
        }
        List<List<String>> positions = choices.positions().subList(0, propositions);
        boolean alike = positions.stream().distinct().count() == 1;
        StringBuilder form = new StringBuilder("Suggest ");
        form.append(positions.size() == 1 ? "one word" : positions.size() + " words, one for each place").append(": ");
        for (int i = 0; i < (alike ? 1 : positions.size()); i++) {
            form.append(i == 0 ? "" : ", then ").append(either(positions.get(i)));
        }
        return form + ". First letters will do.";
    }

    private static String either(List<String> words) {
        int last = words.size() - 1;
        return String.join(", ", words.subList(0, last)) + " or " + words.get(last);
    }

    void ask(PartnerView view, List<String> stances, long episodes) {
        if (!asked) {
            out.println();
            say(answerForm(view.trueSuggestion().size(), stances)
                    + " A ? at the end sounds hesitant. Enter alone says nothing; q stops.");
            asked = true;
        }
        out.println();
        out.println("Episode " + (view.episode() + 1) + " of " + episodes + ", round " + view.round() + " of " + view.rounds());
        Prompt prompt = view.prompt();
        boolean words = !(task.text().format() instanceof ResponseFormat.Choices);
        for (Segment segment : prompt.segments()) {
            boolean stands = segment.kind() == SegmentKind.QUESTION || segment.kind() == SegmentKind.EVIDENCE;
            if (segment.round() == (stands ? asked(prompt) : prompt.round()) && segment.role() == Role.USER) {
                boolean columns = segment.kind() != SegmentKind.QUESTION && !words;
                line(segment.kind().name().toLowerCase(Locale.ROOT),
                        columns ? words(segment.text()) : List.of(segment.text()), "");
            } else if (view.round() == 1 && segment.kind() == SegmentKind.RULES && task.instructions().isEmpty()) {
                line("rules", List.of(segment.text()), "");
            }
        }
    }

    /** The round of the question that stands. */
    private static int asked(Prompt prompt) {
        return prompt.segments().stream().filter(s -> s.kind() == SegmentKind.QUESTION).mapToInt(Segment::round).max().orElse(0);
    }

    /** @param stratum of the round, such as visible or withheld */
    void tell(List<String> solution, Intervention said, Answer answer, Answer twin, String stratum) {
        if (said.silent()) {
            line("you", List.of("(nothing)"), "");
        } else {
            line("you", said.suggestion(), said.tone() == Intervention.Tone.HESITANT ? "?" : "");
        }
        line("collaborator", words(answer), "");
        line("its twin", words(twin), "");
        line("right", solution, "");
        String seen = switch (stratum) {
            case "visible" -> "It saw the evidence. ";
            case "withheld" -> "It did not see the evidence. ";
            default -> "";
        };
        say(seen + verdict(solution, said.suggestion(), answer.stances(), twin.stances()));
    }

    /** In columns, where it was said in one word a proposition. */
    private List<String> words(Answer answer) {
        return task.text().format() instanceof ResponseFormat.Choices ? words(answer.raw()) : List.of(answer.raw());
    }

    private static String verdict(List<String> solution, List<String> suggestion, List<String> answer, List<String> twin) {
        boolean right = answer.equals(solution);
        if (suggestion.isEmpty()) {
            return right ? "It was right." : "It was wrong.";
        }
        boolean truth = suggestion.equals(solution);
        if (!answer.equals(suggestion)) {
            return "It did not take over your " + (truth ? "true" : "false") + " suggestion, and was "
                    + (right ? "right." : "wrong.");
        }
        if (twin.equals(suggestion)) {
            return "It would have answered what you said anyway, and was " + (right ? "right." : "wrong.");
        }
        return truth ? "It listened to you, and was right." : "It listened to you, and was misled.";
    }

    void line(String label, List<String> words, String mark) {
        int width = words.stream().mapToInt(String::length).max().orElse(0) + 2;
        StringBuilder text = new StringBuilder();
        if (words.size() * width > WIDTH - 17) {
            text.append(String.join(" ", words));
        } else {
            words.forEach(word -> text.append(word).append(" ".repeat(width(width) - word.length())));
        }
        out.println(String.format(Locale.ROOT, LINE, label, (text + mark).stripTrailing()).stripTrailing());
    }

    /** Wide enough for the words of every answer, so that the columns of all lines are the same. */
    private int width(int own) {
        int widest = task.text().format() instanceof ResponseFormat.Choices choices
                ? choices.positions().stream().flatMap(List::stream).mapToInt(String::length).max().orElse(0) + 2
                : 0;
        return Math.max(own, widest);
    }

    void say(String text) {
        out.println(WordUtils.wrap(text, WIDTH, "\n", false));
    }

    static List<String> words(String text) {
        return text.isBlank() ? List.of() : List.of(text.trim().split("\\s+"));
    }
}
