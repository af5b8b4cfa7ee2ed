package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.jdbc.Database;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import javax.sql.DataSource;

/** Samples by numbers in a database, and jobs that compact them as of 2026-03-04 12:00 UTC. */
final class CompactionFixture {
    static final LocalDate DAY = LocalDate.parse("2026-03-01");
    static final Instant NOW = Instant.parse("2026-03-04T12:00:00Z");

    private static final String ROW = "gpu_no, metric_no, series_key, ts, encode(float8send(metric_value), 'hex'),"
            + " labels_id, instance, scope, quality";
    private static final String SAMPLES = "SELECT " + ROW + " FROM gpu_sample UNION ALL SELECT " + ROW
            + " FROM gpu_sample_unpacked ORDER BY 1, 2, 3, 4";

    private final Database database;

    CompactionFixture(Database database) {
        this.database = database;
    }

    Database database() {
        return database;
    }

    /** Creates the partition of a day's rows. */
    CompactionFixture with(LocalDate day) {
        database.execute(
                "CREATE TABLE gpu_sample_%1$s PARTITION OF gpu_sample FOR VALUES FROM ('%2$s 00:00+00') TO ('%3$s 00:00+00')"
                        .formatted(day.toString().replace("-", ""), day, day.plusDays(1)));
        return this;
    }

    /** Inserts samples of some GPUs and three metrics, every 10 seconds from a time. */
    CompactionFixture insert(int gpus, String from, int times) {
        database.execute(
                "INSERT INTO gpu_sample SELECT timestamptz '%2$s' + n * interval '10 seconds', 0, (n * metric) / 1000.0,"
                                .formatted(gpus, from)
                        + " 7, gpu, metric, '', 0, 0 FROM generate_series(0, %d) AS n, generate_series(1, %d) AS gpu,"
                                .formatted(times - 1, gpus)
                        + " generate_series(1, 3) AS metric");
        return this;
    }

    CompactionJob.Builder job() {
        return job(database.dataSource());
    }

    /** Returns a job with connections of its own. */
    CompactionJob.Builder job(DataSource connections) {
        return CompactionJob.builder(connections).clock(Clock.fixed(NOW, ZoneOffset.UTC));
    }

    /** Returns all samples, of rows and pieces, with the bits of their values. */
    List<String> samples() {
        return database.rows(SAMPLES);
    }

    long rows() {
        return database.count("gpu_sample");
    }

    /** Returns the bytes of the days of rows and pieces, with their indexes. */
    long bytes() {
        return Long.parseLong(
                database.row("SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits WHERE inhparent IN"
                        + " ('gpu_sample'::regclass, 'gpu_sample_hour'::regclass, 'gpu_sample_times'::regclass,"
                        + " 'gpu_sample_piece'::regclass)"));
    }
}
