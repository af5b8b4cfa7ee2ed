package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The statements of one table. Their texts do not depend on the number of rows: each column is one array. Immutable.
 *
 * @param <R> the type of the rows
 */
final class TableSql<R> {
    private final PostgresTable<R> table;
    private final String target;
    private final String names;
    private final String keys;

    TableSql(PostgresTable<R> table, Optional<String> defaultSchema) {
        this.table = table;
        this.target = Identifier.qualify(table.schema().or(() -> defaultSchema), table.name());
        this.names = Identifier.quoteAll(namesOf(table.columns()));
        this.keys = Identifier.quoteAll(namesOf(table.columns(Merge.Kind.KEY)));
    }

    /** Returns the insert of rows that do not exist yet. */
    String insert() {
        return "INSERT INTO " + target + " (" + names + ") SELECT " + decodedColumns() + " FROM " + input();
    }

    /** Returns the insert of rows unless their keys exist; its result are the numbers, from 1, of the inserted rows. */
    String insertMissing() {
        return returningNumbers("telemetry_input", "DO NOTHING", keys);
    }

    /** Returns the count of rows with one of the keys. */
    String countPresent() {
        return countWhere(table.columns(Merge.Kind.KEY), "true");
    }

    /** Returns the count of rows with one of the keys together with its number; the numbers are the last parameter. */
    String countNumbered(String number) {
        List<Column<R>> columns = table.columns(Merge.Kind.KEY);
        return "SELECT count(*) FROM " + arrays(columns, ", ?::int8[]") + " AS u(" + elements(columns.size())
                + ", telemetry_number) WHERE EXISTS (SELECT 1 FROM " + target + " AS t WHERE " + isOfKey(columns)
                + " AND t." + Identifier.quote(number) + " = u.telemetry_number OFFSET 0)";
    }

    /**
     * Returns the count of rows with one of the keys whose version is not older; the versions are the last parameter.
     */
    String countCurrent() {
        Column<R> version = table.version().orElseThrow();
        List<Column<R>> columns = new ArrayList<>(table.columns(Merge.Kind.KEY));
        columns.add(version);
        return countWhere(
                columns, "t." + Identifier.quote(version.name()) + " >= " + decoded(columns, columns.size() - 1));
    }

    /** Returns the count of rows with one of the keys and its values; they are the last parameters. */
    String countSame(List<Column<R>> values) {
        List<Column<R>> columns = new ArrayList<>(table.columns(Merge.Kind.KEY));
        columns.addAll(values);
        return countWhere(
                columns,
                IntStream.range(columns.size() - values.size(), columns.size())
                        .mapToObj(i -> "t." + Identifier.quote(columns.get(i).name()) + " IS NOT DISTINCT FROM "
                                + decoded(columns, i))
                        .collect(Collectors.joining(" AND ")));
    }

    /** Returns the count of rows with one of the keys, which come first among the columns, and a condition. */
    private String countWhere(List<Column<R>> columns, String condition) {
        return "SELECT count(*) FROM " + arrays(columns) + " AS u(" + elements(columns.size()) + ") WHERE EXISTS"
                + " (SELECT 1 FROM " + target + " AS t WHERE " + isOfKey(columns) + " AND " + condition + " OFFSET 0)";
    }

    /** Returns the query for the keys that exist: their places, from 1, and the numbers of their rows. */
    String findNumbers(String number) {
        List<Column<R>> columns = table.columns(Merge.Kind.KEY);
        return "SELECT u.telemetry_place, t.telemetry_number FROM " + arrays(columns) + " WITH ORDINALITY AS u("
                + elements(columns.size()) + ", telemetry_place) CROSS JOIN LATERAL (SELECT t."
                + Identifier.quote(number) + " AS telemetry_number FROM " + target + " AS t WHERE " + isOfKey(columns)
                + " OFFSET 0) AS t";
    }

    private String isOfKey(List<Column<R>> columns) {
        return IntStream.range(0, columns.size())
                .filter(i -> columns.get(i).is(Merge.Kind.KEY))
                .mapToObj(i -> "t." + Identifier.quote(columns.get(i).name()) + " = " + decoded(columns, i))
                .collect(Collectors.joining(" AND "));
    }

    /** Returns the insert or merge of rows. */
    String merge() {
        return "INSERT INTO " + target + " AS t (" + names + ") SELECT " + decodedColumns() + " FROM " + input()
                + " ON CONFLICT (" + keys + ") " + conflictAction();
    }

    /**
     * Returns the insert of rows, but of none that shares the value of any unique index with a stored row. A row that
     * another transaction inserts meanwhile, with the same key and the same number, would otherwise fail at the index
     * of the number.
     */
    String insertUntaken() {
        return "INSERT INTO " + target + " (" + names + ") SELECT " + decodedColumns() + " FROM " + input()
                + " ON CONFLICT DO NOTHING";
    }

    /**
     * Returns the same as {@link #merge()}, for rows that may share a key at one version: the largest of them is
     * merged.
     */
    String mergeTied() {
        return "INSERT INTO " + target + " AS t (" + names + ") SELECT " + names + " FROM ("
                + largest("(" + "SELECT " + decodedColumns() + " FROM " + input() + ")") + ") AS d ON CONFLICT (" + keys
                + ") "
                + conflictAction();
    }

    /**
     * Returns the insert or merge of rows; its result are the numbers, from 1, of those whose value of a column equals
     * the stored one afterwards.
     *
     * @param current the column, declared with {@code max}
     * @param tied whether rows may share a key at one version; the largest of them is merged
     */
    String mergeReturningCurrent(String current, boolean tied) {
        String source = tied ? "(" + largest("telemetry_input") + ") AS d" : "telemetry_input";
        return returningNumbers(source, conflictAction(Optional.of(current)), keys + ", " + Identifier.quote(current));
    }

