package io.gpufleet.telemetry.jdbc;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.SinkException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A step that inserts the missing rows of a dimension of contents, and raises their last day. A batch without new rows
 * or days costs one statement, which writes nothing.
 *
 * <p>Remembered rows were committed once. But a database restored from an older copy may have lost them, so a batch
 * checks in its own transaction that those that it uses exist, with their day. From then on retention cannot remove
 * them: it removes rows whose last day is before the first kept one, and {@link DayPartitions#keep} keeps that day
 * where it is until the transaction ends. Thread-safe.
 */
final class InsertContents<T, R> implements Step<T> {
    private static final int MOST_REMEMBERED = 100_000;

    private final Dimension<R> dimension;
    private final Function<? super Delivery<T>, ? extends R> row;
    private final Function<? super Delivery<T>, Instant> time;
    private final List<Column<R>> contents;
    private final PostgresTable<Use<R>> table;
    private final String countCurrent;
    private final String merge;
    private final String countSame;
    private final String countPresent;
    private final Cache<Object, Remembered> remembered =
            Caffeine.newBuilder().maximumSize(MOST_REMEMBERED).build();

    /** A row with the day of its use. */
    private record Use<R>(R row, LocalDate day) {}

    /** A row that was committed: the second part of its hash, and its last day. */
    private record Remembered(long check, int lastDay) {}

    InsertContents(
            Dimension<R> dimension,
            Function<? super Delivery<T>, ? extends R> row,
            Function<? super Delivery<T>, Instant> time,
            Optional<String> defaultSchema) {
        this.dimension = dimension;
        this.row = row;
        this.time = time;
        this.contents = dimension.table().columns(Merge.Kind.KEEP);
        this.table = dimension.table().of(Use::row, List.of(lastDay(dimension)));
        TableSql<Use<R>> sql = new TableSql<>(table, defaultSchema);
        this.countCurrent = sql.countCurrent();
        this.merge = sql.merge();
        this.countSame = sql.countSame(table.columns(Merge.Kind.KEEP));
        this.countPresent = sql.countPresent();
    }

    private static <R> Column<Use<R>> lastDay(Dimension<R> dimension) {
        return new Column<>(
                dimension.lastDayColumn().orElseThrow(),
                ColumnType.DATE,
                Merge.of(Merge.Kind.MAX),
                (rows, numbers) -> ColumnType.DATE.encode(rows, Use::day, numbers));
    }

    @Override
    public String name() {
        return table.toString();
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
        return List.of(table);
    }

    @Override
    public String rightsOn(PostgresTable<?> written) {
        return Rights.UPDATE;
    }

    @Override
    public void run(WriteContext<T> write) throws SQLException {
        Uses uses = RecordFault.blame(name(), () -> new Uses(write));
        Contents batch = new Contents(uses, write.numbers());
        int[] unknown = batch.unknown(write.connection());
        if (unknown.length > 0) {
            batch.insert(write.connection(), unknown);
        }
        write.numbers().put(dimension, batch.byKey(), batch.byRow());
        write.afterCommit(() -> remembered.putAll(batch.remembered()));
    }

    private SinkException otherContents(String place) {
        return new SinkException(
                SinkException.Kind.DATA,
                name() + ": " + place + " has other contents under the same hash; give one of them another label");
    }

    /** The distinct rows that a batch uses, with the last day of each. */
    private final class Uses {
        private final DistinctRows<R> distinct = new DistinctRows<>();
        private final List<Integer> days = new ArrayList<>();

        Uses(WriteContext<T> write) {
            for (Delivery<T> delivery : write.accepted()) {
                int place = distinct.place(row.apply(delivery));
                int day = WireTime.toDay(KeptDays.dayOf(time.apply(delivery)));
                if (place == days.size()) {
                    days.add(day);
                } else if (days.get(place) < day) {
                    days.set(place, day);
                }
            }
        }
    }

    /** The distinct contents that a batch uses, by their numbers. */
    private final class Contents {
        private final Uses uses;
        private final ContentHash hash;
        private final Integer[] days;
        private final Map<Object, Integer> firsts = new HashMap<>();
        private final EncodedRows encoded;

        Contents(Uses uses, Numbers numbers) {
            this.uses = uses;
            this.hash = RecordFault.blame(name(), () -> ContentHash.of(contents, uses.distinct.rows(), numbers));
            this.days = uses.days.toArray(Integer[]::new);
            for (int i = 0; i < days.length; i++) {
                Integer first = firsts.putIfAbsent(number(i), i);
                if (first != null) {
                    merge(first, i);
                }
            }
            List<WireColumn<?>> others = new ArrayList<>(hash.contents());
            others.add(WireColumn.of(WireType.INT4, days));
            this.encoded = EncodedRows.numbered(hash.numbers(), others);
        }

        private void merge(int first, int other) {
            if (hash.check(first) != hash.check(other)) {
                throw otherContents("another row of the batch");
            }
            days[first] = Math.max(days[first], days[other]);
        }

        private Long number(int index) {
            return hash.numbers()[index];
        }

        /** Returns the rows to insert, or whose day to raise, in the order of their keys. */
        int[] unknown(Connection connection) throws SQLException {
            int[] sorted = encoded.sortedDistinct();
            Map<Object, Remembered> recalled = remembered.getAllPresent(firsts.keySet());
            int[] known = IntStream.of(sorted)
                    .filter(i -> isCurrent(recalled.get(number(i)), i))
                    .toArray();
            if (known.length > 0 && count(connection, countCurrent, currentRows(), known) < known.length) {
                remembered.invalidateAll(recalled.keySet());
                return sorted;
            }
            return IntStream.of(sorted)
                    .filter(i -> !isCurrent(recalled.get(number(i)), i))
                    .toArray();
        }

        private boolean isCurrent(@Nullable Remembered committed, int index) {
            return committed != null && committed.check == hash.check(index) && committed.lastDay >= days[index];
        }

        private EncodedRows contentRows() {
            return EncodedRows.numbered(hash.numbers(), hash.contents());
        }

        private EncodedRows currentRows() {
            return EncodedRows.numbered(hash.numbers(), List.of(WireColumn.of(WireType.INT4, days)));
        }

        void insert(Connection connection, int[] unknown) throws SQLException {
            try (PreparedStatement statement = connection.prepareStatement(merge)) {
                encoded.bind(statement, unknown);
                statement.executeUpdate();
            }
            if (count(connection, countSame, contentRows(), unknown) < unknown.length) {
                requireAll(
                        count(connection, countPresent, EncodedRows.numbered(hash.numbers(), List.of()), unknown),
                        unknown.length);
                throw otherContents("a stored row");
            }
        }

        private int count(Connection connection, String sql, EncodedRows bound, int[] rowsOf) throws SQLException {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                bound.bind(statement, rowsOf);
                try (ResultSet count = statement.executeQuery()) {
                    count.next();
                    return count.getInt(1);
                }
            }
        }

        private void requireAll(int there, int expected) {
            if (there != expected) {
                throw new SinkException(
                        SinkException.Kind.FATAL_PERHAPS_DATA,
                        name() + ": " + (expected - there) + " rows are missing after their insert; look for a trigger"
                                + " or a rule that drops or changes rows");
            }
        }

        Map<Object, Long> byKey() {
            Map<Object, Long> numbers = new HashMap<>();
            firsts.forEach((number, first) -> numbers.put(encoded.key(first), number(first)));
            return numbers;
        }

        IdentityHashMap<Object, Long> byRow() {
            return uses.distinct.numbers(this::number);
        }

        Map<Object, Remembered> remembered() {
            Map<Object, Remembered> committed = new HashMap<>();
            firsts.forEach((number, first) -> committed.put(number, new Remembered(hash.check(first), days[first])));
            return committed;
        }
    }
}
