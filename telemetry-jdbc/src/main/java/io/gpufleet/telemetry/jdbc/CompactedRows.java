package io.gpufleet.telemetry.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.BitSet;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The look-up of a batch's rows in the pieces of compacted days. Until the transaction ends, the batch shares the locks
 * of its hours, so that no row moves into a piece after the look-up. Thread-safe.
 */
final class CompactedRows {
    private final int time;
    private final Optional<Integer> compared;
    private final CompactedHours hours;
    private final String signature;
    private final Map<TableShape, String> rights;
    private final String find;

    /**
     * Prepares the look-up.
     *
     * @param compared the column whose other values are conflicts
     */
    <R> CompactedRows(PostgresTable<R> table, Optional<Column<R>> compared, Optional<String> defaultSchema) {
        CompactedSql<R> sql = new CompactedSql<>(table, defaultSchema);
        this.time = sql.time();
        this.compared = compared.map(table.columns()::indexOf);
        this.hours = new CompactedHours(table, defaultSchema);
        this.signature = sql.signature();
        this.rights = hours.rightsAnd(sql.pieces());
        this.find = sql.find(compared);
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
        hours.open(catalog);
        catalog.requireFunction(signature);
    }

    /** Finds the rows of compacted days, and locks their hours until the transaction ends. */
    Found find(Connection connection, EncodedRows rows) throws SQLException {
        BitSet late = hours.lock(connection, rows.hours(time, 1));
        return late.isEmpty() ? Found.NONE : find(connection, rows, late);
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
