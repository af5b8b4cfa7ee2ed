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
import java.util.Optional;

/** A day of samples or wide rows that is compacted, transaction by transaction, as a job does it. */
final class CompactedDay {
    /** The GPUs and hours with rows. */
    private static final String HOURS =
            "SELECT DISTINCT gpu_no, (extract(epoch FROM date_trunc('hour', {time}, 'UTC')) * 1000000)::bigint FROM {rows}"
                    + " WHERE {time} >= '%1$s+00' AND {time} < '%1$s+00'::timestamptz + interval '24 hours' ORDER BY 1, 2";

    private final Database database;
    private final CompactedTable table;
    private final LocalDate day;

    private CompactedDay(Database database, CompactedTable table, LocalDate day) {
        this.database = database;
        this.table = table;
        this.day = day;
    }

    static CompactedDay ofSamples(Database database, LocalDate day) {
        return new CompactedDay(database, CompactedTable.samples(Optional.empty()), day);
    }

    static CompactedDay ofWideRows(Database database, LocalDate day) {
        return new CompactedDay(database, CompactedTable.wideRows(Optional.empty()), day);
    }

    /** Opens the day for compaction, in one transaction. */
    CompactedDay open() {
        inTransaction(this::open);
        return this;
    }

    /** Opens the day for compaction: no writer is in its transaction then. */
    void open(Connection connection) throws SQLException {
        execute(connection, "LOCK TABLE {rows_retention} IN SHARE ROW EXCLUSIVE MODE");
        for (String piece : table.pieces()) {
            execute(
                    connection,
                    "CREATE TABLE IF NOT EXISTS %1$s_%2$s PARTITION OF %1$s FOR VALUES FROM ('%3$s+00') TO ('%4$s+00')"
                            .formatted(piece, day.toString().replace("-", ""), day, day.plusDays(1)));
        }
        execute(connection, "INSERT INTO {rows_compaction} (day) VALUES ('" + day + "')");
    }

    /** Moves all rows of the day into pieces, hour by hour, and returns their number. */
    long compact() {
        return database.rows(table.sql(HOURS.formatted(day))).stream()
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
    long compact(Connection connection, int gpu, long hour) throws SQLException {
        insertHour(connection, gpu, hour);
        execute(connection, "SELECT 1 FROM {rows_hour} WHERE (gpu_no, hour) = (" + keyOf(gpu, hour) + ") FOR UPDATE");
        return table.rewrite().rewrite(connection, gpu, hour);
    }

    /** Inserts the row for locks of a GPU and hour. */
    void insertHour(Connection connection, int gpu, long hour) throws SQLException {
        execute(
                connection,
                "LOCK TABLE {rows_retention} IN SHARE MODE; INSERT INTO {rows_hour} (gpu_no, hour) VALUES ("
                        + keyOf(gpu, hour) + ") ON CONFLICT DO NOTHING");
    }

    private void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(table.sql(sql));
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
