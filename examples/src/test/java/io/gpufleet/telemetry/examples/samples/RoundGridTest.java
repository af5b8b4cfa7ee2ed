package io.gpufleet.telemetry.examples.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The times of rounds: on the grid, and after a long round without a burst. */
final class RoundGridTest {
    private static final long BEGUN = -50;

    private final RoundGrid grid = new RoundGrid(Duration.ofNanos(100), BEGUN);

    @Test
    void rounds_stayOnTheGrid() {
        assertThat(grid.next(BEGUN + 30)).isZero();
        assertThat(grid.untilNext(BEGUN + 30)).isEqualTo(Duration.ofNanos(70));
        assertThat(grid.next(BEGUN + 199)).isZero();
        assertThat(grid.untilNext(BEGUN + 199)).isEqualTo(Duration.ofNanos(1));
    }

    @Test
    void roundsThatAreDueDuringALongOne_areSkipped_butForTheNewest() {
        assertThat(grid.next(BEGUN + 530)).isEqualTo(4);
        assertThat(grid.untilNext(BEGUN + 530)).isEqualTo(Duration.ofNanos(-30));
        assertThat(grid.next(BEGUN + 540)).isZero();
        assertThat(grid.untilNext(BEGUN + 540)).isEqualTo(Duration.ofNanos(60));
    }
}
