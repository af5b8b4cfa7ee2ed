package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.LogId;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.SourceRecord.Header;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/** The stored dead letters of one group and a selection: reads them, and marks replayed ones. Thread-safe. */
final class StoredLetters {
    private static final String WAITING = " FOR UPDATE";
    private static final String PASSING_BY = " FOR UPDATE SKIP LOCKED";

    private final String group;
    private final DeadLetterSelection selection;
    private final String newest;
    private final String count;
    private final String find;
    private final String take;
    private final String mark;
    private final String isMarked;

    StoredLetters(String group, Optional<String> schema, DeadLetterSelection selection) {
        String table = Identifier.qualify(schema, BaseCapability.DEAD_LETTERS.name());
        this.group = group;
        this.selection = selection;
        this.newest = "SELECT coalesce(max(id), 0) FROM " + table;
        this.count = "SELECT count(*) FROM " + table + " WHERE group_id = ? AND replayed_at IS NULL"
                + selection.conditions();
        this.find =
                "SELECT id, cluster_id, topic_id, coalesce(octet_length(key), 0) + coalesce(octet_length(value), 0)::int8"
                        + " + pg_column_size(header_names) + pg_column_size(header_values) FROM " + table
                        + " WHERE group_id = ? AND replayed_at IS NULL AND id > ? AND id <= ?" + selection.conditions()
                        + " ORDER BY id LIMIT ?";
        this.take = "SELECT id, topic, partition, kafka_offset, (extract(epoch FROM record_timestamp) * 1000)::int8,"
                + " key, value, header_names, header_values, stage, reasons, record_timestamp_type FROM " + table
                + " WHERE id = ANY (?) AND replayed_at IS NULL ORDER BY id";
        this.mark = "UPDATE " + table + " SET replayed_at = now() WHERE id = ANY (?) RETURNING replayed_at";
        this.isMarked = "SELECT EXISTS (SELECT FROM " + table + " WHERE id = ANY (?) AND replayed_at = ?)";
    }

    /** Returns the id of the newest letter of all groups; 0 if there is none. */
    long newest(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(newest);
                ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    /** Returns the number of letters to replay. */
    long count(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(count)) {
            statement.setString(1, group);
            selection.bind(statement, 2);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    /** Returns the next letters in a range of ids, without reading or locking them. */
    List<LetterPart.Found> find(Connection connection, long after, long last, int limit) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(find)) {
            statement.setString(1, group);
            statement.setLong(2, after);
            statement.setLong(3, last);
            statement.setInt(selection.bind(statement, 4), limit);
            List<LetterPart.Found> found = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    found.add(found(row));
                }
            }
            return found;
        }
    }

    private static LetterPart.Found found(ResultSet row) throws SQLException {
        LogId log = new LogId(row.getString(2), row.getObject(3, UUID.class));
        return new LetterPart.Found(row.getLong(1), log, row.getLong(4));
    }

    /**
     * Reads and locks letters that were not replayed yet.
     *
     * @param ids their ids
     * @param waits whether to wait for letters locked by another replay; otherwise they are left to it
     */
    List<StoredLetter> take(Connection connection, List<Long> ids, boolean waits) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(take + (waits ? WAITING : PASSING_BY))) {
            statement.setArray(1, numbers(connection, ids));
            List<StoredLetter> letters = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    letters.add(letter(row));
                }
            }
            return letters;
        }
    }

    private static StoredLetter letter(ResultSet row) throws SQLException {
        Long timestamp = row.getObject(5, Long.class);
        SourceRecord source = SourceRecord.builder(new SourcePartition(row.getString(2), row.getInt(3)), row.getLong(4))
                .timestampMillis(timestamp == null ? SourceRecord.NO_TIMESTAMP : timestamp)
                .timestampType(SourceRecord.TimestampType.valueOf(constant(row.getString(12))))
                .key(row.getBytes(6))
                .value(row.getBytes(7))
                .headers(headers(row.getArray(8), row.getArray(9)))
                .build();
        DeadLetter.Stage stage = DeadLetter.Stage.valueOf(constant(row.getString(10)));
        List<String> reasons = Arrays.asList((String[]) row.getArray(11).getArray());
        return new StoredLetter(row.getLong(1), new DeadLetter(source, stage, reasons));
    }

    private static String constant(String name) {
        return name.toUpperCase(Locale.ROOT);
    }

    private static List<Header> headers(Array names, Array values) throws SQLException {
        String[] keys = (String[]) names.getArray();
        byte[][] bytes = (byte[][]) values.getArray();
        List<Header> headers = new ArrayList<>(keys.length);
        for (int i = 0; i < keys.length; i++) {
            headers.add(new Header(keys[i], bytes[i]));
        }
        return headers;
    }

    /**
     * Marks letters as replayed.
     *
     * @param ids their ids, at least one
     * @return the time, which identifies this transaction
     */
    OffsetDateTime mark(Connection connection, List<Long> ids) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(mark)) {
            statement.setArray(1, numbers(connection, ids));
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getObject(1, OffsetDateTime.class);
            }
        }
    }

    /**
     * Returns whether letters were marked at a time, that is, whether the transaction that marked them was committed.
     */
    boolean areMarked(Connection connection, List<Long> ids, OffsetDateTime at) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(isMarked)) {
            statement.setArray(1, numbers(connection, ids));
            statement.setObject(2, at);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }

    private static Array numbers(Connection connection, List<Long> ids) throws SQLException {
        return connection.createArrayOf("int8", ids.toArray());
    }
}
