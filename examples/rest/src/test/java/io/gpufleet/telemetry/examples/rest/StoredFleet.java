package io.gpufleet.telemetry.examples.rest;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.LogId;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.PositionChange;
import io.gpufleet.telemetry.SinkContext;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.gpu.GpuSampleSink;
import io.gpufleet.telemetry.testkit.PostgresDatabase;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** A database of its own with the tables of the SDK, and the samples that its sink has stored there. Thread-safe. */
public final class StoredFleet {
    /** A GPU, device nvidia3 of host node-17.rack.example. */
    public static final String U = "GPU-3f1c0a52-77d4-4b0e-9a61-5e2d8c94b701";
    /** Another GPU. */
    public static final String V = "GPU-b8824e19-0c6d-4f57-8e3a-91d7aa60f2c5";
    /** The host of them. */
    public static final String HOST = "node-17.rack.example";

    private static final SourcePartition PARTITION = new SourcePartition("gpu", 0);
    private static final LogId LOG = new LogId("a-cluster", new UUID(1, 2));

    private final PostgresDatabase database;
    private final PostgresSink<GpuSample> sink;
    private long next;

    private StoredFleet(PostgresDatabase database) {
        this.database = database;
        this.sink = GpuSampleSink.create(database.dataSource());
    }

    /** Creates a database with the tables of GPU samples and heartbeats. */
    public static StoredFleet create(TelemetryStack stack) {
        return create(stack.newDatabase());
    }

    static StoredFleet create(PostgresDatabase database) {
        TelemetrySchema.builder(database.dataSource())
                .heartbeats()
                .consumerConfigs()
                .build()
                .install();
        return ofGpusOnly(database);
    }

    /** Adds the tables of GPU samples to a database. */
    public static StoredFleet ofGpusOnly(PostgresDatabase database) {
        TelemetrySchema.builder(database.dataSource()).gpuSamples().build().install();
        StoredFleet fleet = new StoredFleet(database);
        fleet.sink.open(SinkContext.of("g", event -> {}));
        fleet.sink.change(
                List.of(new PositionChange(PARTITION, Optional.empty(), new Position(LOG, 0, -1), Optional.empty())));
        return fleet;
    }

    /** Returns the database. */
    public PostgresDatabase database() {
        return database;
    }

    /** Returns a GPU at device nvidia3 of the host. */
    public static GpuSubject.Builder gpu(String uuid) {
        return GpuSubject.builder(uuid)
                .index(3)
                .device("nvidia3")
                .host(HOST)
                .model("NVIDIA H100 80GB HBM3")
                .pciBusId("00000000:1B:00.0")
                .label("job", "train \"a\"\\b");
    }

    /** Stores a sample of a GPU on the host. */
    public StoredFleet store(String uuid, String metric, double value, String time) {
        return store(List.of(sample(gpu(uuid), metric, value, time)));
    }

    /** Returns a sample. */
    public static GpuSample sample(GpuSubject.Builder gpu, String metric, double value, String time) {
        return GpuSample.of(Instant.parse(time), GpuMetric.named(metric), value, gpu.build());
    }

    /** Stores samples in one batch. */
    public synchronized StoredFleet store(Collection<GpuSample> samples) {
        Batch.Builder<GpuSample> batch = Batch.<GpuSample>builder().open(PARTITION, LOG, next);
        for (GpuSample sample : samples) {
            SourceRecord source = SourceRecord.builder(PARTITION, next)
                    .timestampMillis(sample.time().toEpochMilli())
                    .value(new byte[] {1})
                    .build();
            batch.add(Delivery.of(sample, sample.time(), source));
            next++;
        }
        sink.write(batch.build());
        return this;
    }
}
