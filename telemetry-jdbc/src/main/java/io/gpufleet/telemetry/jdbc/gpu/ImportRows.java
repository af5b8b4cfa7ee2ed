package io.gpufleet.telemetry.jdbc.gpu;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The positions of the files that a group has imported, in {@code sample_file_imports}. Thread-safe. */
final class ImportRows {
    static final String TABLE = "sample_file_imports";
    private static final int PAGE = 1_000;
    private static final String TAKEN = "23505";

    /**
     * A row of the table.
     *
     * @param importId the id of the import
     * @param file the path of the file
     * @param position the position, with the checksum that is the key of the row
     * @param refused the number of values and rows before it that were refused
     * @param complete whether the text ended there
     */
    record Row(UUID importId, String file, FilePosition position, long refused, boolean complete) {}

    private final String table;
    private final String group;
    private final String columns;

    ImportRows(Optional<String> schema, String group) {
        this.table = Identifier.qualify(schema, TABLE);
        this.group = group;
        this.columns =
                "SELECT import_id, file, records, sample_rows, lines, text_bytes, encode(checksum, 'hex'), header,"
                        + " complete, refused FROM " + table + " WHERE group_id = ? AND ";
    }

    /** Returns some rows, those of the shortest texts first, behind a length and a checksum. */
    List<Row> page(Connection connection, long bytes, String checksum) throws SQLException {
        String page =
                columns + "(text_bytes, checksum) > (?, decode(?, 'hex')) ORDER BY text_bytes, checksum LIMIT " + PAGE;
        try (PreparedStatement statement = prepare(connection, page)) {
            statement.setLong(2, bytes);
            statement.setString(3, checksum);
            return rows(statement);
        }
    }

    /** Returns the newest import of a path that has not come to its end. */
    Optional<Row> unfinished(Connection connection, String file) throws SQLException {
        String newest = columns + "file = ? AND NOT complete ORDER BY updated_at DESC LIMIT 1";
        try (PreparedStatement statement = prepare(connection, newest)) {
            statement.setString(2, file);
            return rows(statement).stream().findFirst();
        }
    }

    /**
     * Moves a position; that of a complete text stays, and another one begins there.
     *
     * @throws TelemetryException if the position is no longer where it was, or another import is where it is to be
     */
    void move(Connection connection, @Nullable Row from, Row to) throws SQLException {
        int moved = from == null || from.complete() ? insert(connection, to) : update(connection, from, to);
        if (moved == 0) {
            throw overtaken(to);
        }
    }

    private static TelemetryException overtaken(Row to) {
        return new TelemetryException(to.file() + ": another import has stored the same text up to row "
                + to.position().rows() + " meanwhile; start this one again");
    }

    /** Returns whether a position is there: that of a transaction whose end is not known was committed then. */
    boolean isThere(Connection connection, Row row) throws SQLException {
        String same = "SELECT 1 FROM " + table
                + " WHERE group_id = ? AND checksum = decode(?, 'hex') AND import_id = ? AND complete = ?";
        try (PreparedStatement statement = prepare(connection, same)) {
            statement.setString(2, row.position().checksum());
            statement.setObject(3, row.importId());
            statement.setBoolean(4, row.complete());
            try (ResultSet result = statement.executeQuery()) {
                return result.next();
            }
        }
    }

    /** Ends an unfinished import: its text is part of a longer one, whose position goes on. */
    void end(Connection connection, Row row) throws SQLException {
        String end = "UPDATE " + table
                + " SET complete = true WHERE group_id = ? AND checksum = decode(?, 'hex') AND NOT complete";
        try (PreparedStatement statement = prepare(connection, end)) {
            statement.setString(2, row.position().checksum());
            statement.executeUpdate();
        }
    }

    /** Gives up the unfinished imports of a path; returns the rows that were stored of the longest, if there is any. */
    OptionalLong giveUp(Connection connection, String file) throws SQLException {
        String giveUp = "UPDATE " + table + " SET complete = true, updated_at = now()"
                + " WHERE group_id = ? AND file = ? AND NOT complete RETURNING sample_rows";
        OptionalLong most = OptionalLong.empty();
        try (PreparedStatement statement = prepare(connection, giveUp)) {
            statement.setString(2, file);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    most = OptionalLong.of(Math.max(most.orElse(0), result.getLong(1)));
                }
            }
        }
        return most;
    }

    private int insert(Connection connection, Row row) throws SQLException {
        String insert = "INSERT INTO " + table + " (group_id, import_id, file, records, sample_rows, lines, text_bytes,"
                + " header, complete, refused, checksum) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, decode(?, 'hex'))"
                + " ON CONFLICT DO NOTHING";
        try (PreparedStatement statement = prepare(connection, insert)) {
            bind(statement, row);
            return statement.executeUpdate();
        }
    }

    private int update(Connection connection, Row from, Row to) throws SQLException {
        String update = "UPDATE " + table + " SET group_id = ?, import_id = ?, file = ?, records = ?, sample_rows = ?,"
                + " lines = ?, text_bytes = ?, header = ?, complete = ?, refused = ?, checksum = decode(?, 'hex'),"
                + " updated_at = now() WHERE group_id = ? AND checksum = decode(?, 'hex') AND NOT complete";
        try (PreparedStatement statement = prepare(connection, update)) {
            bind(statement, to);
            statement.setString(12, group);
            statement.setString(13, from.position().checksum());
            return statement.executeUpdate();
        } catch (SQLException e) {
            if (TAKEN.equals(e.getSQLState())) {
                throw overtaken(to);
            }
            throw e;
        }
    }

    /** Prepares a statement whose first parameter is the group. */
    private PreparedStatement prepare(Connection connection, String sql) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        statement.setString(1, group);
        return statement;
    }

    private static void bind(PreparedStatement statement, Row row) throws SQLException {
        FilePosition position = row.position();
        statement.setObject(2, row.importId());
        statement.setString(3, row.file());
        statement.setLong(4, position.records());
        statement.setLong(5, position.rows());
        statement.setLong(6, position.lines());
        statement.setLong(7, position.bytes());
        statement.setBytes(
                8, position.header().isEmpty() ? null : position.header().getBytes(ISO_8859_1));
        statement.setBoolean(9, row.complete());
        statement.setLong(10, row.refused());
        statement.setString(11, position.checksum());
    }

    private static List<Row> rows(PreparedStatement statement) throws SQLException {
        List<Row> rows = new ArrayList<>();
        try (ResultSet result = statement.executeQuery()) {
            while (result.next()) {
                byte[] header = result.getBytes(8);
                FilePosition position = new FilePosition(
                        result.getLong(3),
                        result.getLong(4),
                        result.getLong(5),
                        result.getLong(6),
                        result.getString(7),
                        header == null ? "" : new String(header, ISO_8859_1));
                rows.add(new Row(
                        result.getObject(1, UUID.class),
                        result.getString(2),
                        position,
                        result.getLong(10),
                        result.getBoolean(9)));
            }
        }
        return rows;
    }
}
