package io.gpufleet.telemetry.benchmarks.growth;

import io.gpufleet.telemetry.benchmarks.pipeline.Backlog;
import io.gpufleet.telemetry.benchmarks.pipeline.BacklogSettings;
import io.gpufleet.telemetry.benchmarks.pipeline.ConsumerRun;
import io.gpufleet.telemetry.benchmarks.pipeline.Contents;
import io.gpufleet.telemetry.benchmarks.pipeline.Database;
import io.gpufleet.telemetry.benchmarks.pipeline.Figures;
import io.gpufleet.telemetry.benchmarks.pipeline.Servers;
import io.gpufleet.telemetry.benchmarks.pipeline.Stage;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The measurement of writes to a database that has grown: each round is a day of its own, of the same machines, after
 * an uncounted one that makes every machine known. Each machine sends at least once a day.
 */
final class Growth {
    private static final Instant FIRST_DAY = Instant.parse("2026-01-01T00:00:00Z");
    private static final int PARTITIONS = 4;

    private final Servers servers;
    private final BacklogSettings settings;
    private final int records;
    private final int rounds;

    Growth(Servers servers, BacklogSettings settings, int records, int rounds) {
        this.servers = servers;
        this.settings = settings;
        this.records = records;
        this.rounds = rounds;
    }

    /** The figures of one database. */
    record Outcome(List<Figures> rounds, long bytes) {}

    /**
     * Measures one database.
     *
     * @param stored the number of heartbeats in the table beforehand, a multiple of the clients
     * @param storedPerDay the number of them per day
     */
    Outcome measure(Layout layout, int clients, long stored, int storedPerDay) throws Exception {
        try (Database database = Database.installed(servers, settings.connections(), "", layout::applyTo)) {
            new StoredHeartbeats(database, day(clients, 0), layout.isPartitionedByDay()).fill(stored, storedPerDay);
            round(database, layout, day(clients, 0));
            List<Figures> figures = new ArrayList<>();
            for (int round = 1; round <= rounds; round++) {
                figures.add(round(database, layout, day(clients, round)));
            }
            Contents.ofDays(day(clients, 0), 1 + rounds).withHeartbeats(stored).requireIn(database, layout.toString());
            return new Outcome(figures, bytes(database));
        }
    }

    private Backlog day(int clients, int number) {
        return new Backlog(
                "growth-" + clients + "-" + number,
                Math.max(records, clients),
                1,
                clients,
                PARTITIONS,
                FIRST_DAY.plus(Duration.ofDays(number)));
    }

    private Figures round(Database database, Layout layout, Backlog backlog) throws Exception {
        try (Stage stage = Stage.ofPublished(servers, backlog)) {
            database.execute("CHECKPOINT");
            return ConsumerRun.of(stage, settings, layout.sink(database.pool()));
        }
    }

    /**
     * Returns the bytes of the heartbeats with their indexes; a table without partitions is not in its own partition
     * tree.
     */
    private static long bytes(Database database) throws SQLException {
        List<Long> numbers = database.numbers("""
                SELECT pg_total_relation_size('heartbeat')
                           + coalesce((SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('heartbeat')), 0),
                       (SELECT count(*) FROM heartbeat)""");
        return numbers.get(0) / numbers.get(1);
    }
}
