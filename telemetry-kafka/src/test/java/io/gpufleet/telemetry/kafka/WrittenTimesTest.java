package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class WrittenTimesTest {
    private final WrittenTimes times = new WrittenTimes();

    @Test
    void newest_isThatOfWhatIsWrittenAsAWhole() {
        times.passed(10, 1_000);
        times.passed(20, 2_000);
        assertThat(times.newest()).isEmpty();

        times.written(15);
        assertThat(times.newest()).contains(Instant.ofEpochMilli(1_000));
        times.written(20);
        assertThat(times.newest()).contains(Instant.ofEpochMilli(2_000));
    }

    @Test
    void newest_passesOverRecordsWithoutATimestamp() {
        times.passed(10, 1_000);
        times.passed(20, -1);

        times.written(20);

        assertThat(times.newest()).contains(Instant.ofEpochMilli(1_000));
    }

    @Test
    void clear_forgetsTheRunBefore() {
        times.passed(10, 1_000);
        times.written(10);

        times.clear();

        assertThat(times.newest()).isEmpty();
    }
}
