package io.gpufleet.telemetry.jdbc.gpu;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;

/**
 * The rows of some hours of an old table, as they are in one snapshot, read some at a time by a cursor. Belongs to one
 * thread.
 */
final class TableRows implements AutoCloseable {
    /** An hour of 10,000 GPUs would be sorted on disk. */
    private static final String SNAPSHOT =
            "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET LOCAL work_mem = '64MB'";

    /**
     * A row.
     *
     * @param id its id, as text
     * @param json its fields
     */
    @SuppressWarnings("ArrayRecordComponent") // the bytes are carried, never compared
    record OldRow(String id, byte[] json) {}

    private final Connection connection;
    private final FlatTable table;
    private final OffsetDateTime begin;
    private final PreparedStatement statement;
    private final ResultSet rows;
    private final RowJson json;

    /**
     * Opens the rows of some hours.
     *
     * @param connection a transaction in which nothing was read
     * @param atOnce how many rows are fetched at once
     */
    TableRows(Connection connection, FlatTable table, OffsetDateTime begin, int hours, int atOnce) throws SQLException {
        this.connection = connection;
        this.table = table;
        this.begin = begin;
        try (Statement snapshot = connection.createStatement()) {
            snapshot.execute(SNAPSHOT);
        }
        FlatTable.setTexts(connection);
        this.statement = table.rows(connection, begin, hours);
        statement.setFetchSize(atOnce);
        this.rows = statement.executeQuery();
        this.json = new RowJson(table.fields());
    }

    /** Returns what the snapshot has of the first hour. */
    TableHour hour() throws SQLException {
        return table.hour(connection, begin);
    }

    /** Moves behind some rows. */
    void skip(long count) throws SQLException {
        for (long i = 0; i < count && rows.next(); i++) {
            // Only passed by.
        }
    }

    /** Returns the next rows, none behind the last one. */
    List<OldRow> next(int count) throws SQLException {
        List<OldRow> next = new ArrayList<>();
        while (next.size() < count && rows.next()) {
            next.add(new OldRow(String.valueOf(rows.getString(1)), json.of(rows)));
        }
        return next;
    }

    @Override
    public void close() throws SQLException {
        try (statement) {
            rows.close();
        }
    }
}
