package io.gpufleet.telemetry.jdbc;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.Aggregator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The newest state of groups in two tables: a head row a group, and the group's members, which are replaced as a whole
 * when a newer state comes; {@link PostgresSink.Builder#replaceNewestSet} writes it.
 *
 * <pre>{@code
 * NewestSet.of(NewestHeartbeat.aggregator(), systemInfo)
 *         .members(deviceInfo, newest -> Optional.of(devicesOf(newest)))
 * }</pre>
 *
 * <p>Both tables declare exactly one column with {@code max}, the version, and all others as key, kept, or newest by
 * it. The head decides first: a state is taken only if its version is later than the stored one; at the same version
 * the stored one stays. The key of the members begins with the columns of the head's key, and every member carries the
 * version of its head. Immutable.
 *
 * @param <T> the type of the values
 */
public final class NewestSet<T> {
    private final Function<Optional<String>, Step<T>> step;

    private NewestSet(Function<Optional<String>, Step<T>> step) {
        this.step = step;
    }

    /**
     * Declares the heads.
     *
     * @param aggregator gives the newest state of each group
     * @param head the table with one row a group
     * @param <T> the type of the values
     * @param <K> the type of the groups
     * @param <A> the type of the states
     * @return a declaration that lacks the members
     * @throws IllegalArgumentException if the table has no version
     */
    public static <T, K, A> Heads<T, K, A> of(Aggregator<T, K, A> aggregator, PostgresTable<A> head) {
        requireNonNull(aggregator, "aggregator");
        requireVersion(head);
        return new Heads<>(aggregator, head);
    }

    Step<T> step(Optional<String> defaultSchema) {
        return step.apply(defaultSchema);
    }

    private static void requireVersion(PostgresTable<?> table) {
        if (table.version().isEmpty()) {
            throw new IllegalArgumentException(
                    table + " needs exactly one max column, and all others as key, kept or newest by it");
        }
    }

    /**
     * Heads that lack their members. Immutable.
     *
     * @param <T> the type of the values
     * @param <K> the type of the groups
     * @param <A> the type of the states
     */
    public static final class Heads<T, K, A> {
        private final Aggregator<T, K, A> aggregator;
        private final PostgresTable<A> head;

        private Heads(Aggregator<T, K, A> aggregator, PostgresTable<A> head) {
            this.aggregator = aggregator;
            this.head = head;
        }

        Aggregator<T, K, A> aggregator() {
            return aggregator;
        }

        PostgresTable<A> table() {
            return head;
        }

        /**
         * Declares the members.
         *
         * @param table the table with one row a member
         * @param members gives the members of a state; absent keeps those that are stored, an empty list removes them
         * @param <M> the type of the members
         * @return the whole declaration
         * @throws IllegalArgumentException if the table has no version, or lacks a column of the head's key in its own
         */
        public <M> NewestSet<T> members(PostgresTable<M> table, Function<? super A, Optional<List<M>>> members) {
            requireNonNull(members, "members");
            requireVersion(table);
            head.columns(Merge.Kind.KEY).forEach(key -> requireKey(table, key));
            return new NewestSet<>(
                    defaultSchema -> new ReplaceNewestSet<>(this, new Members<>(table, members), defaultSchema));
        }

        private void requireKey(PostgresTable<?> table, Column<A> key) {
            if (table.columns(Merge.Kind.KEY).stream()
                    .noneMatch(c -> c.name().equals(key.name()) && c.type() == key.type())) {
                throw new IllegalArgumentException(
                        table + " lacks the key \"" + key.name() + "\" (" + key.type() + ") of " + head);
            }
        }
    }

    /** Where members come from and go to. Immutable. */
    record Members<A, M>(PostgresTable<M> table, Function<? super A, Optional<List<M>>> of) {}
}
