package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.SinkException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The hours of compacted days that a batch writes to, with a share lock on each until the transaction ends: no row of
 * them moves into a piece meanwhile. The set of these days stays the same too, because of the lock on the retention
 * table, which comes before. Thread-safe.
 */
final class CompactedHours {
    private static final long MICROS_OF_A_DAY = 86_400_000_000L;
    /** The place of the hour in rows of hours. */
    private static final int HOUR = 1;

    private final TableShape days;
    private final TableShape hours;
    private final String findDays;
    private final String insertHours;
    private final String lockHours;

    <R> CompactedHours(PostgresTable<R> table, Optional<String> defaultSchema) {
        CompactedSql<R> sql = new CompactedSql<>(table, defaultSchema);
        this.days = sql.days();
        this.hours = sql.hours();
        this.findDays = sql.findDays();
        this.insertHours = sql.insertHours();
        this.lockHours = sql.lockHours();
    }

    /** Returns the rights on the tables of days and hours, and those to read others. */
    Map<TableShape, String> rightsAnd(List<TableShape> read) {
        Map<TableShape, String> rights = new HashMap<>();
        rights.put(days, Rights.SELECT);
        // a share lock on a row needs the right to update it
        rights.put(hours, Rights.UPDATE);
        read.forEach(table -> rights.put(table, Rights.SELECT));
        return Map.copyOf(rights);
    }

    void open(Catalog catalog) {
        catalog.require(List.of(days, hours));
    }

    /**
     * Locks those of some hours that are of compacted days, and returns them, repeated ones too. A statement that looks
     * into pieces comes after this one: it needs a snapshot of after the locks.
     */
    BitSet lock(Connection connection, EncodedRows ofHours) throws SQLException {
        BitSet late = ofCompactedDays(connection, ofHours);
        if (!late.isEmpty()) {
            lock(connection, ofHours, distinct(ofHours, late));
        }
        return late;
    }

    /** Returns the hours that were locked, each once, in the order of their keys. */
    static int[] distinct(EncodedRows ofHours, BitSet late) {
        // all rows of an hour are late, or none
        return IntStream.of(ofHours.sortedDistinct()).filter(late::get).toArray();
    }

    private BitSet ofCompactedDays(Connection connection, EncodedRows ofHours) throws SQLException {
        int[] dayOf = IntStream.range(0, ofHours.size())
                .map(row -> dayOf(ofHours, row))
                .toArray();
        BitSet late = new BitSet();
        Set<Integer> compacted = compacted(connection, IntStream.of(dayOf).distinct());
        if (!compacted.isEmpty()) {
            IntStream.range(0, dayOf.length)
                    .filter(row -> compacted.contains(dayOf[row]))
                    .forEach(late::set);
        }
        return late;
    }

    private static int dayOf(EncodedRows ofHours, int row) {
        return ofHours.value(HOUR, row) instanceof Long micros
                ? Math.toIntExact(Math.floorDiv(micros, MICROS_OF_A_DAY))
                : Integer.MIN_VALUE;
    }

    private Set<Integer> compacted(Connection connection, IntStream candidates) throws SQLException {
        Set<Integer> compacted = new HashSet<>();
        try (PreparedStatement statement = connection.prepareStatement(findDays)) {
            statement.setArray(
                    1, connection.createArrayOf("int4", candidates.boxed().toArray()));
            try (ResultSet found = statement.executeQuery()) {
                while (found.next()) {
                    compacted.add(found.getInt(1));
                }
            }
        }
        return compacted;
    }

    private void lock(Connection connection, EncodedRows ofHours, int[] distinct) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(insertHours)) {
            ofHours.bind(statement, distinct);
            statement.executeUpdate();
        }
        try (PreparedStatement statement = connection.prepareStatement(lockHours)) {
            ofHours.bind(statement, distinct);
            try (ResultSet count = statement.executeQuery()) {
                count.next();
                requireAll(count.getInt(1), distinct.length);
            }
        }
    }

    private void requireAll(int locked, int expected) {
        if (locked != expected) {
            throw new SinkException(
                    SinkException.Kind.FATAL,
                    "table " + hours.qualifiedName() + ": " + locked + " of " + expected
                            + " rows of hours are there; look for a trigger or a rule that drops rows");
        }
    }
}
