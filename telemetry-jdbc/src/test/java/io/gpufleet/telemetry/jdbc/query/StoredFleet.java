package io.gpufleet.telemetry.jdbc.query;

import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.Feed;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import io.gpufleet.telemetry.jdbc.gpu.CompactionJob;
import io.gpufleet.telemetry.jdbc.gpu.GpuMetricsSink;
import io.gpufleet.telemetry.jdbc.gpu.GpuSampleSink;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import javax.sql.DataSource;

/** Samples that the sink has stored in a database of their own, and questions about them as of 2026-03-04 12:00 UTC. */
final class StoredFleet {
    static final String U = "GPU-3f1c0a52-77d4-4b0e-9a61-5e2d8c94b701";
    static final String V = "GPU-b8824e19-0c6d-4f57-8e3a-91d7aa60f2c5";
    static final String W = "GPU-5a90d3f7-21be-4c68-b0f4-7c3e6d15a8e9";
    static final String X = "GPU-e4176bc2-9f03-4d2a-8c5b-06ad94f7b31d";
    static final Instant NOW = Instant.parse("2026-03-04T12:00:00Z");

    private final Database database;
    private final Feed<GpuSample> feed;
    private final Feed<GpuSample> wide;
    private final List<GpuSample> samples = new ArrayList<>();

    StoredFleet(PostgresVersion version) {
        this.database = version.gpuDatabase(GpuLayout.NUMBERED);
        this.feed = Feed.open(GpuSampleSink.create(database.dataSource()), Feed.P0);
        this.wide = Feed.open(GpuMetricsSink.create(database.dataSource()), Feed.P1);
    }

    Database database() {
        return database;
    }

    GpuQueries queries() {
        return queries(database.dataSource());
    }

    static GpuQueries queries(DataSource dataSource) {
        return GpuQueries.builder(dataSource)
                .clock(Clock.fixed(NOW, ZoneOffset.UTC))
                .build();
    }

    /** Returns the samples that were stored. */
    List<GpuSample> samples() {
        return samples;
    }

    static GpuSubject.Builder gpu(String uuid) {
        return GpuSubject.builder(uuid)
                .index(3)
                .device("nvidia3")
                .host("node-17")
                .model("NVIDIA H100 80GB HBM3")
                .pciBusId("00000000:1B:00.0")
                .label("job", "train \"a\"\\b");
    }

    static GpuSample sample(GpuSubject subject, String metric, double value, String time) {
        return GpuSample.of(Instant.parse(time), GpuMetric.named(metric), value, subject);
    }

    StoredFleet store(String uuid, String metric, double value, String time) {
        return store(List.of(sample(gpu(uuid).build(), metric, value, time)));
    }

    /** Stores samples in one batch. */
    StoredFleet store(Collection<GpuSample> batch) {
        batch.forEach(sample -> feed.add(sample, sample.time()));
        feed.write();
        samples.addAll(batch);
        return this;
    }

    /** Stores samples in wide rows, those of one GPU and time in one. */
    StoredFleet storeWide(Collection<GpuSample> batch) {
        batch.forEach(sample -> wide.add(sample, sample.time()));
        wide.write();
        return this;
    }

    /** Compacts a day and all days before it. */
    StoredFleet compact(LocalDate day) {
        Clock clock = Clock.fixed(day.plusDays(2).atTime(1, 0).toInstant(ZoneOffset.UTC), ZoneOffset.UTC);
        try (CompactionJob job = CompactionJob.builder(database.dataSource())
                .afterDays(1)
                .clock(clock)
                .build()) {
            job.runOnce();
        }
        return this;
    }
}
