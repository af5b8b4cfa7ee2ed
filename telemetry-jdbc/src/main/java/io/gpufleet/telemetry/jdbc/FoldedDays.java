package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.Aggregator;
import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.Validator;
import io.gpufleet.telemetry.internal.HostFault;
import io.gpufleet.telemetry.jdbc.internal.Transactions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The days of rows that many deliveries feed.
 *
 * <p>A row of a day that retention has dropped is left out and counted: it would be gone with its day anyway, and its
 * records may feed other tables with a longer retention. A row of a day that cannot be created (too far ahead, or one
 * too many) would be lost, so its records are refused: each of them has that day, which is part of the row's key.
 * Thread-safe.
 *
 * @param <T> the type of the values
 * @param <R> the type of the rows
 */
final class FoldedDays<T, R> {
    private final PostgresTable<R> table;
    private final RowDays<R> days;
    private final Function<? super Delivery<T>, ? extends Collection<LocalDate>> daysOf;

    private FoldedDays(
            PostgresTable<R> table,
            RowDays<R> days,
            Function<? super Delivery<T>, ? extends Collection<LocalDate>> daysOf) {
        this.table = table;
        this.days = days;
        this.daysOf = daysOf;
    }

    /**
     * Creates the days of a table's rows.
     *
     * @param rows returns the rows that a single delivery feeds, with their keys; an exception from it is left to the
     *     write
     */
    static <T, R> FoldedDays<T, R> of(
            PostgresTable<R> table, Optional<String> defaultSchema, Function<Delivery<T>, Stream<R>> rows) {
        RowDays<R> days = new RowDays<>(table, defaultSchema);
        return new FoldedDays<>(
                table,
                days,
                delivery -> rows.apply(delivery).map(days::dayOf).distinct().toList());
    }

    /**
     * Creates the days of a table's rows.
     *
     * @param time returns the partition key of the row that a delivery feeds; an exception from it is left to the write
     */
    static <T, R> FoldedDays<T, R> ofTimes(
            PostgresTable<R> table, Optional<String> defaultSchema, Function<? super Delivery<T>, Instant> time) {
        return new FoldedDays<>(table, new RowDays<>(table, defaultSchema), new DaysOfTimes<>(time));
    }

    /** The days of times, each in a set. Thread-safe. */
    private static final class DaysOfTimes<T> implements Function<Delivery<T>, Set<LocalDate>> {
        private final Function<? super Delivery<T>, Instant> time;
        private final RecentDay days = new RecentDay();
        private volatile Set<LocalDate> last = Set.of(LocalDate.EPOCH);

        DaysOfTimes(Function<? super Delivery<T>, Instant> time) {
            this.time = time;
        }

        @Override
        public Set<LocalDate> apply(Delivery<T> delivery) {
            LocalDate day = days.of(time.apply(delivery));
            Set<LocalDate> set = last;
            if (!set.contains(day)) {
                set = Set.of(day);
                last = set;
            }
            return set;
        }
    }

    /** Returns the results of a single delivery, each with the key of the row that it is merged into. */
    static <T, A> Stream<A> partials(Aggregator<T, ?, A> aggregator, Delivery<T> delivery) {
        Stream.Builder<A> partials = Stream.builder();
        aggregator.fold(delivery, (key, partial) -> partials.add(partial));
        return partials.build();
    }

    void open(Catalog catalog, int mostDays) {
        days.open(catalog, mostDays);
    }

    void make(Transactions transactions, Batch<T> batch) {
        days.makeDays(transactions, () -> {
            Set<LocalDate> all = new HashSet<>();
            Collection<LocalDate> before = Set.of();
            for (Delivery<T> delivery : batch.deliveries()) {
                Collection<LocalDate> needed = readableDays(delivery);
                if (needed != before) {
                    all.addAll(needed);
                    before = needed;
                }
            }
            return all;
        });
    }

    private Collection<LocalDate> readableDays(Delivery<T> delivery) {
        try {
            return daysOf.apply(delivery);
        } catch (Throwable e) {
            HostFault.requireOwn(e);
            return Set.of();
        }
    }

    /** Keeps retention out, and returns the validator of deliveries that feed a row whose day cannot be created. */
    List<Validator<T>> keep(Connection connection) throws SQLException {
        return days.keep(connection).stream()
                .<Validator<T>>map(kept -> delivery -> faultsOf(delivery, kept))
                .toList();
    }

    private List<String> faultsOf(Delivery<T> delivery, KeptDays kept) {
        List<String> faults = new ArrayList<>(0);
        readableDays(delivery).forEach(day -> kept.faultUnlessDropped(day).ifPresent(faults::add));
        return faults;
    }

    /** Returns the test for rows to write; rows of days that retention has dropped are left out and counted. */
    Predicate<R> kept(WriteContext<T> write) throws SQLException {
        Optional<KeptDays> kept = days.keep(write.connection());
        return row -> {
            boolean isLeftOut = kept.isPresent() && kept.get().isDropped(days.dayOf(row));
            if (isLeftOut) {
                write.leaveOut(table);
            }
            return !isLeftOut;
        };
    }

    void forget() {
        days.forget();
    }
}