    /** Returns the query for the largest of the rows with the same key. */
    private String largest(String source) {
        String version = table.columns(Merge.Kind.MAX).get(0).name();
        List<String> values = table.columnsNewestBy(version);
        return "SELECT DISTINCT ON (" + keys + ") * FROM " + source + " AS i ORDER BY " + keys
                + (values.isEmpty() ? "" : ", " + MergeSql.largestFirst("i", values));
    }

    /**
     * Returns the delete of the rows of some groups that are older than the group.
     *
     * @param group the columns of the group's key, which this table also has, then its version
     */
    String deleteOlderThan(List<? extends Column<?>> group) {
        int last = group.size() - 1;
        String version = Identifier.quote(table.version().orElseThrow().name());
        String conditions = IntStream.range(0, last)
                .mapToObj(i -> "t." + Identifier.quote(group.get(i).name()) + " = " + decoded(group, i))
                .collect(Collectors.joining(" AND "));
        return "DELETE FROM " + target + " AS t USING " + arrays(group) + " AS u(" + elements(group.size()) + ") WHERE "
                + conditions + " AND t." + version + " < " + decoded(group, last);
    }

    /**
     * Returns a write with the numbers of its rows. {@code IS TRUE} keeps the planner from turning the look-up into a
     * join, which it might nest over thousands of rows, since it cannot estimate their number; instead it hashes the
     * written keys.
     */
    private String returningNumbers(String source, String action, String returned) {
        return """
                WITH telemetry_input AS MATERIALIZED (
                    SELECT %1$s, u.telemetry_number FROM %2$s WITH ORDINALITY AS u(%3$s, telemetry_number)
                ), telemetry_written AS (
                    INSERT INTO %4$s AS t (%5$s) SELECT %5$s FROM %8$s ORDER BY telemetry_number
                    ON CONFLICT (%6$s) %7$s RETURNING %9$s
                )
                SELECT telemetry_number FROM telemetry_input
                WHERE ((%9$s) IN (SELECT %9$s FROM telemetry_written)) IS TRUE""".formatted(
                        decodedColumns(),
                        arrays(table.columns()),
                        elements(table.columns().size()),
                        target,
                        names,
                        keys,
                        action,
                        source,
                        returned);
    }

    /** Returns a relation of the keys of given rows, for the host's own SQL. */
    String rowsOfKeys() {
        List<Column<R>> columns = table.columns(Merge.Kind.KEY);
        return "(SELECT " + decodedColumns(columns) + " FROM " + input(columns) + ")";
    }

    private String input() {
        return input(table.columns());
    }

    private static String input(List<? extends Column<?>> columns) {
        return arrays(columns) + " AS u(" + elements(columns.size()) + ")";
    }

    static String arrays(List<? extends Column<?>> columns) {
        return arrays(columns, "");
    }

    private static String arrays(List<? extends Column<?>> columns, String more) {
        return columns.stream()
                .map(column -> column.type().arrayParameter())
                .collect(Collectors.joining(", ", "unnest(", more + ")"));
    }

    static String elements(int count) {
        return IntStream.range(0, count).mapToObj(TableSql::element).collect(Collectors.joining(", "));
    }

    private String decodedColumns() {
        return decodedColumns(table.columns());
    }

    static String decodedColumns(List<? extends Column<?>> columns) {
        return IntStream.range(0, columns.size())
                .mapToObj(i -> decoded(columns, i)
                        + " AS "
                        + Identifier.quote(columns.get(i).name()))
                .collect(Collectors.joining(", "));
    }

    static String decoded(List<? extends Column<?>> columns, int index) {
        return columns.get(index).type().decoded("u." + element(index));
    }

    private static String element(int index) {
        return "c" + index;
    }

    private String conflictAction() {
        return conflictAction(Optional.empty());
    }

    /**
     * Returns the update of an existing row; with a column that must be current, also if that column has its value
     * already.
     */
    private String conflictAction(Optional<String> current) {
        List<String> assignments = new ArrayList<>();
        boolean whole = table.version().isPresent();
        for (Column<R> column : table.columns()) {
            if (!column.is(Merge.Kind.KEY) && !column.is(Merge.Kind.KEEP)) {
                String name = Identifier.quote(column.name());
                assignments.add(name + " = " + (whole && current.isEmpty() ? "excluded." + name : merged(column)));
            }
        }
        if (assignments.isEmpty()) {
            return "DO NOTHING";
        }
        table.updatedAt().ifPresent(name -> assignments.add(Identifier.quote(name) + " = now()"));
        return "DO UPDATE SET " + String.join(", ", assignments)
                + (whole || current.isPresent() ? " WHERE " + changes(current) : "");
    }

    private String merged(Column<R> column) {
        return MergeSql.of(table, column);
    }

    /** Returns the condition that a row changes the stored one, or equals it in a column. */
    private String changes(Optional<String> current) {
        List<String> conditions = new ArrayList<>();
        table.columns(Merge.Kind.MAX).forEach(version -> conditions.add(MergeSql.isNewer(table, version.name())));
        current.map(Identifier::quote).ifPresent(name -> conditions.add("excluded." + name + " = t." + name));
        return String.join(" OR ", conditions);
    }

    private static <R> List<String> namesOf(List<Column<R>> columns) {
        return columns.stream().map(Column::name).toList();
    }
}
