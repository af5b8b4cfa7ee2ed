package io.gpufleet.telemetry.benchmarks.gpu;

import io.gpufleet.telemetry.benchmarks.pipeline.Database;
import io.gpufleet.telemetry.benchmarks.pipeline.Servers;
import io.gpufleet.telemetry.benchmarks.pipeline.TableProgram;
import io.gpufleet.telemetry.benchmarks.report.Extent;
import io.gpufleet.telemetry.benchmarks.report.Rounds;
import io.gpufleet.telemetry.benchmarks.report.Table;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.gpu.CompactionJob;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

/**
 * The program that measures the batches of today's samples while a day is compacted, at the pace of a fleet and without
 * a pause. Client, server and compaction share the processors.
 */
public final class IngestBesideCompaction {
    private static final double MOST = 1.1;
    private static final int GPUS = 400;
    /** 10,000 GPUs with 25 metrics every 30 s are 8,333 samples a second. */
    private static final double SAMPLES_A_SECOND = 8_333;

    private static final int FEWEST = 10;

    private final Database database;
    private final LateBatches batches;
    private Instant time = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    private IngestBesideCompaction(Database database) {
        this.database = database;
        this.batches = new LateBatches(database, "today", GPUS);
    }

    /**
     * Runs the program.
     *
     * @param arguments the extent
     */
    public static void main(String[] arguments) throws Exception {
        TableProgram.run(
                "Batches of " + GPUS * LateBatches.METRICS + " samples beside a compaction",
                IngestBesideCompaction::measure,
                arguments);
    }

    static Table measure(Servers servers, Extent extent) throws Exception {
        Table table = new Table("batches", "alone, ms", "beside a compaction, ms", "times", "wanted", "");
        FleetDays days =
                new FleetDays(extent.choose(1, 12, 40), 3, extent.choose(600, 10, 10), FleetDays.Times.REGULAR, false);
        try (Database database = Database.installed(servers, 4, "", TelemetrySchema.Builder::gpuSamples)) {
            days.copyInto(database);
            servers.execute("CHECKPOINT");
            IngestBesideCompaction ingest = new IngestBesideCompaction(database);
            Duration pace = Duration.ofNanos((long) (GPUS * LateBatches.METRICS / SAMPLES_A_SECOND * 1e9));
            pace = extent.choose(Duration.ZERO, pace, pace);
            ingest.compare(table, "at the pace of 10,000 GPUs", pace, 1, 1);
            ingest.compare(table, "the same, share 0.1", pace, 2, 0.1);
            ingest.compare(table, "without a pause", Duration.ZERO, 3, 1);
        }
        return table;
    }

    /** Writes as many batches alone as beside the compaction of a day. */
    private void compare(Table table, String name, Duration pace, int day, double share) throws Exception {
        write(pace, FEWEST, CompletableFuture.completedFuture(null));
        List<Double> beside = write(pace, FEWEST, compaction(day, share));
        List<Double> alone = write(pace, beside.size(), CompletableFuture.completedFuture(null));
        double times = median(beside) / median(alone);
        table.add(
                name,
                Table.number(median(alone), 1),
                Table.number(median(beside), 1),
                Table.number(times, 2),
                "<= " + Table.number(MOST, 1),
                times <= MOST ? "met" : "missed");
    }

    private static double median(List<Double> millis) {
        return Rounds.of(millis, one -> one).median();
    }

    /** Compacts the first days. */
    private Future<CompactionJob.Result> compaction(int days, double share) {
        Clock clock = Clock.fixed(
                FleetDays.FIRST.plusDays(days + 2).atStartOfDay().toInstant(ZoneOffset.UTC), ZoneOffset.UTC);
        return CompletableFuture.supplyAsync(() -> {
            try (CompactionJob job = CompactionJob.builder(database.pool())
                    .clock(clock)
                    .share(share)
                    .build()) {
                return job.runOnce();
            }
        });
    }

    /** Writes batches until something else has ended, and returns the time of each in milliseconds. */
    private List<Double> write(Duration pace, int fewest, Future<?> other) throws Exception {
        List<Double> millis = new ArrayList<>();
        long next = System.nanoTime();
        while (millis.size() < fewest || !other.isDone()) {
            time = time.plusSeconds(1);
            millis.add(batches.writeEveryMetric(time));
            next += pace.toNanos();
            LockSupport.parkNanos(next - System.nanoTime());
        }
        other.get();
        return millis;
    }
}
