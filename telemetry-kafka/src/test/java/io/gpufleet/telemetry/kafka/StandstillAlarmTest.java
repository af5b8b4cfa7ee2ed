package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.Health.Trouble;
import io.gpufleet.telemetry.PartitionLag;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryEvent.LagMeasured;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StandstillAlarmTest {
    private final StandstillAlarm alarm = new StandstillAlarm(Duration.ofSeconds(30));
    private final Map<SourcePartition, PartitionLag> lags = new HashMap<>();

    private void at(int partition, long offset, long end) {
        lags.put(Logs.partition(partition), new PartitionLag(offset, end, Optional.empty()));
    }

    private List<String> after(long seconds) {
        LagMeasured measured = new LagMeasured(Instant.EPOCH, Map.copyOf(lags));
        return alarm.measured(Duration.ofSeconds(seconds).toNanos(), measured).stream()
                .map(Trouble::reason)
                .toList();
    }

    @Test
    void partitionThatStandsStill_isToldOfWhileAnotherMoves() {
        at(0, 10, 50);
        at(1, 10, 50);
        assertThat(after(0)).isEmpty();
        at(1, 20, 60);
        assertThat(after(30)).isEmpty();
        at(1, 30, 70);

        assertThat(after(31))
                .containsExactly("standstill: " + Logs.partition(0)
                        + " has been at offset 10 for 31 s, and is 40 messages behind");
    }

    @Test
    void partitionThatMovesAgain_isToldOfNoMore() {
        at(0, 10, 50);
        after(0);
        assertThat(after(40)).hasSize(1);
        at(0, 11, 50);

        assertThat(after(41)).isEmpty();
        assertThat(after(71)).isEmpty();
        assertThat(after(72)).hasSize(1);
    }

    @Test
    void partitionAtItsEnd_mayStandStill() {
        at(0, 50, 50);
        after(0);
        assertThat(after(1_000)).isEmpty();
        at(0, 50, 51);

        assertThat(after(1_030)).isEmpty();
        assertThat(after(1_031))
                .as("since the last look at which it was at its end")
                .hasSize(1);
    }

    @Test
    void partitionThatWasTakenAway_isForgotten() {
        at(0, 10, 50);
        after(0);
        lags.clear();
        assertThat(after(40)).isEmpty();
        at(0, 10, 50);

        assertThat(after(41)).isEmpty();
    }
}
