package io.gpufleet.telemetry.jdbc.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.PartitionLag;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryEvent.BatchWritten;
import io.gpufleet.telemetry.TelemetryEvent.LagMeasured;
import io.gpufleet.telemetry.TelemetryEvent.SamplesWritten;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class SampleBufferTest {
    private final SampleBuffer buffer = new SampleBuffer(Clock.systemUTC());

    private void add(long from, long next) {
        for (long offset = from; offset < next; offset++) {
            PartitionLag lag = new PartitionLag(offset, offset, Optional.empty());
            buffer.add(new LagMeasured(Instant.EPOCH, Map.of(new SourcePartition("t", 0), lag)));
        }
    }

    private static List<Long> offsets(SampleBuffer.Samples samples) {
        return samples.lags().stream()
                .map(sample -> sample.lag().durableOffset())
                .toList();
    }

    @Test
    void add_putsRefusedValuesIntoTheSampleOfTheirBatch() {
        buffer.add(new SamplesWritten(90, 5, 3, Map.of()));
        buffer.add(new SamplesWritten(10, 2, 1, Map.of()));
        assertThat(buffer.take(true).batches()).as("a batch is missing").isEmpty();

        buffer.add(new BatchWritten(1, 0, Duration.ZERO));
        buffer.add(new BatchWritten(1, 0, Duration.ZERO));

        List<ProcessingSample> samples = buffer.take(true).batches();
        assertThat(samples.stream().mapToLong(ProcessingSample::rejected).sum()).isEqualTo(7);
        assertThat(samples.stream().mapToLong(ProcessingSample::repeated).sum()).isEqualTo(4);
    }

    @Test
    void add_takesARecordWithNothingButCountedValuesForAFailedOne() {
        buffer.add(new BatchWritten(10, 50, 2, 3, Duration.ZERO));
        buffer.add(new BatchWritten(1, 0, 0, 1, Duration.ZERO));

        List<ProcessingSample> samples = buffer.take(true).batches();
        assertThat(samples.stream().mapToLong(ProcessingSample::failed).sum()).isEqualTo(6);
        assertThat(samples.stream().mapToLong(ProcessingSample::processed).sum())
                .isEqualTo(5);
    }

    @Test
    void giveBack_putsSamplesBeforeThoseThatHaveComeSince() {
        add(0, 3);
        SampleBuffer.Samples taken = buffer.take(true);
        add(3, 5);

        buffer.giveBack(taken);

        assertThat(offsets(buffer.take(true))).containsExactly(0L, 1L, 2L, 3L, 4L);
        assertThat(buffer.take(true).isEmpty()).isTrue();
    }

    @Test
    void giveBack_letsTheOldestGoWhenThereIsNoRoom() {
        add(0, 10);
        SampleBuffer.Samples taken = buffer.take(true);
        add(10, 10_006);

        buffer.giveBack(taken);

        SampleBuffer.Samples rest = buffer.take(true);
        assertThat(offsets(rest))
                .hasSize(10_000)
                .startsWith(6L, 7L, 8L, 9L, 10L)
                .endsWith(10_005L);
        assertThat(rest.dropped()).isEqualTo(6);
    }

    @Test
    void giveBack_keepsNothingThatIsOlderThanAFullBuffer() {
        add(0, 2);
        SampleBuffer.Samples taken = buffer.take(true);
        add(2, 10_003);

        buffer.giveBack(taken);

        SampleBuffer.Samples rest = buffer.take(true);
        assertThat(offsets(rest)).startsWith(3L).hasSize(10_000);
        assertThat(rest.dropped()).isEqualTo(3);
    }
}
