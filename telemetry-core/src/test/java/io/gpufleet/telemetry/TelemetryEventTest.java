package io.gpufleet.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.TelemetryEvent.LagMeasured;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TelemetryEventTest {
    private static final SourcePartition FIRST = new SourcePartition("t", 0);
    private static final SourcePartition SECOND = new SourcePartition("t", 1);

    private static PartitionLag lag(long messages, Duration behind) {
        return new PartitionLag(5, 5 + messages, Optional.ofNullable(behind));
    }

    @Test
    void lag_isTheSumOfThePartitions_andTheAgeOfTheOldest() {
        LagMeasured measured = new LagMeasured(
                Instant.EPOCH, Map.of(FIRST, lag(7, Duration.ofSeconds(2)), SECOND, lag(5, Duration.ofSeconds(9))));

        assertThat(measured.messages()).isEqualTo(12);
        assertThat(measured.behind()).contains(Duration.ofSeconds(9));
    }

    @Test
    void ageOfTheLag_isUnknownIfThatOfAPartitionIs() {
        LagMeasured measured =
                new LagMeasured(Instant.EPOCH, Map.of(FIRST, lag(7, Duration.ofSeconds(2)), SECOND, lag(5, null)));

        assertThat(measured.behind()).isEmpty();
        assertThat(new LagMeasured(Instant.EPOCH, Map.of()).behind()).isEmpty();
    }

    @Test
    void batch_hasARecordForEachDeliveryAndDeadLetter_unlessToldOtherwise() {
        assertThat(new TelemetryEvent.BatchWritten(5, 2, Duration.ZERO).records())
                .isEqualTo(7);
    }

    @Test
    void client_isOneOfHeartbeats_unlessToldOtherwise() {
        assertThat(new TelemetryEvent.ClientQuiet("c", Instant.EPOCH).table()).isEqualTo("system_info");
        assertThat(new TelemetryEvent.ClientHeard("c", Instant.EPOCH).table()).isEqualTo("system_info");
    }
}
