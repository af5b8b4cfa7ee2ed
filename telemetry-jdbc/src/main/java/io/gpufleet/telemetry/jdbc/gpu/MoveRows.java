package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.jdbc.gpu.SampleTables.Counts;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The progress of the move of one old table, in {@code sample_table_moves}. Thread-safe. */
final class MoveRows {
    static final String TABLE = "sample_table_moves";

    private static final String HOURS = "SELECT hour, source_rows, source_hash, rows_read FROM %s WHERE source = ?";

    private static final String REFUSED =
            "SELECT r.key, r.value FROM %s, jsonb_each_text(refused) AS r WHERE source = ?"
                    + " AND hour >= ? AND hour < ? AND refused <> '{}'";

    private static final String WHERE_UNCHANGED =
            " WHERE source = ? AND hour = ? AND source_rows = ? AND source_hash = ? AND rows_read = ?";

    private static final String ADD = "UPDATE %s SET stored = stored + ?, duplicates = duplicates + ?, conflicts ="
            + " conflicts + ?, no_value = no_value + ?, rejected = rejected + ?, beyond_retention ="
            + " beyond_retention + ? WHERE source = ? AND hour = ?";

    /** A sample that an earlier reading of the hour stored is no duplicate: its row was only read again. */
    private static final String TOTALS = """
            SELECT coalesce(sum(rows_read), 0), coalesce(sum(stored + least(stored_before, duplicates)), 0),
                coalesce(sum(duplicates - least(stored_before, duplicates)), 0), coalesce(sum(conflicts), 0),
                coalesce(sum(no_value), 0), coalesce(sum(rejected), 0), coalesce(sum(beyond_retention), 0)
            FROM %s WHERE source = ?""";

    /**
     * An hour that was read, or a part of it.
     *
     * @param source what the old table had when the reading began
     * @param read how many of its rows were read
     */
    record MovedHour(TableHour source, long read) {
        /** Returns whether all rows that the old table has were read. */
        boolean isAllOf(TableHour now) {
            return read == source.rows() && source.equals(now);
        }

        MovedHour plus(int rows) {
            return new MovedHour(source, read + rows);
        }
    }

    private final String table;
    private final String source;

    MoveRows(Optional<String> schema, String source) {
        this.table = Identifier.qualify(schema, TABLE);
        this.source = source;
    }

    /** Returns all hours. */
    Map<OffsetDateTime, MovedHour> all(Connection connection) throws SQLException {
        Map<OffsetDateTime, MovedHour> hours = new HashMap<>();
        hours(connection, HOURS).forEach(hour -> hours.put(hour.source().begin(), hour));
        return hours;
    }

    /** Returns an hour, if any of it was read. */
    Optional<MovedHour> of(Connection connection, OffsetDateTime begin) throws SQLException {
        return Optional.ofNullable(all(connection).get(begin));
    }

    /** Returns the hours with a time that were read since their samples were last proved. */
    List<MovedHour> unproved(Connection connection) throws SQLException {
        return hours(connection, HOURS + " AND NOT proved AND hour > '-infinity'");
    }

