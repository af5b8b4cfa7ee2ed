package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.Validator;
import io.gpufleet.telemetry.jdbc.internal.Transactions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The step that writes a {@link NewestSet}: first the heads, then the members of those groups whose stored members come
 * from the batch; a member that stays keeps its row. The transaction that writes a group's members holds the lock of
 * its head. Both tables may be partitioned by day: a head of a day that is not kept is left out with its members.
 * Thread-safe.
 */
final class ReplaceNewestSet<T, K, A, M> implements Step<T> {
    private final NewestSet.Heads<T, K, A> heads;
    private final NewestSet.Members<A, M> members;
    private final PostgresTable<Head<A>> headTable;
    private final String membersVersion;
    private final List<Column<A>> groupColumns;
    private final List<Column<M>> memberGroupColumns;
    private final FoldedDays<T, A> headDays;
    private final FoldedDays<T, M> memberDays;
    private final TableSql<Head<A>> headSql;
    private final TableSql<M> memberSql;
    private final String mergeHeads;
    private final String mergeMembers;
    private final String deleteOlder;

    /**
     * A row of the head's table: the newest state of a group, and the newest that names members.
     *
     * @param newest the state of the head
     * @param named the state of the members; absent if no state in the batch names members
     */
    private record Head<A>(A newest, Optional<A> named) {}

    /** A state that names members. */
    private record Named<A, M>(A state, List<M> members) {
        Named<A, M> only(Predicate<M> kept) {
            return new Named<>(state, members.stream().filter(kept).toList());
        }
    }

    ReplaceNewestSet(NewestSet.Heads<T, K, A> heads, NewestSet.Members<A, M> members, Optional<String> defaultSchema) {
        this.heads = heads;
        this.members = members;
        Column<A> version = heads.table().version().orElseThrow();
        this.membersVersion = members.versionColumn().orElse(version.name());
        this.headTable = heads.table()
                .of(
                        Head::newest,
                        members.versionColumn().stream()
                                .map(name -> version.<Head<A>>ofOptional(name, Head::named))
                                .toList());
        this.headDays = FoldedDays.of(heads.table(), defaultSchema, this::states);
        this.memberDays = FoldedDays.of(
                members.table(), defaultSchema, delivery -> states(delivery).flatMap(this::membersOf));
        this.headSql = new TableSql<>(headTable, defaultSchema);
        this.memberSql = new TableSql<>(members.table(), defaultSchema);
        this.groupColumns = withVersion(heads.table(), heads.table().columns(Merge.Kind.KEY));
        this.memberGroupColumns = withVersion(
                members.table(),
                groupColumns.stream()
                        .flatMap(column -> members.table().columns(Merge.Kind.KEY).stream()
                                .filter(key -> key.name().equals(column.name())))
                        .toList());
        this.mergeHeads = headSql.mergeReturningCurrent(membersVersion, false);
        this.mergeMembers = memberSql.merge();
        this.deleteOlder = memberSql.deleteOlderThan(groupColumns);
    }

    private Stream<A> states(Delivery<T> delivery) {
        return FoldedDays.partials(heads.aggregator(), delivery);
    }

    private Stream<M> membersOf(A state) {
        return members.of().apply(state).stream().flatMap(List::stream);
    }

    private static <R> List<Column<R>> withVersion(PostgresTable<R> table, List<Column<R>> key) {
        List<Column<R>> columns = new ArrayList<>(key);
        columns.add(table.version().orElseThrow());
        return columns;
    }

    @Override
    public String name() {
        return heads.table() + " and " + members.table();
    }

    @Override
    public boolean blamesRecords() {
        return false;
    }

    @Override
    public List<PostgresTable<?>> tables() {
        return List.of(headTable, members.table());
    }

    @Override
    public String rightsOn(PostgresTable<?> written) {
        return written.equals(members.table()) ? Rights.REPLACE : Rights.UPDATE;
    }

    @Override
    public void open(Catalog catalog, int mostDays) {
        headDays.open(catalog, mostDays);
        memberDays.open(catalog, mostDays);
    }

    @Override
    public void prepare(Transactions transactions, Batch<T> batch) {
        headDays.make(transactions, batch);
        memberDays.make(transactions, batch);
    }

    @Override
    public List<Validator<T>> keepDays(Connection connection) throws SQLException {
        List<Validator<T>> checks = new ArrayList<>(headDays.keep(connection));
        checks.addAll(memberDays.keep(connection));
        return checks;
    }

    @Override
    public void run(WriteContext<T> write) throws SQLException {
        NewestStates<K, A> states =
                NewestStates.of(heads.aggregator(), heads.table().version().orElseThrow(), write.accepted());
        Map<K, List<A>> newest = states.newest((group, state) -> true);
        Predicate<A> kept = headDays.kept(write);
        // The states of a group have the same key, and so the same day.
        newest.values().removeIf(list -> !kept.test(list.get(0)));
        if (!newest.isEmpty()) {
            replace(write, newest, named(states, newest));
        }
    }

