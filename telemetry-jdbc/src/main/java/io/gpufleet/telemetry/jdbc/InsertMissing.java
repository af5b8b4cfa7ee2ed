package io.gpufleet.telemetry.jdbc;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.jdbc.internal.SqlFailure;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A step that inserts the missing rows of a dimension, and finds the numbers of all. A batch without new rows costs one
 * statement and draws no number.
 *
 * <p>Remembered numbers were committed once. But a database restored from an older copy may have lost them, and given a
 * number to another row, so a batch checks in its own transaction that the pairs that it uses exist. Thread-safe.
 */
final class InsertMissing<T, R> implements Step<T> {
    private static final String UNIQUE_VIOLATION = "23505";
    private static final int MOST_REMEMBERED = 100_000;

    private final Dimension<R> dimension;
    private final Function<? super Delivery<T>, Stream<R>> rows;
    private final Optional<String> defaultSchema;
    private final String countNumbered;
    private final String findNumbers;
    private final String insert;
    private final Cache<Object, Long> remembered =
            Caffeine.newBuilder().maximumSize(MOST_REMEMBERED).build();

    InsertMissing(
            Dimension<R> dimension, Function<? super Delivery<T>, Stream<R>> rows, Optional<String> defaultSchema) {
        this.dimension = dimension;
        this.rows = rows;
        this.defaultSchema = defaultSchema;
        TableSql<R> sql = new TableSql<>(dimension.table(), defaultSchema);
        this.countNumbered = sql.countNumbered(dimension.numberColumn());
        this.findNumbers = sql.findNumbers(dimension.numberColumn());
        this.insert = sql.merge();
    }

    @Override
    public String name() {
        return dimension.table().toString();
    }

    @Override
    public boolean blamesRecords() {
        return true;
    }

    @Override
    public Optional<Dimension<?>> dimension() {
        return Optional.of(dimension);
    }

    @Override
    public List<PostgresTable<?>> tables() {
        return List.of(dimension.table());
    }

    @Override
    public void open(Catalog catalog) {
        catalog.requireNumber(
                TableShape.of(dimension.table(), defaultSchema),
                dimension.numberColumn(),
                dimension.number().sqlName());
    }

    @Override
    public void run(WriteContext<T> write) throws SQLException {
        EncodedRows encoded = RecordFault.blame(name(), () -> encode(write));
        Map<Object, Long> numbers = new Search(write.connection(), encoded).run();
        write.numbers().put(dimension, numbers);
        write.afterCommit(() -> remembered.putAll(numbers));
    }

    private EncodedRows encode(WriteContext<T> write) {
        List<R> given = write.accepted().stream().flatMap(rows).toList();
        return EncodedRows.of(dimension.table().columns(), given, write.numbers());
    }

    /** The search for the numbers that one batch needs. */
    private final class Search {
        private final Connection connection;
        private final EncodedRows encoded;
        private final Map<Object, Integer> rowsByKey = new LinkedHashMap<>();
        private final Map<Object, Long> numbers = new HashMap<>();

        Search(Connection connection, EncodedRows encoded) {
            this.connection = connection;
            this.encoded = encoded;
            for (int row : encoded.sortedDistinct()) {
                rowsByKey.put(encoded.key(row), row);
            }
        }

        Map<Object, Long> run() throws SQLException {
            recall();
            find(unknown());
            int[] missing = unknown();
            if (missing.length > 0) {
                insert(missing);
                // The next statement also sees rows that other transactions have inserted meanwhile.
                find(missing);
                requireNone(unknown().length);
            }
            return numbers;
        }

        private void recall() throws SQLException {
            Map<Object, Long> recalled = remembered.getAllPresent(rowsByKey.keySet());
            if (recalled.isEmpty()) {
                return;
            }
            if (areThere(recalled)) {
                numbers.putAll(recalled);
            } else {
                remembered.invalidateAll(recalled.keySet());
            }
        }

        private boolean areThere(Map<Object, Long> recalled) throws SQLException {
            int[] rows = recalled.keySet().stream().mapToInt(rowsByKey::get).toArray();
            try (PreparedStatement statement = connection.prepareStatement(countNumbered)) {
                encoded.bindKeys(statement, rows, recalled.values().toArray(Long[]::new));
                try (ResultSet count = statement.executeQuery()) {
                    count.next();
                    return count.getInt(1) == rows.length;
                }
            }
        }

        /** Returns the rows that have no number yet, in the order of their keys. */
        private int[] unknown() {
            return rowsByKey.entrySet().stream()
                    .filter(entry -> !numbers.containsKey(entry.getKey()))
                    .mapToInt(Map.Entry::getValue)
                    .toArray();
        }

        private void find(int[] wanted) throws SQLException {
            if (wanted.length == 0) {
                return;
            }
            try (PreparedStatement statement = connection.prepareStatement(findNumbers)) {
                encoded.bindKeys(statement, wanted);
                try (ResultSet found = statement.executeQuery()) {
                    while (found.next()) {
                        numbers.put(encoded.key(wanted[found.getInt(1) - 1]), found.getLong(2));
                    }
                }
            }
        }

        private void insert(int[] missing) throws SQLException {
            try (PreparedStatement statement = connection.prepareStatement(insert)) {
                encoded.bind(statement, missing);
                statement.executeUpdate();
            } catch (SQLException e) {
                if (UNIQUE_VIOLATION.equals(e.getSQLState())) {
                    throw takenNumber(e);
                }
                throw e;
            }
        }

        /**
         * Returns the failure for a generated number that is already in use. Each attempt draws other numbers, and no
         * record is at fault.
         */
        private SinkException takenNumber(SQLException failure) {
            SinkException refused = SqlFailure.toSinkException(name(), false, failure);
            return new SinkException(
                    SinkException.Kind.FATAL,
                    refused.getMessage() + "; if that is the index of \"" + dimension.numberColumn()
                            + "\", its sequence is behind the numbers in the table: advance it with"
                            + " setval(pg_get_serial_sequence(…), max(…))",
                    refused);
        }

        private void requireNone(int missing) {
            if (missing > 0) {
                throw new SinkException(
                        SinkException.Kind.FATAL_PERHAPS_DATA,
                        name() + ": " + missing + " rows are missing after their insert; look for a trigger or a rule"
                                + " that drops or changes rows");
            }
        }
    }
}
