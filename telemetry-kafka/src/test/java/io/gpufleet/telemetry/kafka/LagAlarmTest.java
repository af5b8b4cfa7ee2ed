package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.AlarmPolicy;
import io.gpufleet.telemetry.PartitionLag;
import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.TelemetryEvent.LagMeasured;
import io.gpufleet.telemetry.TelemetryEvent.Severity;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LagAlarmTest {
    private static final long STEP_SECONDS = 5;

    private final LagAlarm alarm = new LagAlarm(AlarmPolicy.defaults());
    private long seconds;

    private Optional<TelemetryEvent.LagAlarm> measured(int partition, long lag) {
        seconds += STEP_SECONDS;
        PartitionLag behind = new PartitionLag(0, lag, Optional.empty());
        LagMeasured measured = new LagMeasured(Instant.EPOCH, Map.of(Logs.partition(partition), behind));
        return alarm.measured(Duration.ofSeconds(seconds).toNanos(), measured);
    }

    private Optional<TelemetryEvent.LagAlarm> measured(long lag) {
        return measured(0, lag);
    }

    @Test
    void measured_tellsWhenTheLagPassesALimit() {
        assertThat(measured(10_000)).isEmpty();
        assertThat(measured(10_001))
                .contains(new TelemetryEvent.LagAlarm(Severity.WARNING, 10_001, "more than 10000 messages behind"));
        assertThat(measured(20_000)).as("nothing new").isEmpty();
        assertThat(measured(100_000)).isEmpty();
        assertThat(measured(100_001))
                .contains(new TelemetryEvent.LagAlarm(Severity.CRITICAL, 100_001, "more than 100000 messages behind"));
        assertThat(measured(0)).contains(new TelemetryEvent.LagAlarm(Severity.NONE, 0, ""));
    }

    @Test
    void measured_isCriticalAfterFiveMinutesOfGrowth() {
        List<Long> alarmedAt = new ArrayList<>();

        for (long lag = 0; seconds < 400; lag++) {
            measured(lag).ifPresent(told -> {
                assertThat(told.severity()).isEqualTo(Severity.CRITICAL);
                assertThat(told.reason()).isEqualTo("the lag has grown for more than 300 s");
                alarmedAt.add(seconds);
            });
        }

        assertThat(alarmedAt).containsExactly(310L);
        assertThat(measured(0)).map(TelemetryEvent.LagAlarm::severity).contains(Severity.NONE);
    }

    @Test
    void now_judgesTheLagSinceTheLastMeasurement() {
        measured(100_001);

        assertThat(alarm.now(100_001).severity()).isEqualTo(Severity.CRITICAL);
        assertThat(alarm.now(10_001).severity()).isEqualTo(Severity.WARNING);
        assertThat(alarm.now(10_000).severity()).isEqualTo(Severity.NONE);
    }

    @Test
    void now_doesNotCallASmallerLagGrowing() {
        for (long lag = 0; seconds < 400; lag++) {
            measured(lag);
        }

        assertThat(alarm.now(80).severity()).isEqualTo(Severity.CRITICAL);
        assertThat(alarm.now(10).severity()).isEqualTo(Severity.NONE);
    }

    @Test
    void measured_seesGrowthBehindTheUpsAndDownsOfBatches() {
        boolean alarmed = false;

        for (int i = 0; i < 100; i++) {
            alarmed |= measured(i * 20L + (i % 2 == 0 ? 100 : 0)).isPresent();
        }

        assertThat(alarmed).isTrue();
    }

    @Test
    void measured_doesNotTakeNoiseForGrowth() {
        SplittableRandom random = new SplittableRandom(4);

        for (int i = 0; i < 20_000; i++) {
            assertThat(measured(random.nextInt(5_000))).isEmpty();
        }
    }

    @Test
    void measured_beginsAnewWithOtherPartitions() {
        for (int i = 0; i < 60; i++) {
            assertThat(measured(0, i)).isEmpty();
        }
        for (int i = 0; i < 60; i++) {
            assertThat(measured(1, 1_000 + i)).isEmpty();
        }
    }
}
