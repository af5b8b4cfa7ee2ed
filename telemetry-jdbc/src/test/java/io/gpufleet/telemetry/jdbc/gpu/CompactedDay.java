package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.internal.TransactionTimeouts;
import io.gpufleet.telemetry.jdbc.internal.Transactions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** A day of samples that is compacted, transaction by transaction, as a job does it. */
final class CompactedDay {
    /** The GPUs and hours with rows. */
    private static final String HOURS = "SELECT DISTINCT gpu_no, (extract(epoch FROM date_trunc('hour', ts, 'UTC'))"
            + " * 1000000)::bigint FROM gpu_sample WHERE ts >= '%1$s+00' AND ts < '%1$s+00'::timestamptz"
            + " + interval '24 hours' ORDER BY 1, 2";

    private final Database database;
    private final LocalDate day;

    CompactedDay(Database database, LocalDate day) {
        this.database = database;
        this.day = day;
    }

    /** Opens the day for compaction, in one transaction. */
    CompactedDay open() {
        inTransaction(this::open);
        return this;
    }

    /** Opens the day for compaction: no writer is in its transaction then. */
    void open(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("LOCK TABLE gpu_sample_retention IN SHARE ROW EXCLUSIVE MODE");
            for (String table : List.of("gpu_sample_hour", "gpu_sample_times", "gpu_sample_piece")) {
                statement.execute(
                        "CREATE TABLE IF NOT EXISTS %1$s_%2$s PARTITION OF %1$s FOR VALUES FROM ('%3$s+00') TO ('%4$s+00')"
                                .formatted(table, day.toString().replace("-", ""), day, day.plusDays(1)));
            }
            statement.execute("INSERT INTO gpu_sample_compaction (day) VALUES ('" + day + "')");
        }
    }

    /** Moves all rows of the day into pieces, hour by hour. */
    CompactedDay compact() {
        for (String hour : database.rows(HOURS.formatted(day))) {
            String[] parts = hour.split("\\|", -1);
            inTransaction(connection -> compact(connection, Integer.parseInt(parts[0]), Long.parseLong(parts[1])));
        }
        return this;
    }

    /** Moves the rows of a GPU and hour, whose beginning is in microseconds since 1970. */
    static void compact(Connection connection, int gpu, long hour) throws SQLException {
        lock(connection, gpu, hour);
        new PieceRewrite(Optional.empty()).rewrite(connection, gpu, hour);
    }

    private static void lock(Connection connection, int gpu, long hour) throws SQLException {
        insertHour(connection, gpu, hour);
        try (Statement statement = connection.createStatement()) {
            statement.execute(
                    "SELECT 1 FROM gpu_sample_hour WHERE (gpu_no, hour) = (" + keyOf(gpu, hour) + ") FOR UPDATE");
        }
    }

    /** Inserts the row for locks of a GPU and hour, whose beginning is in microseconds since 1970. */
    static void insertHour(Connection connection, int gpu, long hour) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(
                    "LOCK TABLE gpu_sample_retention IN SHARE MODE; INSERT INTO gpu_sample_hour (gpu_no, hour)"
                            + " VALUES (" + keyOf(gpu, hour) + ") ON CONFLICT DO NOTHING");
        }
    }

    private static String keyOf(int gpu, long hour) {
        return gpu + ", timestamptz 'epoch' + " + hour + " * interval '1 microsecond'";
    }

    static long hourOf(Instant time) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, time.truncatedTo(ChronoUnit.HOURS));
    }

    /** The statements of a transaction. */
    interface Work {
        void run(Connection connection) throws SQLException;
    }

    void inTransaction(Work work) {
        new Transactions(database.dataSource(), TransactionTimeouts.DEFAULT).call("compaction", connection -> {
            work.run(connection);
            return Boolean.TRUE;
        });
    }
}
