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
 * The look-up of a batch's rows in the pieces of compacted days. It follows the lock on the retention table, which
 * keeps the set of these days the same until the transaction ends.
 *
 * <p>Until then the batch shares the locks of its hours, so that no row moves into a piece after the look-up. The
 * locks, too, are statements of their own: the look-up needs a snapshot of after them. Thread-safe.
 */
final class CompactedRows {
    private static final long MICROS_OF_A_DAY = 86_400_000_000L;

    private final int time;
    private final Optional<Integer> compared;
    private final TableShape days;
    private final TableShape hours;
    private final String signature;
    private final Map<TableShape, String> rights;
    private final String findDays;
    private final String insertHours;
    private final String lockHours;
    private final String find;

    /**
     * Prepares the look-up.
     *
     * @param compared the column whose other values are conflicts
     */
    <R> CompactedRows(PostgresTable<R> table, Optional<Column<R>> compared, Optional<String> defaultSchema) {
        CompactedSql<R> sql = new CompactedSql<>(table, defaultSchema);
        this.time = table.columns().stream()
                .map(Column::name)
                .toList()
                .indexOf(table.partitionKey().orElseThrow().column());
        this.compared = compared.map(table.columns()::indexOf);
        this.days = sql.days();
        this.hours = sql.hours();
        this.signature = sql.signature();
        this.rights = rightsOn(sql);
        this.findDays = sql.findDays();
        this.insertHours = sql.insertHours();
        this.lockHours = sql.lockHours();
        this.find = sql.find(compared);
    }

    private static Map<TableShape, String> rightsOn(CompactedSql<?> sql) {
        Map<TableShape, String> rights = new HashMap<>();
        rights.put(sql.days(), Rights.SELECT);
        // a share lock on a row needs the right to update it
        rights.put(sql.hours(), Rights.UPDATE);
        sql.pieces().forEach(table -> rights.put(table, Rights.SELECT));
        return Map.copyOf(rights);
    }

    /**
     * Rows of a batch, by their numbers.
     *
     * @param rows those of compacted days
     * @param stored those of them that have a key of a piece
     * @param conflicts the number of stored ones with another value
     */
    record Found(BitSet rows, BitSet stored, int conflicts) {
        static final Found NONE = new Found(new BitSet(), new BitSet(), 0);

        boolean isMissing(int row) {
            return rows.get(row) && !stored.get(row);
        }
    }

    Map<TableShape, String> rights() {
        return rights;
    }

    void open(Catalog catalog) {
        catalog.require(List.of(days, hours));
        catalog.requireFunction(signature);
    }

    /** Finds the rows of compacted days, and locks their hours until the transaction ends. */
    Found find(Connection connection, EncodedRows rows) throws SQLException {
        BitSet late = ofCompactedDays(connection, rows);
        if (late.isEmpty()) {
            return Found.NONE;
        }
        lock(connection, rows.hours(time), late);
        return find(connection, rows, late);
    }

    private BitSet ofCompactedDays(Connection connection, EncodedRows rows) throws SQLException {
        int[] dayOf =
                IntStream.range(0, rows.size()).map(row -> dayOf(rows, row)).toArray();
        BitSet late = new BitSet();
        Set<Integer> compacted = compacted(connection, IntStream.of(dayOf).distinct());
        if (!compacted.isEmpty()) {
            IntStream.range(0, dayOf.length)
                    .filter(row -> compacted.contains(dayOf[row]))
                    .forEach(late::set);
        }
        return late;
    }

    private int dayOf(EncodedRows rows, int row) {
        return rows.value(time, row) instanceof Long micros
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

    private void lock(Connection connection, EncodedRows ofHours, BitSet late) throws SQLException {
        // all rows of an hour are late, or none
        int[] distinct =
                IntStream.of(ofHours.sortedDistinct()).filter(late::get).toArray();
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

    private Found find(Connection connection, EncodedRows rows, BitSet late) throws SQLException {
        int[] wanted = IntStream.of(rows.sorted()).filter(late::get).toArray();
        BitSet stored = new BitSet();
        int conflicts = 0;
        try (PreparedStatement statement = connection.prepareStatement(find)) {
            bind(statement, rows, wanted);
            try (ResultSet found = statement.executeQuery()) {
                while (found.next()) {
                    stored.set(wanted[found.getInt(1) - 1]);
                    conflicts += found.getBoolean(2) ? 0 : 1;
                }
            }
        }
        return new Found(late, stored, conflicts);
    }

    private void bind(PreparedStatement statement, EncodedRows rows, int[] wanted) throws SQLException {
        if (compared.isPresent()) {
            rows.bindKeysAnd(statement, compared.get(), wanted);
        } else {
            rows.bindKeys(statement, wanted);
        }
    }
}