    private void replace(WriteContext<T> write, Map<K, List<A>> newest, Map<K, List<Named<A, M>>> named)
            throws SQLException {
        try {
            Set<K> current = mergeHeads(write, newest, named);
            Predicate<M> kept = memberDays.kept(write);
            replaceMembers(
                    write,
                    current.stream()
                            .flatMap(group -> named.getOrDefault(group, List.of()).stream())
                            .map(state -> state.only(kept))
                            .toList());
        } catch (SQLException e) {
            headDays.forget();
            memberDays.forget();
            throw e;
        }
    }

    /** Returns the newest states of each group that name members: usually its newest state. */
    private Map<K, List<Named<A, M>>> named(NewestStates<K, A> states, Map<K, List<A>> newest) {
        Map<K, List<Named<A, M>>> named = new LinkedHashMap<>();
        newest.forEach((group, list) -> putNamed(named, group, list));
        if (named.size() < newest.size()) {
            Set<K> known = Set.copyOf(named.keySet());
            states.newest((group, state) -> newest.containsKey(group)
                            && !known.contains(group)
                            && members.of().apply(state).isPresent())
                    .forEach((group, list) -> putNamed(named, group, list));
        }
        return named;
    }

    private void putNamed(Map<K, List<Named<A, M>>> named, K group, List<A> states) {
        List<Named<A, M>> naming = states.stream()
                .flatMap(state -> members.of().apply(state).map(list -> new Named<>(state, list)).stream())
                .toList();
        if (!naming.isEmpty()) {
            named.put(group, naming);
        }
    }

    /**
     * Merges the heads, and returns the groups whose stored members now come from the batch, in the order of their
     * keys.
     */
    private Set<K> mergeHeads(WriteContext<T> write, Map<K, List<A>> newest, Map<K, List<Named<A, M>>> named)
            throws SQLException {
        List<K> groups = new ArrayList<>();
        List<Head<A>> states = new ArrayList<>();
        newest.forEach((group, list) -> {
            Optional<A> first = Optional.ofNullable(named.get(group))
                    .map(naming -> naming.get(0).state());
            list.forEach(state -> {
                groups.add(group);
                states.add(new Head<>(state, first));
            });
        });
        EncodedRows rows = EncodedRows.of(headTable.columns(), states, write.numbers());
        int[] sorted = rows.sorted();
        String sql = rows.shareKeys(sorted) ? headSql.mergeReturningCurrent(membersVersion, true) : mergeHeads;
        try (PreparedStatement statement = write.connection().prepareStatement(sql)) {
            rows.bind(statement, sorted);
            Set<K> current = new LinkedHashSet<>();
            Arrays.stream(EncodedRows.written(statement, sorted))
                    .mapToObj(groups::get)
                    .forEach(current::add);
            return current;
        }
    }

    private void replaceMembers(WriteContext<T> write, List<Named<A, M>> states) throws SQLException {
        if (states.isEmpty()) {
            return;
        }
        List<M> rows =
                states.stream().flatMap(state -> state.members().stream()).toList();
        EncodedRows groups =
                EncodedRows.of(groupColumns, states.stream().map(Named::state).toList(), write.numbers());
        requireOwners(EncodedRows.of(memberGroupColumns, rows, write.numbers()), groups, owners(states));
        if (!rows.isEmpty()) {
            mergeMembers(write.connection(), EncodedRows.of(members.table().columns(), rows, write.numbers()));
        }
        // Members that are missing in the newest state have an older version.
        execute(write.connection(), deleteOlder, groups, groups.sorted());
    }

    private static <A, M> int[] owners(List<Named<A, M>> states) {
        return IntStream.range(0, states.size())
                .flatMap(state -> IntStream.generate(() -> state)
                        .limit(states.get(state).members().size()))
                .toArray();
    }

    /** Throws if a member has another group or version than its head: it would stay or vanish with the wrong head. */
    private void requireOwners(EncodedRows memberGroups, EncodedRows groups, int[] owners) {
        for (int member = 0; member < owners.length; member++) {
            if (!memberGroups.isSame(member, groups, owners[member])) {
                throw new IllegalStateException(
                        members.table() + ": a member's key or version is not that of its row in " + heads.table());
            }
        }
    }

    private void mergeMembers(Connection connection, EncodedRows rows) throws SQLException {
        int[] sorted = rows.sorted();
        execute(connection, rows.shareKeys(sorted) ? memberSql.mergeTied() : mergeMembers, rows, sorted);
    }

    private static void execute(Connection connection, String sql, EncodedRows rows, int[] sorted) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            rows.bind(statement, sorted);
            statement.executeUpdate();
        }
    }
}
