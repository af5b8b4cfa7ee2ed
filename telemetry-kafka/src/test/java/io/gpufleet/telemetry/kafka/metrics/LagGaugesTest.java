package io.gpufleet.telemetry.kafka.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.PartitionLag;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.TelemetryEvent.Stall;
import io.gpufleet.telemetry.kafka.Logs;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The gauges of partitions after events. */
public class LagGaugesTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final MicrometerTelemetry meters = MicrometerTelemetry.create(registry);

    public static TelemetryEvent measured(int partition, long lag) {
        return measured(Map.of(Logs.partition(partition), lag(lag)));
    }

    private static TelemetryEvent measured(Map<SourcePartition, PartitionLag> lags) {
        return new TelemetryEvent.LagMeasured(Instant.EPOCH, lags);
    }

    private static PartitionLag lag(long messages) {
        return new PartitionLag(100, 100 + messages, Optional.of(Duration.ofMillis(messages * 500)));
    }

    private List<String> shown(String name) {
        return registry.find(name).gauges().stream()
                .map(gauge ->
                        gauge.getId().getTag("topic") + "-" + gauge.getId().getTag("partition") + ": " + gauge.value())
                .sorted()
                .toList();
    }

    @BeforeEach
    void assign() {
        meters.on(new TelemetryEvent.PartitionsAssigned(Set.of(Logs.partition(0), Logs.partition(1))));
    }

    @Test
    void measurement_isShownForEachPartition() {
        meters.on(measured(Map.of(Logs.partition(0), lag(3), Logs.partition(1), lag(0))));

        assertThat(shown("telemetry.lag")).containsExactly("t-0: 3.0", "t-1: 0.0");
        assertThat(shown("telemetry.lag.seconds")).containsExactly("t-0: 1.5", "t-1: 0.0");
        assertThat(registry.get("telemetry.lag").gauges())
                .allSatisfy(gauge -> assertThat(gauge.getId().getBaseUnit()).isEqualTo("messages"));
        assertThat(registry.get("telemetry.lag.seconds").gauges())
                .allSatisfy(gauge -> assertThat(gauge.getId().getBaseUnit()).isEqualTo("seconds"));
    }

    @Test
    void openTransaction_isShownWithWhatItHoldsBack() {
        PartitionLag held = new PartitionLag(
                100,
                100,
                Optional.empty(),
                Optional.of(new PartitionLag.OpenTransaction(7, Instant.EPOCH.minusSeconds(30))));

        meters.on(measured(Map.of(Logs.partition(0), held, Logs.partition(1), lag(3))));

        assertThat(shown("telemetry.open.transaction")).containsExactly("t-0: 7.0", "t-1: 0.0");
        assertThat(shown("telemetry.open.transaction.seconds")).containsExactly("t-0: 30.0", "t-1: 0.0");
        assertThat(shown("telemetry.lag")).containsExactly("t-0: 0.0", "t-1: 3.0");
    }

    @Test
    void stalledPartitions_areCountedByReason() {
        meters.on(new TelemetryEvent.PartitionStalled(Logs.partition(0), 5, Stall.UNREADABLE, "why"));
        meters.on(new TelemetryEvent.PartitionStalled(Logs.partition(0), 5, Stall.OPEN_TRANSACTION, "why"));
        meters.on(new TelemetryEvent.PartitionStalled(Logs.partition(1), 5, Stall.UNREADABLE, "why"));
        assertThat(stalled("unreadable")).isEqualTo(2);

        meters.on(new TelemetryEvent.PartitionResumed(Logs.partition(0), Stall.UNREADABLE));
        assertThat(stalled("unreadable")).isEqualTo(1);
        assertThat(stalled("open_transaction")).isEqualTo(1);

        meters.on(new TelemetryEvent.PartitionsRevoked(Set.of(Logs.partition(0), Logs.partition(1)), false));
        assertThat(stalled("unreadable") + stalled("open_transaction") + stalled("forbidden"))
                .isZero();
    }

    private double stalled(String reason) {
        return registry.get("telemetry.stalled").tag("reason", reason).gauge().value();
    }

    @Test
    void nextMeasurement_changesTheSameGauge() {
        meters.on(measured(0, 3));
        var gauge = registry.get("telemetry.lag").gauge();

        meters.on(measured(0, 5));

        assertThat(registry.get("telemetry.lag").gauge()).isSameAs(gauge);
        assertThat(gauge.value()).isEqualTo(5);
    }

    @Test
    void revokedPartition_isShownNoMore() {
        meters.on(measured(Map.of(Logs.partition(0), lag(3), Logs.partition(1), lag(4))));

        meters.on(new TelemetryEvent.PartitionsRevoked(Set.of(Logs.partition(0)), false));

        assertThat(shown("telemetry.lag")).containsExactly("t-1: 4.0");
        assertThat(shown("telemetry.lag.seconds")).containsExactly("t-1: 2.0");
    }

    @Test
    void measurementThatComesLate_bringsNoRevokedPartitionBack() {
        meters.on(new TelemetryEvent.PartitionsRevoked(Set.of(Logs.partition(0)), true));

        meters.on(measured(Map.of(Logs.partition(0), lag(3), Logs.partition(1), lag(4))));

        assertThat(shown("telemetry.lag")).containsExactly("t-1: 4.0");
    }

    @Test
    void partitionThatComesBack_isShownAgain() {
        meters.on(measured(0, 3));
        meters.on(new TelemetryEvent.PartitionsRevoked(Set.of(Logs.partition(0)), false));

        meters.on(new TelemetryEvent.PartitionsAssigned(Set.of(Logs.partition(0))));
        assertThat(shown("telemetry.lag")).isEmpty();
        meters.on(measured(0, 9));

        assertThat(shown("telemetry.lag")).containsExactly("t-0: 9.0");
    }

    @Test
    void partitionWhosePositionIsNotKnown_isShownNoMore() {
        meters.on(measured(0, 3));

        meters.on(measured(1, 4));

        assertThat(shown("telemetry.lag")).containsExactly("t-1: 4.0");
    }

    @Test
    void end_leavesNoGauge() {
        meters.on(measured(0, 3));

        meters.on(new TelemetryEvent.ConsumerStopped(0, Optional.of(new IllegalStateException("failed"))));
        meters.on(measured(1, 4));

        assertThat(shown("telemetry.lag")).isEmpty();
        assertThat(shown("telemetry.lag.seconds")).isEmpty();
    }
}
