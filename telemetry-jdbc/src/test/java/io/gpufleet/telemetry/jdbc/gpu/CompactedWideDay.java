package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.internal.TransactionTimeouts;
import io.gpufleet.telemetry.jdbc.internal.Transactions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;

/** A day of wide rows that is compacted, transaction by transaction, as a job does it. */
final class CompactedWideDay {
    /** The GPUs and hours with rows. */
    private static final String HOURS = "SELECT DISTINCT gpu_no, (extract(epoch FROM date_trunc('hour', time, 'UTC'))"
            + " * 1000000)::bigint FROM gpu_metrics WHERE time >= '%1$s+00' AND time < '%1$s+00'::timestamptz"
            + " + interval '24 hours' ORDER BY 1, 2";

    private final Database database;
    private final LocalDate day;

    CompactedWideDay(Database database, LocalDate day) {
        this.database = database;
        this.day = day;
    }

    /** Opens the day for compaction, in one transaction. */
    CompactedWideDay open() {
        inTransaction(this::open);
        return this;
    }

    /** Opens the day for compaction: no writer is in its transaction then. */
    void open(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("LOCK TABLE gpu_metrics_retention IN SHARE ROW EXCLUSIVE MODE");
            for (String table : List.of("gpu_metrics_hour", "gpu_metrics_piece")) {
                statement.execute(
                        "CREATE TABLE IF NOT EXISTS %1$s_%2$s PARTITION OF %1$s FOR VALUES FROM ('%3$s+00') TO ('%4$s+00')"
                                .formatted(table, day.toString().replace("-", ""), day, day.plusDays(1)));
            }
            statement.execute("INSERT INTO gpu_metrics_compaction (day) VALUES ('" + day + "')");
        }
    }

    /** Moves all rows of the day into pieces, hour by hour, and returns their number. */
    long compact() {
        return database.rows(HOURS.formatted(day)).stream()
                .mapToLong(hour -> {
                    String[] parts = hour.split("\\|", -1);
                    return compact(Integer.parseInt(parts[0]), Long.parseLong(parts[1]));
                })
                .sum();
    }

    /** Moves the rows of a GPU and hour, whose beginning is in microseconds since 1970. */
    long compact(int gpu, long hour) {
        return new Transactions(database.dataSource(), TransactionTimeouts.DEFAULT)
                .call("compaction", connection -> compact(connection, gpu, hour));
    }

    /** Moves the rows of a GPU and hour in a transaction. */
    static long compact(Connection connection, int gpu, long hour) throws SQLException {
        lock(connection, gpu, hour);
        return new WideRewrite(Optional.empty()).rewrite(connection, gpu, hour);
    }

    private static void lock(Connection connection, int gpu, long hour) throws SQLException {
        String key = gpu + ", timestamptz 'epoch' + " + hour + " * interval '1 microsecond'";
        try (Statement statement = connection.createStatement()) {
            statement.execute(
                    "LOCK TABLE gpu_metrics_retention IN SHARE MODE; INSERT INTO gpu_metrics_hour (gpu_no, hour)"
                            + " VALUES (" + key
                            + ") ON CONFLICT DO NOTHING; SELECT 1 FROM gpu_metrics_hour WHERE (gpu_no, hour)"
                            + " = (" + key + ") FOR UPDATE");
        }
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
