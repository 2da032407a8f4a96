package io.parley.core.dialogue;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * One message of a chat, as chat templates and the JSON Lines files of other trainers know it.
 *
 * @param role who speaks: {@code system}, {@code user} or {@code assistant} where Parley writes it
 * @param content what is said
 */
public record ChatMessage(String role, String content) {
    public ChatMessage {
        Objects.requireNonNull(role, "role");
        Objects.requireNonNull(content, "content");
    }

    /**
     * A prompt as a chat. All system segments are the first message, one sentence behind the other, so that the notice of the
     * counterfactual {@code prefix} is a sentence of it. Of the others, neighbours of one role are one message, a segment a line.
     * Empty segments are left out.
     */
    public static List<ChatMessage> of(Prompt prompt) {
        List<ChatMessage> messages = new ArrayList<>();
        String system = said(prompt.segments().stream().filter(s -> s.role() == Role.SYSTEM).toList(), " ");
        if (!system.isEmpty()) {
            messages.add(new ChatMessage(name(Role.SYSTEM), system));
        }
        List<Segment> turn = new ArrayList<>();
        for (Segment segment : prompt.segments()) {
            if (segment.role() == Role.SYSTEM) {
                continue;
            }
            if (!turn.isEmpty() && turn.get(0).role() != segment.role()) {
                messages.add(message(turn));
                turn.clear();
            }
            turn.add(segment);
        }
        if (!turn.isEmpty()) {
            messages.add(message(turn));
        }
        return messages;
    }

    /** What the collaborator says, as a message. */
    public static ChatMessage of(Response response) {
        return new ChatMessage(name(Role.ASSISTANT), response.text());
    }

    private static ChatMessage message(List<Segment> turn) {
        return new ChatMessage(name(turn.get(0).role()), said(turn, "\n"));
    }

    private static String said(List<Segment> segments, String between) {
        return segments.stream().map(Segment::text).filter(text -> !text.isEmpty()).collect(Collectors.joining(between));
    }

    private static String name(Role role) {
        return role.name().toLowerCase(Locale.ROOT);
    }
}
