package io.gpufleet.telemetry.benchmarks.gpu;

import io.gpufleet.telemetry.benchmarks.pipeline.Database;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.List;

/** Two days with samples of every GPU and metric: one of rows, and a compacted one. Belongs to one thread. */
final class StoredDays {
    /** The day with one sample of each GPU and metric, whose numbers and labels the others have. */
    static final LocalDate BASE = LocalDate.parse("2026-01-10");

    private static final LocalDate ROWS = LocalDate.parse("2026-01-11");
    private static final LocalDate PIECES = LocalDate.parse("2026-01-12");

    /** Seconds between compacted samples. */
    private static final int CADENCE = 30;

    private static final String NAMED = "s.series_key, %s, s.labels_id, s.gpu_no, s.metric_no, s.instance, s.scope,"
            + " s.quality FROM gpu_sample AS s, ";
    private static final String BASE_ROWS = " WHERE s.ts = '" + BASE + "+00'";
    private static final String HOURS =
            "generate_series('%1$s+00'::timestamptz, '%1$s 23:00+00', interval '1 hour') AS hour";

    private final Database database;
    private final int secondsBetweenRows;

    /**
     * Prepares the days.
     *
     * @param secondsBetweenRows the distance of stored rows, a multiple of 30 and a part of an hour; the samples of the
     *     pieces are 30 s apart
     */
    StoredDays(Database database, int secondsBetweenRows) {
        this.database = database;
        this.secondsBetweenRows = secondsBetweenRows;
    }

    LocalDate rows() {
        return ROWS;
    }

    LocalDate pieces() {
        return PIECES;
    }

    /** Fills both days. The first sample of each hour is 0, as are those of the late batches. */
    void fill() throws SQLException {
        partition(ROWS, List.of("gpu_sample"));
        partition(PIECES, List.of("gpu_sample", "gpu_sample_hour", "gpu_sample_times", "gpu_sample_piece"));
        database.execute("INSERT INTO gpu_sample SELECT hour + n * interval '1 second', "
                + NAMED.formatted("n / " + CADENCE + " % 100") + HOURS.formatted(ROWS) + ", generate_series(0, 3599, "
                + secondsBetweenRows + ") AS n" + BASE_ROWS);
        database.execute("INSERT INTO gpu_sample_compaction (day) VALUES ('" + PIECES + "')");
        database.execute(
                "INSERT INTO gpu_sample_hour (gpu_no, hour) SELECT gpu_no, hour FROM gpu, " + HOURS.formatted(PIECES));
        int samples = 3600 / CADENCE;
        database.execute(
                "INSERT INTO gpu_sample_times (gpu_no, hour, times_no, samples, micros) SELECT gpu_no, hour, 0,"
                        + samples + ", (SELECT array_agg((n * " + CADENCE
                        + " - 1800) * 1000000) FROM generate_series(0, "
                        + (samples - 1) + ") AS n) FROM gpu, " + HOURS.formatted(PIECES));
        database.execute("INSERT INTO gpu_sample_piece (hour, times_no, samples, divisor, series_key, small, labels_id,"
                + " gpu_no, metric_no, instance, scope, quality) SELECT hour, 0, " + samples + ", 1, "
                + NAMED.formatted(
                        "(SELECT array_agg((n % 100)::smallint) FROM generate_series(0, " + (samples - 1) + ") AS n)")
                + HOURS.formatted(PIECES) + BASE_ROWS);
        database.execute("VACUUM ANALYZE");
    }

    private void partition(LocalDate day, List<String> tables) throws SQLException {
        for (String table : tables) {
            database.execute("CREATE TABLE %1$s_%2$s PARTITION OF %1$s FOR VALUES FROM ('%3$s+00') TO ('%4$s+00')"
                    .formatted(table, day.toString().replace("-", ""), day, day.plusDays(1)));
        }
    }

    /** Throws unless both days have the same number of late samples. */
    void requireOnce() throws SQLException {
        String late = "SELECT count(*) FROM gpu_sample WHERE ts >= '%s+00' AND ts < '%s+00'"
                + " AND extract(second FROM ts) NOT IN (0, 30)";
        long rows = database.numbers(late.formatted(ROWS, PIECES)).get(0);
        long besidePieces = database.numbers("SELECT count(*) FROM gpu_sample WHERE ts >= '" + PIECES + "+00'")
                .get(0);
        if (rows == 0 || rows != besidePieces) {
            throw new IllegalStateException(besidePieces + " samples beside the pieces are not " + rows);
        }
    }
}
