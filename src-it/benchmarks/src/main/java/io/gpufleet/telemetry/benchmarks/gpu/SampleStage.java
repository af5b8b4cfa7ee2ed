package io.gpufleet.telemetry.benchmarks.gpu;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.BatchPolicy;
import io.gpufleet.telemetry.Sink;
import io.gpufleet.telemetry.benchmarks.pipeline.BacklogSettings;
import io.gpufleet.telemetry.benchmarks.pipeline.ConsumerRun;
import io.gpufleet.telemetry.benchmarks.pipeline.Database;
import io.gpufleet.telemetry.benchmarks.pipeline.Figures;
import io.gpufleet.telemetry.benchmarks.pipeline.Measurement;
import io.gpufleet.telemetry.benchmarks.pipeline.Servers;
import io.gpufleet.telemetry.benchmarks.pipeline.SinkFeed;
import io.gpufleet.telemetry.codec.ExpositionTextDecoder;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSampleValidator;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.kafka.GpuSampleConsumer;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The stage of all rows of GPU samples: the servers, and scrapes in a topic. As with heartbeats, the batches are larger
 * than on a quiet day, and the last one of the backlog does not wait. Owned by the thread that runs the rows.
 */
final class SampleStage {
    private static final int BATCH = 50_000;
    private static final int MEBIBYTE = 1 << 20;
    private static final long BUFFER_BYTES = 64L * MEBIBYTE;
    private static final BatchPolicy BATCHING = BatchPolicy.builder()
            .maxRecords(BATCH)
            .maxValues(BATCH)
            .maxBytes(32L * MEBIBYTE)
            .linger(Duration.ofMillis(50))
            .build();

    private final Servers servers;
    private final ScrapeBacklog backlog;
    private final Map<Integer, List<List<Batch<GpuSample>>>> batches = new HashMap<>();
    private int groups;

    private SampleStage(Servers servers, ScrapeBacklog backlog) {
        this.servers = servers;
        this.backlog = backlog;
    }

    /** Publishes the backlog. */
    static SampleStage of(Servers servers, ScrapeBacklog backlog) {
        backlog.publish(servers);
        return new SampleStage(servers, backlog);
    }

    Servers servers() {
        return servers;
    }

    ScrapeBacklog backlog() {
        return backlog;
    }

    /** Returns the name of a consumer group that has consumed nothing yet. */
    String newGroup() {
        groups++;
        return backlog.topic() + "-" + groups;
    }

    /** Returns an empty database with the product's tables and a connection for each lane and two more. */
    Database newDatabase(int lanes) throws SQLException {
        Database database = Database.installed(servers, lanes + 2, "", TelemetrySchema.Builder::gpuSamples);
        servers.execute("CHECKPOINT");
        return database;
    }

    /** Consumes the whole backlog into an empty database. */
    Figures endToEnd(SampleForm form, int lanes) throws InterruptedException, SQLException {
        try (Database database = newDatabase(lanes)) {
            Figures figures = consume(consumer(form.sink(database.pool()), lanes));
            requireAll(form, database);
            return figures;
        }
    }

    /** Writes the batches of a consumer from memory into an empty database. */
    Figures sinkOnly(SampleForm form, int lanes) throws InterruptedException, SQLException {
        try (Database database = newDatabase(lanes)) {
            return sinkOnly(form, lanes, database);
        }
    }

    /** Writes the batches of a consumer from memory. */
    Figures sinkOnly(SampleForm form, int lanes, Database database) throws InterruptedException, SQLException {
        List<List<Batch<GpuSample>>> recorded = batches(lanes);
        Figures figures = SinkFeed.measure(measure(), form.sink(database.pool()), newGroup(), recorded);
        requireAll(form, database);
        return figures;
    }

    Measurement measure() {
        return Measurement.of(servers, backlog.samples());
    }

    private List<List<Batch<GpuSample>>> batches(int lanes) throws InterruptedException {
        List<List<Batch<GpuSample>>> recorded = batches.get(lanes);
        if (recorded == null) {
            Map<Thread, List<Batch<GpuSample>>> byLane = new ConcurrentHashMap<>();
            Sink<GpuSample> memory = batch -> byLane.computeIfAbsent(Thread.currentThread(), lane -> new ArrayList<>())
                    .add(batch);
            consume(consumer(memory, lanes).discardDeadLetters());
            recorded = byLane.values().stream().map(List::copyOf).toList();
            batches.put(lanes, recorded);
        }
        return recorded;
    }

    private Figures consume(BatchingConsumer.Builder<GpuSample> consumer) throws InterruptedException {
        return ConsumerRun.of(measure(), List.of(consumer));
    }

    private BatchingConsumer.Builder<GpuSample> consumer(Sink<GpuSample> sink, int lanes) {
        return GpuSampleConsumer.builder(ExpositionTextDecoder.create(), sink)
                .validator(GpuSampleValidator.builder().anyAge().build())
                .bootstrapServers(servers.broker().bootstrapServers())
                .topics(backlog.topic())
                .groupId(newGroup())
                .concurrency(lanes)
                .batching(BATCHING)
                .bufferBytes(lanes * BUFFER_BYTES)
                .overrides(BacklogSettings.CLIENT);
    }

    private void requireAll(SampleForm form, Database database) throws SQLException {
        long expected = backlog.samples() / form.samplesOfARow();
        long stored = database.numbers("SELECT count(*) FROM " + form.table()).get(0);
        if (stored != expected) {
            throw new IllegalStateException(form.table() + " has " + stored + " rows, not " + expected);
        }
    }
}
