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
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

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
    private final PostgresTable<R> withNumber;
    private final String insertWithNumber;
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
        this.withNumber = dimension.table().of(row -> row, List.of(numberColumn(dimension)));
        this.insertWithNumber = new TableSql<>(withNumber, defaultSchema).insertUntaken();
    }

    private static <R> Column<R> numberColumn(Dimension<R> dimension) {
        return new Column<>(
                dimension.numberColumn(),
                ColumnType.BIGINT,
                Merge.of(Merge.Kind.KEEP),
                (rows, numbers) -> WireColumn.of(WireType.INT8, rows, row -> numberOf(dimension, row)));
    }

    /** Returns the number that a row brings along; null if the database generates it. */
    private static <R> @Nullable Long numberOf(Dimension<R> dimension, R row) {
        Number given = dimension.given().isPresent() ? dimension.given().get().apply(row) : null;
        return given == null ? null : given.longValue();
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
    public void open(Catalog catalog, int mostDays) {
        catalog.requireNumber(
                TableShape.of(dimension.table(), defaultSchema),
                dimension.numberColumn(),
                dimension.number().sqlName());
    }

    @Override
    public void run(WriteContext<T> write) throws SQLException {
        Search search = RecordFault.blame(name(), () -> new Search(write));
        Map<Object, Long> numbers = search.run();
        write.numbers().put(dimension, numbers, search.byRow());
        write.afterCommit(() -> remembered.putAll(numbers));
    }

    private DistinctRows<R> distinctRows(WriteContext<T> write) {
        DistinctRows<R> distinct = new DistinctRows<>();
        write.accepted().forEach(delivery -> rows.apply(delivery).forEach(distinct::place));
        return distinct;
    }

    /** The search for the numbers that one batch needs. */
    private final class Search {
        private final WriteContext<T> write;
        private final Connection connection;
        private final DistinctRows<R> given;
        private final EncodedRows encoded;
        private final Map<Object, Integer> rowsByKey = new LinkedHashMap<>();
        private final Map<Object, Long> numbers = new HashMap<>();

        Search(WriteContext<T> write) {
            this.write = write;
            this.connection = write.connection();
            this.given = distinctRows(write);
            this.encoded = EncodedRows.of(dimension.table().columns(), given.rows(), write.numbers());
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

        IdentityHashMap<Object, Long> byRow() {
            return given.numbers(row -> numbers.get(encoded.key(row)));
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
            List<R> rows = IntStream.of(missing).mapToObj(given.rows()::get).toList();
            List<R> numbered = rows.stream()
                    .filter(row -> numberOf(dimension, row) != null)
                    .toList();
            if (!numbered.isEmpty()) {
                insert(insertWithNumber, withNumber, numbered);
            }
            if (numbered.size() < rows.size()) {
                insert(
                        insert,
                        dimension.table(),
                        rows.stream()
                                .filter(row -> numberOf(dimension, row) == null)
                                .toList());
            }
        }

        /** Inserts rows, which are in the order of their keys. */
        private void insert(String sql, PostgresTable<R> table, List<R> rows) throws SQLException {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                EncodedRows.of(table.columns(), rows, write.numbers()).bindAll(statement);
                statement.executeUpdate();
            } catch (SQLException e) {
                if (UNIQUE_VIOLATION.equals(e.getSQLState())) {
                    throw takenNumber(e);
                }
                throw e;
            }
        }

        /**
         * Returns the failure for a number that is already in use. Each attempt draws other numbers, and no record is
         * at fault.
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
                                + " that drops or changes rows"
                                + (dimension.given().isPresent()
                                        ? ", or for another row with the number that a row brings along"
                                        : ""));
            }
        }
    }
}
