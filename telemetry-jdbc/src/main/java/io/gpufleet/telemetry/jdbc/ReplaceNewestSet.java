package io.gpufleet.telemetry.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Writes a {@link NewestSet}: the heads first, and for those that moved the members, which keep their rows as far as
 * they are still there. Whoever writes a group's members holds the lock of its head. Thread-safe.
 */
final class ReplaceNewestSet<T, K, A, M> implements Step<T> {
    private final NewestSet.Heads<T, K, A> heads;
    private final NewestSet.Members<A, M> members;
    private final List<Column<A>> groupColumns;
    private final List<Column<M>> memberGroupColumns;
    private final String mergeHeads;
    private final String mergeMembers;
    private final String deleteOlder;

    ReplaceNewestSet(NewestSet.Heads<T, K, A> heads, NewestSet.Members<A, M> members, Optional<String> defaultSchema) {
        this.heads = heads;
        this.members = members;
        TableSql<A> head = new TableSql<>(heads.table(), defaultSchema);
        TableSql<M> member = new TableSql<>(members.table(), defaultSchema);
        this.groupColumns = withVersion(heads.table(), heads.table().columns(Merge.Kind.KEY));
        this.memberGroupColumns = withVersion(
                members.table(),
                groupColumns.stream()
                        .flatMap(column -> members.table().columns(Merge.Kind.KEY).stream()
                                .filter(key -> key.name().equals(column.name())))
                        .toList());
        this.mergeHeads = head.mergeReturningNumbers();
        this.mergeMembers = member.merge();
        this.deleteOlder = member.deleteOlderThan(groupColumns);
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
        return List.of(heads.table(), members.table());
    }

    @Override
    public void run(Write<T> write) throws SQLException {
        List<A> states =
                List.copyOf(heads.aggregator().aggregate(write.accepted()).values());
        if (!states.isEmpty()) {
            List<A> newer = mergeHeads(write.connection(), states);
            replaceMembers(write.connection(), newer);
        }
    }

    /** The states that are newer than what was stored, in the order of their groups. */
    private List<A> mergeHeads(Connection connection, List<A> states) throws SQLException {
        EncodedRows rows = EncodedRows.of(heads.table().columns(), states);
        try (PreparedStatement statement = connection.prepareStatement(mergeHeads)) {
            int[] sorted = rows.sorted();
            rows.bind(statement, sorted);
            return Arrays.stream(EncodedRows.written(statement, sorted))
                    .mapToObj(states::get)
                    .toList();
        }
    }

    private void replaceMembers(Connection connection, List<A> states) throws SQLException {
        List<A> replaced = new ArrayList<>(states.size());
        List<M> rows = new ArrayList<>();
        IntStream.Builder owners = IntStream.builder();
        for (A state : states) {
            Optional<List<M>> list = members.of().apply(state);
            if (list.isPresent()) {
                list.get().forEach(member -> owners.add(replaced.size()));
                rows.addAll(list.get());
                replaced.add(state);
            }
        }
        EncodedRows groups = EncodedRows.of(groupColumns, replaced);
        requireOwners(
                EncodedRows.of(memberGroupColumns, rows), groups, owners.build().toArray());
        if (!rows.isEmpty()) {
            execute(connection, mergeMembers, EncodedRows.of(members.table().columns(), rows));
        }
        // Members that the newest state does not have carry an older version than it.
        if (!replaced.isEmpty()) {
            execute(connection, deleteOlder, groups);
        }
    }

    /** A member of another group or version would stay, or vanish, with the wrong head. */
    private void requireOwners(EncodedRows memberGroups, EncodedRows groups, int[] owners) {
        for (int member = 0; member < owners.length; member++) {
            if (!memberGroups.isSame(member, groups, owners[member])) {
                throw new IllegalStateException(
                        members.table() + ": a member's key or version is not that of its row in " + heads.table());
            }
        }
    }

    private static void execute(Connection connection, String sql, EncodedRows rows) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            rows.bind(statement, rows.sorted());
            statement.executeUpdate();
        }
    }
}
