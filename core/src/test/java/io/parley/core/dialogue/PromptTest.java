package io.parley.core.dialogue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PromptTest {
    private final Prompt prompt = new Prompt(List.of(
            new Segment(Role.SYSTEM, SegmentKind.RULES, 0, "turn cards"),
            new Segment(Role.USER, SegmentKind.QUESTION, 1, "if vowel then even"),
            new Segment(Role.USER, SegmentKind.QUESTION, 2, "if odd then vowel")));

    @Test
    void theRoundIsTheLatest() {
        assertEquals(2, prompt.round());
    }

    @Test
    void aDerivedFormIsComputedOnceAKey() {
        AtomicInteger calls = new AtomicInteger();
        Object key = new Object();
        String first = prompt.memo(key, p -> "form " + calls.incrementAndGet());
        assertSame(first, prompt.memo(key, p -> "form " + calls.incrementAndGet()));
        assertEquals("form 2", prompt.memo(new Object(), p -> "form " + calls.incrementAndGet()));
    }

    @Test
    void segmentsCannotChange() {
        assertThrows(UnsupportedOperationException.class, () -> prompt.segments().clear());
        assertThrows(IllegalArgumentException.class, () -> new Prompt(List.of()));
    }

    @Test
    void noticesMakeRoomForTheLongest() {
        TextSpec text = new TextSpec(List.of("a", "b"), 3, 10, new ResponseFormat.FreeText(5, List.of()));
        TextSpec wider = text.withNotices(List.of(List.of("b", "c"), List.of("d")));
        assertEquals(List.of("a", "b", "c", "d"), wider.words());
        assertEquals(5, wider.maxSystemWords());
    }
}
