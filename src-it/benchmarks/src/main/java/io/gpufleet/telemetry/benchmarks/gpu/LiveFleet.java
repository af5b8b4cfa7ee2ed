package io.gpufleet.telemetry.benchmarks.gpu;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.LogId;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.PositionChange;
import io.gpufleet.telemetry.SinkContext;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.TelemetryListener;
import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.gpu.GpuMetricsSink;
import io.gpufleet.telemetry.jdbc.gpu.GpuSampleSink;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import javax.sql.DataSource;

/**
 * A consumer at the pace of a fleet: each second it writes the scrapes of as many GPUs as answer in a second, with the
 * sinks of long and of wide rows. Belongs to one thread.
 */
final class LiveFleet {
    private static final LogId LOG = new LogId("live", new UUID(0, 1));
    private static final List<GpuMetric> METRICS = List.of(
            GpuMetric.named("DCGM_FI_DEV_SM_CLOCK"),
            GpuMetric.named("DCGM_FI_DEV_MEM_CLOCK"),
            GpuMetric.named("DCGM_FI_DEV_MEMORY_TEMP"),
            GpuMetric.named("DCGM_FI_DEV_GPU_TEMP"),
            GpuMetric.named("DCGM_FI_DEV_POWER_USAGE"),
            GpuMetric.named("DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION"),
            GpuMetric.named("DCGM_FI_DEV_PCIE_REPLAY_COUNTER"),
            GpuMetric.named("DCGM_FI_DEV_GPU_UTIL"),
            GpuMetric.named("DCGM_FI_DEV_MEM_COPY_UTIL"),
            GpuMetric.named("DCGM_FI_DEV_ENC_UTIL"),
            GpuMetric.named("DCGM_FI_DEV_DEC_UTIL"),
            GpuMetric.named("DCGM_FI_DEV_XID_ERRORS"),
            GpuMetric.named("DCGM_FI_DEV_FB_FREE"),
            GpuMetric.named("DCGM_FI_DEV_FB_USED"),
            GpuMetric.named("DCGM_FI_DEV_ECC_SBE_VOL_TOTAL"),
            GpuMetric.named("DCGM_FI_DEV_ECC_DBE_VOL_TOTAL"),
            GpuMetric.named("DCGM_FI_PROF_GR_ENGINE_ACTIVE"),
            GpuMetric.named("DCGM_FI_PROF_SM_ACTIVE"),
            GpuMetric.named("DCGM_FI_PROF_SM_OCCUPANCY"),
            GpuMetric.named("DCGM_FI_PROF_PIPE_TENSOR_ACTIVE"),
            GpuMetric.named("DCGM_FI_PROF_DRAM_ACTIVE"),
            GpuMetric.named("DCGM_FI_PROF_PCIE_TX_BYTES"),
            GpuMetric.named("DCGM_FI_PROF_PCIE_RX_BYTES"),
            GpuMetric.named("DCGM_FI_PROF_NVLINK_TX_BYTES"),
            GpuMetric.named("DCGM_FI_PROF_NVLINK_RX_BYTES"));

    private final QueriedFleet fleet;
    private final Clock clock;
    private final Feed rows;
    private final Feed wideRows;
    private final SplittableRandom random = new SplittableRandom(7);
    private long samples;

    /**
     * Opens the sinks.
     *
     * @param clock the time of the scrapes
     */
    LiveFleet(QueriedFleet fleet, DataSource source, Clock clock) {
        this.fleet = fleet;
        this.clock = clock;
        String group = "live-" + UUID.randomUUID();
        this.rows = new Feed(GpuSampleSink.create(source), group);
        this.wideRows = new Feed(GpuMetricsSink.create(source), group + "-wide");
    }

    /** Writes until a condition holds, and returns the number of samples in long rows. */
    long writeUntil(BooleanSupplier isDone) {
        long next = System.nanoTime();
        for (int second = 0; !isDone.getAsBoolean(); second++) {
            writeSecond(second % fleet.everySeconds());
            next += 1_000_000_000;
            LockSupport.parkNanos(next - System.nanoTime());
        }
        return samples;
    }

    /** Writes the scrapes of the GPUs that answer in a second of the interval. */
    private void writeSecond(int second) {
        Instant time = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        List<GpuSample> longBatch = scrapes(second, fleet.gpus(), time);
        samples += longBatch.size();
        rows.write(longBatch);
        wideRows.write(scrapes(second, fleet.wideGpus(), time));
    }

    private List<GpuSample> scrapes(int second, int gpus, Instant time) {
        List<GpuSample> scrapes = new ArrayList<>();
        IntStream.rangeClosed(1, gpus)
                .filter(gpu -> gpu % fleet.everySeconds() == second)
                .mapToObj(LiveFleet::subject)
                .forEach(gpu -> METRICS.forEach(
                        metric -> scrapes.add(GpuSample.of(time, metric, random.nextInt(50, 90), gpu))));
        return scrapes;
    }

    private static GpuSubject subject(int gpu) {
        return GpuSubject.builder(QueriedFleet.uuid(gpu))
                .index((gpu - 1) % QueriedFleet.GPUS_OF_A_HOST)
                .device("nvidia" + (gpu - 1) % QueriedFleet.GPUS_OF_A_HOST)
                .host(QueriedFleet.host(gpu))
                .model("NVIDIA H100 80GB HBM3")
                .namespace("team-" + gpu / QueriedFleet.GPUS_OF_A_HOST % 10)
                .build();
    }

    /** A sink with the position of its only partition. */
    private static final class Feed {
        private final PostgresSink<GpuSample> sink;
        private final SourcePartition partition;
        private long next;

        Feed(PostgresSink<GpuSample> sink, String group) {
            this.sink = sink;
            this.partition = new SourcePartition(group, 0);
            sink.open(SinkContext.of(group, TelemetryListener.none()));
            sink.change(List.of(
                    new PositionChange(partition, Optional.empty(), new Position(LOG, 0, -1), Optional.empty())));
        }

        void write(List<GpuSample> samples) {
            if (samples.isEmpty()) {
                return;
            }
            Batch.Builder<GpuSample> batch = Batch.<GpuSample>builder().open(partition, LOG, next);
            for (GpuSample sample : samples) {
                SourceRecord record = SourceRecord.builder(partition, next++)
                        .timestampMillis(sample.time().toEpochMilli())
                        .value(new byte[] {1})
                        .build();
                batch.add(Delivery.of(sample, sample.time(), record));
            }
            sink.write(batch.build());
        }
    }
}
