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
import io.gpufleet.telemetry.benchmarks.pipeline.Database;
import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.gpu.GpuSampleSink;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** Batches of one sample of each GPU, written by one sink. Belongs to one thread. */
final class LateBatches {
    static final int METRICS = 25;

    private static final int HOURS = 24;
    private static final LogId LOG = new LogId("late", new UUID(0, 1));

    private final PostgresSink<GpuSample> sink;
    private final SourcePartition partition;
    private final List<GpuSubject> gpus;
    private long next;

    /** Opens a sink for a group, at the beginning of a partition that is named like it. */
    LateBatches(Database database, String group, int gpus) {
        this.sink = GpuSampleSink.create(database.pool());
        this.partition = new SourcePartition(group, 0);
        this.gpus = IntStream.range(0, gpus).mapToObj(LateBatches::gpu).toList();
        sink.open(SinkContext.of(group, TelemetryListener.none()));
        sink.change(
                List.of(new PositionChange(partition, Optional.empty(), new Position(LOG, 0, -1), Optional.empty())));
    }

    private static GpuSubject gpu(int number) {
        return GpuSubject.builder(String.format(Locale.ROOT, "GPU-%08d-0000-4000-8000-000000000000", number))
                .host("n" + number / 8)
                .build();
    }

    /** Writes a sample of each GPU and metric on a day of its own. */
    void writeEveryMetric() {
        writeEveryMetric(StoredDays.BASE.atStartOfDay(ZoneOffset.UTC).toInstant());
    }

    /** Writes a sample of each GPU and metric, and returns the time in milliseconds. */
    double writeEveryMetric(Instant time) {
        return write(gpus.stream()
                .flatMap(gpu -> IntStream.range(0, METRICS).mapToObj(metric -> sample(gpu, metric, time)))
                .toList());
    }

    /**
     * Writes a sample of each GPU, each hour of a day in turn.
     *
     * @param micros the time in the hour
     * @return the time in milliseconds
     */
    double write(LocalDate day, long micros) {
        Instant midnight = day.atStartOfDay(ZoneOffset.UTC).toInstant().plus(micros, ChronoUnit.MICROS);
        return write(IntStream.range(0, gpus.size())
                .mapToObj(i -> sample(gpus.get(i), i % METRICS, midnight.plus(i % HOURS, ChronoUnit.HOURS)))
                .toList());
    }

    private static GpuSample sample(GpuSubject gpu, int metric, Instant time) {
        return GpuSample.of(time, GpuMetric.named("metric_" + metric), 0, gpu);
    }

    private double write(List<GpuSample> samples) {
        Batch.Builder<GpuSample> builder = Batch.<GpuSample>builder().open(partition, LOG, next);
        for (GpuSample sample : samples) {
            SourceRecord record = SourceRecord.builder(partition, next++)
                    .timestampMillis(sample.time().toEpochMilli())
                    .value(new byte[] {1})
                    .build();
            builder.add(Delivery.of(sample, sample.time(), record));
        }
        Batch<GpuSample> batch = builder.build();
        long start = System.nanoTime();
        sink.write(batch);
        return (System.nanoTime() - start) / (double) TimeUnit.MILLISECONDS.toNanos(1);
    }
}
