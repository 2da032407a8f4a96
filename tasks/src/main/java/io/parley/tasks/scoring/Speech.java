package io.parley.tasks.scoring;

import io.parley.core.task.DialogueLog;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What a collaborator does with its words, in dialogues whose log says it. */
final class Speech {
    /** Acts that show how something that was said was taken up; what is left is assertion. */
    private static final List<String> GROUNDING = List.of("agree", "challenge", "ask", "acknowledge", "repair");

    private Speech() {}

    /** Adds nothing for a dialogue without words. */
    static void add(Tallies tallies, Fields log) {
        Map<String, Integer> counts = new TreeMap<>(Map.of("assert", 0));
        GROUNDING.forEach(act -> counts.put(act, 0));
        Set<String> met = new HashSet<>();
        boolean speaks = false;
        for (Fields round : log.items(DialogueLog.ROUNDS)) {
            Fields response = round.get(DialogueLog.RESPONSE);
            if (response.has("acts")) {
                speaks = true;
                tallies.add("parsed", response.truth("parsed"));
                for (String act : response.texts("acts")) {
                    counts.merge(act, 1, Integer::sum);
                    met.add(act);
                }
            }
        }
        if (speaks) {
            counts.forEach((act, count) -> tallies.add("acts." + act, count));
            tallies.add("groundingActs", GROUNDING.stream().mapToInt(counts::get).sum());
            tallies.add("distinctActs", met.size());
        }
    }
}