    private List<MovedHour> hours(Connection connection, String query) throws SQLException {
        List<MovedHour> hours = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(query.formatted(table))) {
            statement.setString(1, source);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    OffsetDateTime begin = result.getObject(1, OffsetDateTime.class);
                    TableHour hour = new TableHour(begin, result.getLong(2), result.getLong(3));
                    hours.add(new MovedHour(hour, result.getLong(4)));
                }
            }
        }
        return hours;
    }

    /** Notes that the samples of hours are proved, except where another move has read on. */
    void prove(Connection connection, List<MovedHour> hours) throws SQLException {
        String prove = "UPDATE " + table + " SET proved = true" + WHERE_UNCHANGED;
        try (PreparedStatement statement = connection.prepareStatement(prove)) {
            for (MovedHour hour : hours) {
                setUnchanged(statement, 1, hour);
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    private void setUnchanged(PreparedStatement statement, int first, MovedHour hour) throws SQLException {
        statement.setString(first, source);
        statement.setObject(first + 1, hour.source().begin());
        statement.setLong(first + 2, hour.source().rows());
        statement.setLong(first + 3, hour.source().hash());
        statement.setLong(first + 4, hour.read());
    }

    /**
     * Moves the position in an hour. Where the old table has other rows than before, its counts begin at 0 again.
     *
     * @throws TelemetryException if the position is no longer where it was
     */
    void move(Connection connection, @Nullable MovedHour from, MovedHour to) throws SQLException {
        int moved = from == null ? insert(connection, to) : update(connection, from, to);
        if (moved == 0) {
            throw new TelemetryException("table " + source + ": another move has read the hour " + to.source()
                    + " meanwhile; start this one again");
        }
    }

    private int insert(Connection connection, MovedHour to) throws SQLException {
        String insert = "INSERT INTO " + table + " (source, hour, source_rows, source_hash, rows_read)"
                + " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
        try (PreparedStatement statement = connection.prepareStatement(insert)) {
            statement.setString(1, source);
            statement.setObject(2, to.source().begin());
            statement.setLong(3, to.source().rows());
            statement.setLong(4, to.source().hash());
            statement.setLong(5, to.read());
            return statement.executeUpdate();
        }
    }

    private int update(Connection connection, MovedHour from, MovedHour to) throws SQLException {
        String again = to.source().equals(from.source())
                ? ""
                : ", stored_before = stored_before + stored, stored = 0, duplicates = 0, conflicts = 0, no_value = 0,"
                        + " rejected = 0, beyond_retention = 0, refused = '{}'";
        String update = "UPDATE " + table + " SET source_rows = ?, source_hash = ?, rows_read = ?, proved = false,"
                + " updated_at = now()" + again + WHERE_UNCHANGED;
        try (PreparedStatement statement = connection.prepareStatement(update)) {
            statement.setLong(1, to.source().rows());
            statement.setLong(2, to.source().hash());
            statement.setLong(3, to.read());
            setUnchanged(statement, 4, from);
            return statement.executeUpdate();
        }
    }

    /** Adds what became of the last rows of an hour. */
    void add(Connection connection, OffsetDateTime hour, Counts counts) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(ADD.formatted(table))) {
            statement.setLong(1, counts.stored());
            statement.setLong(2, counts.duplicates());
            statement.setLong(3, counts.conflicts());
            statement.setLong(4, counts.noValue());
            statement.setLong(5, counts.rejected());
            statement.setLong(6, counts.beyondRetention());
            statement.setString(7, source);
            statement.setObject(8, hour);
            statement.executeUpdate();
        }
    }

    /** Adds rows that the sink refused, with the reasons by the keys of the rows. */
    void refuse(Connection connection, OffsetDateTime hour, Map<String, String> refused) throws SQLException {
        if (refused.isEmpty()) {
            return;
        }
        String add = "UPDATE " + table + " SET refused = refused || jsonb_object(?, ?) WHERE source = ? AND hour = ?";
        try (PreparedStatement statement = connection.prepareStatement(add)) {
            statement.setArray(
                    1, connection.createArrayOf("text", refused.keySet().toArray()));
            statement.setArray(
                    2, connection.createArrayOf("text", refused.values().toArray()));
            statement.setString(3, source);
            statement.setObject(4, hour);
            statement.executeUpdate();
        }
    }

    /** Returns the rows of a day that the sink refused, as they were added. */
    Map<String, String> refused(Connection connection, LocalDate day) throws SQLException {
        Map<String, String> refused = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(REFUSED.formatted(table))) {
            statement.setString(1, source);
            statement.setObject(2, TableHour.beginOf(day));
            statement.setObject(3, TableHour.beginOf(day.plusDays(1)));
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    refused.put(result.getString(1), result.getString(2));
                }
            }
        }
        return refused;
    }

    /**
     * Returns the numbers of all rows so far, by their outcome.
     *
     * @throws TelemetryException if the numbers do not add up
     */
    Counts totals(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(TOTALS.formatted(table))) {
            statement.setString(1, source);
            try (ResultSet result = statement.executeQuery()) {
                result.next();
                return Counts.of(
                        result.getLong(1),
                        new Counts(
                                result.getLong(2),
                                result.getLong(3),
                                result.getLong(4),
                                result.getLong(5),
                                result.getLong(6),
                                result.getLong(7)));
            }
        }
    }

    /** Marks the hours of a day to be read again. */
    void readAgain(Connection connection, LocalDate day) throws SQLException {
        String again = "UPDATE " + table + " SET source_rows = -1, proved = false WHERE source = ? AND hour >= ?"
                + " AND hour < ?";
        try (PreparedStatement statement = connection.prepareStatement(again)) {
            statement.setString(1, source);
            statement.setObject(2, TableHour.beginOf(day));
            statement.setObject(3, TableHour.beginOf(day.plusDays(1)));
            statement.executeUpdate();
        }
    }
}
