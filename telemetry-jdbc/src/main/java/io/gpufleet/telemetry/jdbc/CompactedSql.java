package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The statements for the compacted days of one table, and the names of the tables beside it. Immutable.
 *
 * @param <R> the type of the rows
 */
final class CompactedSql<R> {
    private static final String HOUR = "hour " + ColumnType.TIMESTAMPTZ.sqlName();

    private final PostgresTable<R> table;
    private final Optional<String> schema;
    private final List<Column<R>> keys;
    private final String hours;

    CompactedSql(PostgresTable<R> table, Optional<String> defaultSchema) {
        this.table = table;
        this.schema = table.schema().or(() -> defaultSchema);
        this.keys = table.columns(Merge.Kind.KEY);
        this.hours = "unnest(" + keys.get(0).type().arrayParameter() + ", " + ColumnType.TIMESTAMPTZ.arrayParameter()
                + ") AS u(c0, c1)";
    }

    /** Returns the place of the column of times. */
    int time() {
        return table.columns().stream().map(Column::name).toList().indexOf(timeName());
    }

    private String timeName() {
        return table.partitionKey().orElseThrow().column();
    }

    /** Returns the shape of the table of days that may have pieces. */
    TableShape days() {
        return shape("_compaction", "day date", "day");
    }

    /** Returns the shape of the table of hours, whose rows are locked. */
    TableShape hours() {
        Column<R> first = keys.get(0);
        return shape("_hour", first.name() + ' ' + first.type().sqlName() + ", " + HOUR, first.name() + ", hour");
    }

    /** Returns the tables that the function of {@link #signature} reads. */
    List<TableShape> pieces() {
        return List.of(shape("_times", HOUR, ""), shape("_piece", HOUR, ""));
    }

    /** Returns the view of the rows in pieces. */
    TableShape unpacked() {
        return shape("_unpacked", HOUR, "");
    }

    /** Returns the view of the same rows that computes each by itself. */
    TableShape picked() {
        return shape("_picked", HOUR, "");
    }

    private TableShape shape(String suffix, String columns, String key) {
        return TableShape.parse(table.name() + suffix, columns, key).in(schema);
    }

    /** Returns the name of the function that finds a compacted value, with the types of its arguments. */
    String signature() {
        return function() + "("
                + String.join(
                        ", ", keys.stream().map(key -> key.type().sqlName()).toList()) + ")";
    }

    private String function() {
        return Identifier.qualify(schema, table.name() + "_compacted");
    }

    /**
     * Returns the query for those of some days that may have pieces, all as days since 1970. Retention drops the
     * partitions of a day before its row.
     */
    String findDays() {
        String day = "d.day - date '1970-01-01'";
        String kept =
                Identifier.qualify(schema, table.partitionKey().orElseThrow().retention());
        return "SELECT " + day + " FROM " + days().qualifiedName() + " AS d WHERE " + day + " = ANY (?::int4[])"
                + " AND d.day >= (SELECT coalesce(max(r.kept_from), date '1970-01-01') FROM " + kept + " AS r)";
    }

    /** Returns the insert of the hours that do not exist. */
    String insertHours() {
        String names = Identifier.quote(keys.get(0).name()) + ", hour";
        return "INSERT INTO " + hours().qualifiedName() + " (" + names + ") SELECT " + firstKey() + ", " + hour()
                + " FROM " + hours + " ON CONFLICT (" + names + ") DO NOTHING";
    }

    /** Returns the query that locks hours one after the other, and counts them. */
    String lockHours() {
        return "SELECT count(*) FROM " + hours + " CROSS JOIN LATERAL (SELECT 1 FROM " + hours().qualifiedName()
                + " AS t WHERE t." + Identifier.quote(keys.get(0).name()) + " = " + firstKey() + " AND t.hour = "
                + hour() + " FOR SHARE) AS held";
    }

    private String firstKey() {
        return keys.get(0).type().decoded("u.c0");
    }

    private static String hour() {
        return ColumnType.TIMESTAMPTZ.decoded("u.c1");
    }

    /**
     * Returns the query for the keys in pieces: their places, from 1, and whether the stored value is the given one,
     * which is the last parameter. {@code OFFSET 0} lets the server look up key after key, whatever their number.
     *
     * @param compared the column of the value; without one, all values count as the stored ones
     */
    String find(Optional<Column<R>> compared) {
        List<Column<R>> columns = new ArrayList<>(keys);
        compared.ifPresent(columns::add);
        String same = compared.isPresent()
                ? "p.telemetry_value IS NOT DISTINCT FROM " + TableSql.decoded(columns, keys.size())
                : "true";
        List<String> arguments = new ArrayList<>();
        for (int key = 0; key < keys.size(); key++) {
            arguments.add(TableSql.decoded(columns, key));
        }
        return "SELECT u.telemetry_place, " + same + " FROM " + TableSql.arrays(columns) + " WITH ORDINALITY AS u("
                + TableSql.elements(columns.size()) + ", telemetry_place) CROSS JOIN LATERAL (SELECT f.telemetry_value"
                + " FROM " + function() + "(" + String.join(", ", arguments)
                + ") AS f(telemetry_value) OFFSET 0) AS p";
    }

    /**
     * Returns the insert of copies of rows in pieces, unless there are such rows; its parameters are keys, then hours.
     * {@code OFFSET 0} lets the server unpack hour by hour; it computes the other columns of the rows that it copies
     * only.
     *
     * @param rows the view of the rows in pieces
     * @param condition the condition on a row of a piece
     */
    String unpack(TableShape rows, String condition) {
        List<String> names = table.columns().stream().map(Column::name).toList();
        String all = Identifier.quoteAll(names);
        String first = Identifier.quote(keys.get(0).name());
        return "WITH k AS MATERIALIZED (SELECT " + TableSql.decodedColumns(keys) + " FROM " + TableSql.arrays(keys)
                + " AS u(" + TableSql.elements(keys.size()) + ")) INSERT INTO "
                + Identifier.qualify(schema, table.name()) + " (" + all + ") SELECT " + all + " FROM " + hours
                + " CROSS JOIN LATERAL (SELECT " + all + " FROM " + rows.qualifiedName() + " AS p WHERE p." + first
                + " = " + firstKey() + " AND p.hour = " + hour() + " AND " + condition
                + " OFFSET 0) AS v ON CONFLICT (" + quotedKeys("") + ") DO NOTHING";
    }

    /**
     * Returns the condition that a row of a piece has one of the keys. {@code IS TRUE} keeps the planner from turning
     * it into a join, which it might nest over thousands of rows.
     */
    String isOfKey() {
        return "((" + quotedKeys("p.") + ") IN (SELECT " + quotedKeys("k.") + " FROM k)) IS TRUE";
    }

    /** Returns the condition that a row of a piece is at the time of one of the keys, or less than an hour after it. */
    String isInHourAfter() {
        String at = Identifier.quote(timeName());
        String others = keys.stream()
                .map(Column::name)
                .filter(name -> !name.equals(timeName()))
                .map(Identifier::quote)
                .map(name -> "k." + name + " = p." + name + " AND ")
                .collect(Collectors.joining());
        return "EXISTS (SELECT 1 FROM k WHERE " + others + "p." + at + " >= k." + at + " AND p." + at + " < k." + at
                + " + interval '1 hour')";
    }

    private String quotedKeys(String row) {
        return keys.stream().map(key -> row + Identifier.quote(key.name())).collect(Collectors.joining(", "));
    }
}
