package io.gpufleet.telemetry.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.LogId;
import io.gpufleet.telemetry.jdbc.LetterPart.Found;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class LetterPartTest {
    private static final LogId ONE = new LogId("a-cluster", new UUID(0, 1));
    private static final LogId TWO = new LogId("a-cluster", new UUID(0, 2));
    private static final long LARGE = LetterPart.MAX_BYTES / 2;

    @Test
    void of_keepsLogsApart() {
        assertThat(LetterPart.of(List.of(new Found(1, ONE, 9), new Found(2, TWO, 9), new Found(3, ONE, 9))))
                .containsExactly(new LetterPart(ONE, List.of(1L, 3L)), new LetterPart(TWO, List.of(2L)));
    }

    @Test
    void of_holdsNoMoreThanItsBytes() {
        List<Found> found = List.of(
                new Found(1, ONE, LARGE),
                new Found(2, ONE, LARGE),
                new Found(3, ONE, 1),
                new Found(4, ONE, 3 * LARGE),
                new Found(5, ONE, 1));
        assertThat(LetterPart.of(found))
                .extracting(LetterPart::ids)
                .containsExactly(List.of(1L, 2L), List.of(3L), List.of(4L), List.of(5L));
    }

    @Test
    void halves_holdAll() {
        assertThat(new LetterPart(ONE, List.of(1L, 2L, 3L)).halves())
                .extracting(LetterPart::ids)
                .containsExactly(List.of(1L), List.of(2L, 3L));
    }
}
