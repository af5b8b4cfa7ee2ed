package io.gpufleet.telemetry.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.BitSet;
import java.util.stream.IntStream;

/**
 * The conflicts among duplicates: rows with the key of one that stays, but another value in a column. Immutable.
 *
 * @param column the place of the column among all columns of the table
 * @param countSame counts the rows whose key and value are stored
 */
record Conflicts(int column, String countSame) {

    /**
     * Counts the conflicts of a batch.
     *
     * @param inserted the rows that were inserted, each the first one with its key
     * @param counted the rows whose conflicts are counted already
     */
    int count(Connection connection, EncodedRows rows, int[] inserted, BitSet counted) throws SQLException {
        BitSet isInserted = new BitSet();
        IntStream.of(inserted).forEach(isInserted::set);
        IntStream.Builder stored = IntStream.builder();
        int conflicts = 0;
        int first = -1;
        for (int row :
                IntStream.of(rows.sorted()).filter(row -> !counted.get(row)).toArray()) {
            if (first < 0 || !rows.shareKey(first, row)) {
                first = row;
            }
            if (!isInserted.get(first)) {
                stored.add(row);
            } else if (!rows.shareValue(column, first, row)) {
                conflicts++;
            }
        }
        return conflicts + countStored(connection, rows, stored.build().toArray());
    }

    private int countStored(Connection connection, EncodedRows rows, int[] duplicates) throws SQLException {
        if (duplicates.length == 0) {
            return 0;
        }
        try (PreparedStatement statement = connection.prepareStatement(countSame)) {
            rows.bindKeysAnd(statement, column, duplicates);
            try (ResultSet count = statement.executeQuery()) {
                count.next();
                return duplicates.length - count.getInt(1);
            }
        }
    }
}
