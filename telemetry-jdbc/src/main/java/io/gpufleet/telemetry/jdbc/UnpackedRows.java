package io.gpufleet.telemetry.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The rows in pieces of compacted days that a batch changes: copies of them become rows of the table first, which count
 * instead, and share the locks of their hours. Thread-safe.
 */
final class UnpackedRows {
    /** Which rows a batch changes. */
    enum Reach {
        /** Those with its keys. */
        KEYS(1),
        /** Those from the times of its keys to less than an hour after them. */
        HOUR_AFTER(2);

        private final int hours;

        Reach(int hours) {
            this.hours = hours;
        }
    }

    /** The rows of an hour, on average, beyond which its whole piece is cheaper than each row by itself. */
    private static final int FEW = 4;

    private final Reach reach;
    private final int time;
    private final CompactedHours hours;
    private final Map<TableShape, String> rights;
    private final String unpack;
    private final String pick;

    /** Returns the rows of a table; absent if it has no pieces. */
    static Optional<UnpackedRows> of(PostgresTable<?> table, Optional<String> defaultSchema, Reach reach) {
        return table.isCompactedByHour()
                ? Optional.of(new UnpackedRows(table, defaultSchema, reach))
                : Optional.empty();
    }

    private <R> UnpackedRows(PostgresTable<R> table, Optional<String> defaultSchema, Reach reach) {
        CompactedSql<R> sql = new CompactedSql<>(table, defaultSchema);
        this.reach = reach;
        this.time = sql.time();
        this.hours = new CompactedHours(table, defaultSchema);
        this.rights = hours.rightsAnd(List.of(sql.unpacked(), sql.picked()));
        this.unpack = sql.unpack(sql.unpacked(), reach == Reach.KEYS ? sql.isOfKey() : sql.isInHourAfter());
        this.pick = reach == Reach.KEYS ? sql.unpack(sql.picked(), sql.isOfKey()) : unpack;
    }

    Map<TableShape, String> rights() {
        return rights;
    }

    void open(Catalog catalog) {
        hours.open(catalog);
    }

    /**
     * Copies the rows out of their pieces, unless they are rows already. The lock on the retention table comes before.
     *
     * @return whether any row of the batch is of a compacted day
     */
    boolean unpack(Connection connection, EncodedRows rows) throws SQLException {
        EncodedRows ofHours = rows.hours(time, reach.hours);
        BitSet late = hours.lock(connection, ofHours);
        if (late.isEmpty()) {
            return false;
        }
        int[] wanted = IntStream.of(rows.sorted())
                .filter(row -> late.get(row) || late.get(row + (reach.hours - 1) * rows.size()))
                .toArray();
        int[] distinct = CompactedHours.distinct(ofHours, late);
        boolean areFew = wanted.length <= FEW * distinct.length;
        try (PreparedStatement statement = connection.prepareStatement(areFew ? pick : unpack)) {
            rows.bindKeysAnd(statement, wanted, ofHours, distinct);
            statement.executeUpdate();
        }
        return true;
    }
}
