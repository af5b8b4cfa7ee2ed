package io.gpufleet.telemetry.jdbc;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.Aggregator;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The newest state of groups in two tables: a head row for each group, and the group's members, which are replaced as a
 * whole by a newer state. {@link PostgresSink.Builder#replaceNewestSet} writes it.
 *
 * <pre>{@code
 * NewestSet.of(NewestHeartbeat.aggregator(), systemInfo)
 *         .members(deviceInfo, "devices_at", newest -> devicesOf(newest))
 * }</pre>
 *
 * <p>Both tables declare exactly one column with {@code max}, the version, and all others as key, kept, or newest by
 * it. The head comes from the state with the latest version. The members come from the latest state that names its
 * members; if not every state names them, that may be an older one. The stored rows do not depend on batches, order or
 * repetitions: the version alone decides, within a batch and between batches, and not the aggregator's {@code merge}.
 * For states with the same version, the head with the larger values stays, as for
 * {@link PostgresTable.Builder#newestBy}; their members are united, and of two members with the same key the one with
 * the larger values stays. The key of the members begins with the columns of the head's key, and every member carries
 * the version of its state. Immutable.
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
     * @param aggregator returns the state of each group in a delivery
     * @param head the table with one row for each group
     * @param <T> the type of the values
     * @param <K> the type of the groups
     * @param <A> the type of the states
     * @return a declaration without members
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
     * Heads without their members. Immutable.
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
         * Declares the members of states that always name their members.
         *
         * @param table the table with one row for each member
         * @param members returns the members of a state; an empty list removes the stored ones
         * @param <M> the type of the members
         * @return the complete declaration
         * @throws IllegalArgumentException if the table has no version, or its key lacks a column of the head's key
         */
        public <M> NewestSet<T> members(PostgresTable<M> table, Function<? super A, List<M>> members) {
            requireNonNull(members, "members");
            return members(new Members<>(table, Optional.empty(), state -> Optional.of(members.apply(state))));
        }

        /**
         * Declares the members of states that may leave them out.
         *
         * @param table the table with one row for each member
         * @param versionColumn a column of the head's table that its declaration leaves out. It has the type of the
         *     head's version, and is null until a state names members. It holds the version of the state whose members
         *     are stored, so that an empty list is remembered when an older state comes later
         * @param members returns the members of a state; absent keeps the stored ones, an empty list removes them
         * @param <M> the type of the members
         * @return the complete declaration
         * @throws IllegalArgumentException if the table has no version, if its key lacks a column of the head's key, or
         *     if the head's table declares the column
         */
        public <M> NewestSet<T> members(
                PostgresTable<M> table, String versionColumn, Function<? super A, Optional<List<M>>> members) {
            requireNonNull(members, "members");
            Identifier.check("versionColumn", versionColumn);
            if (head.columns().stream().anyMatch(column -> column.name().equals(versionColumn))) {
                throw new IllegalArgumentException(
                        "versionColumn: \"" + versionColumn + "\" is a column that " + head + " declares");
            }
            return members(new Members<>(table, Optional.of(versionColumn), members));
        }

        private <M> NewestSet<T> members(Members<A, M> members) {
            requireVersion(members.table());
            head.columns(Merge.Kind.KEY).forEach(key -> requireKey(members.table(), key));
            return new NewestSet<>(defaultSchema -> new ReplaceNewestSet<>(this, members, defaultSchema));
        }

        private void requireKey(PostgresTable<?> table, Column<A> key) {
            if (table.columns(Merge.Kind.KEY).stream()
                    .noneMatch(c -> c.name().equals(key.name()) && c.type() == key.type())) {
                throw new IllegalArgumentException(
                        table + " lacks the key \"" + key.name() + "\" (" + key.type() + ") of " + head);
            }
        }
    }

    /**
     * The source and the target of members. Immutable.
     *
     * @param table the table with one row for each member
     * @param versionColumn the column of the head that holds their version, unless it is the head's own version
     * @param of returns the members of a state; absent if it does not name them
     */
    record Members<A, M>(
            PostgresTable<M> table, Optional<String> versionColumn, Function<? super A, Optional<List<M>>> of) {}
}
