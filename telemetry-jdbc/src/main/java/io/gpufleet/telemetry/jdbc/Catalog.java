package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/** The tables in the database's catalogue, and their differences from the expected shapes. Belongs to one thread. */
final class Catalog {
    /** The {@code relkind} of a partitioned table. */
    static final String PARTITIONED = "p";

    private static final int OLDEST_SERVER = 140_000;
    private static final Set<String> TABLES = Set.of("r", PARTITIONED);
    private static final String TABLE = "SELECT c.relkind FROM pg_class AS c WHERE c.oid = to_regclass(:table)";

    private static final String RANGE_COLUMN = """
            SELECT a.attname FROM pg_partitioned_table AS p
                JOIN pg_attribute AS a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]
            WHERE p.partrelid = to_regclass(:table) AND p.partstrat = 'r' AND p.partnatts = 1""";

    /**
     * The columns of a table. A domain counts as its base type, without length or precision, and without the quotes
     * that {@code quote_all_identifiers} puts around PostgreSQL's own types.
     */
    private static final String COLUMNS = """
            SELECT a.attname, a.attgenerated <> '' AS generated, a.attidentity = 'a' AS identity_always,
                CASE WHEN b.typnamespace = 'pg_catalog'::regnamespace THEN replace(format_type(b.oid, NULL), '"', '')
                    ELSE format_type(b.oid, NULL) END AS type,
                a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AS needed
            FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid
                JOIN pg_type AS b ON b.oid = coalesce(nullif(t.typbasetype, 0), t.oid)
            WHERE a.attrelid = to_regclass(:table) AND a.attnum > 0 AND NOT a.attisdropped""";

    /**
     * The column sets of the unique indexes that {@code ON CONFLICT} can use: no nulls, and a deterministic collation,
     * so that the database and Java agree on which keys are equal.
     */
    private static final String KEYS = """
            SELECT array_agg(a.attname::text) AS names
            FROM pg_index AS i
                CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, n)
                JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
                LEFT JOIN pg_collation AS c ON c.oid = a.attcollation
            WHERE i.indrelid = to_regclass(:table) AND i.indisunique AND i.indisvalid AND i.indimmediate
                AND i.indpred IS NULL AND i.indexprs IS NULL AND k.n <= i.indnkeyatts
            GROUP BY i.indexrelid HAVING bool_and(a.attnotnull AND coalesce(c.collisdeterministic, true))""";

    private final Handle handle;

    Catalog(Handle handle) {
        this.handle = handle;
    }

    /** Refuses a role that lacks the rights to create the tables. */
    void requireRights(Optional<String> schema, List<String> histories) {
        new InstallRights(handle).require(schema, histories);
    }

    /** Refuses a server that is older than PostgreSQL 14. */
    void requireServer() {
        requireServer(handle.createQuery("SELECT current_setting('server_version_num')::integer")
                .mapTo(Integer.class)
                .one());
    }

    static void requireServer(int version) {
        if (version < OLDEST_SERVER) {
            throw new TelemetryException("Server is PostgreSQL " + version / 10_000 + "." + version % 10_000
                    + "; 14 or newer is needed. Nothing was changed");
        }
    }

    /**
     * Returns the kind of a table: {@code r} for an ordinary one, {@code p} for a partitioned one; absent if it is
     * missing.
     */
    Optional<String> kindOf(TableShape table) {
        return handle.createQuery(TABLE)
                .bind("table", table.qualifiedName())
                .mapTo(String.class)
                .findOne();
    }

    /**
     * Returns the only column that a table is partitioned by, in ranges; absent if it is not partitioned, or in another
     * way.
     */
    Optional<String> rangeColumnOf(TableShape table) {
        return handle.createQuery(RANGE_COLUMN)
                .bind("table", table.qualifiedName())
                .mapTo(String.class)
                .findOne();
    }

    /** Returns whether {@code COPY} into a table does the same as an insert: it passes rules by, and row security. */
    boolean takesCopies(TableShape table) {
        return handle.createQuery("SELECT NOT relhasrules AND NOT relrowsecurity FROM pg_class"
                        + " WHERE oid = to_regclass(:table)")
                .bind("table", table.qualifiedName())
                .mapTo(Boolean.class)
                .findOne()
                .orElse(false);
    }

    /** Returns the schema in which new tables are created unless they name one; absent if there is none. */
    Optional<String> currentSchema() {
        return handle.createQuery("SELECT current_schema()").mapTo(String.class).findOne();
    }

    /** Returns the schema of an existing table. */
    String schemaOf(TableShape table) {
        return handle.createQuery("SELECT n.nspname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
                        + " WHERE c.oid = to_regclass(:table)")
                .bind("table", table.qualifiedName())
                .mapTo(String.class)
                .one();
    }

    /** Returns the tables and columns that are missing or of another shape. */
    List<String> problems(List<TableShape> expected) {
        return expected.stream()
                .flatMap(table -> problems(table).stream())
                .distinct()
                .toList();
    }

    /**
     * Throws if a table or column is missing or of another shape.
     *
     * @throws SinkException with everything that is missing or different
     */
    void require(List<TableShape> expected) {
        refuse(problems(expected));
    }

    /**
     * Throws if a function is missing.
     *
     * @param signature its name and the types of its arguments
     * @throws SinkException with the signature
     */
    void requireFunction(String signature) {
        boolean isThere = handle.createQuery("SELECT to_regprocedure(:signature) IS NOT NULL")
                .bind("signature", signature)
                .mapTo(Boolean.class)
                .one();
        refuse(isThere ? List.of() : List.of("function " + signature + " is missing"));
    }

    private static void refuse(List<String> problems) {
        if (!problems.isEmpty()) {
            throw new SinkException(
                    SinkException.Kind.FATAL,
                    "Sink cannot use its tables: " + String.join("; ", problems)
                            + ". Install the telemetry tables with TelemetrySchema, or name their schema with"
                            + " schema(\"…\"); declare a host's own table with the columns that it has");
        }
    }

    /** Returns whether a table has a primary key or unique index of exactly its key. */
    boolean hasKey(TableShape table) {
        return keysOf(table).contains(new TreeSet<>(table.key()));
    }

    /**
     * Throws if a table that was declared without a key has one, since the key would refuse duplicates.
     *
     * @throws SinkException with the table and the key
     */
    void requireNoKey(TableShape table) {
        if (hasKey(table)) {
            throw new SinkException(
                    SinkException.Kind.FATAL,
                    "Table " + table.qualifiedName() + " has a primary key or unique index of ("
                            + String.join(", ", table.key())
                            + "), but the sink was built for one without; insert its rows once, or drop the key");
        }
    }

    /**
     * Throws if a column cannot number the rows of its table.
     *
     * @param table the table; none of its undeclared columns needs a value
     * @param column the column
     * @param type its type
     * @throws SinkException with the column and the reason
     */
    void requireNumber(TableShape table, String column, String type) {
        Found found = columnsOf(table).get(column);
        boolean isUnique = keysOf(table).contains(Set.of(column));
        if (found == null || !found.type().equals(type) || !isUnique) {
            throw new SinkException(
                    SinkException.Kind.FATAL,
                    "Column " + table.qualifiedName() + '.' + Identifier.quote(column) + " does not number the rows: it"
                            + (found == null ? " is missing" : " is " + found + (isUnique ? "" : ", not unique"))
                            + "; declare it as " + type + " GENERATED ALWAYS AS IDENTITY PRIMARY KEY, or UNIQUE");
        }
    }

    /** Returns the same problems as {@link #problems}, but none for missing tables. */
    List<String> problemsOfPresent(List<TableShape> expected) {
        return problems(
                expected.stream().filter(table -> kindOf(table).isPresent()).toList());
    }

    /** Returns the problems of a table, its columns aside. */
    List<String> problemsOfKind(TableShape expected) {
        Optional<String> kind = kindOf(expected);
        if (kind.isEmpty()) {
            return List.of("table " + expected.qualifiedName() + " is missing");
        }
        return TABLES.contains(kind.get()) ? List.of() : List.of(expected.qualifiedName() + " is not a table");
    }

    private List<String> problems(TableShape expected) {
        List<String> problems = new ArrayList<>(problemsOfKind(expected));
        if (!problems.isEmpty()) {
            return problems;
        }
        problems.addAll(problemsOfColumns(expected));
        if (!expected.key().isEmpty() && !hasKey(expected)) {
            problems.add("table " + expected.qualifiedName() + " has no primary key or unique index of exactly ("
                    + String.join(", ", expected.key()) + "), all of them NOT NULL and of a deterministic collation");
        }
        return problems;
    }

    private List<String> problemsOfColumns(TableShape expected) {
        Map<String, Found> found = columnsOf(expected);
        List<String> problems = new ArrayList<>();
        for (TableShape.ColumnShape column : expected.columns()) {
            Found actual = found.remove(column.name());
            String name = "column " + expected.qualifiedName() + '.' + Identifier.quote(column.name());
            if (actual == null) {
                problems.add(name + " is missing");
            } else if (!actual.holds(column)) {
                problems.add(name + " is " + actual + ", not " + describe(column.type(), column.generated()));
            }
        }
        found.values().stream()
                .filter(Found::needed)
                .forEach(other -> problems.add("column " + expected.qualifiedName() + '.' + Identifier.quote(other.name)
                        + " is not declared here, is NOT NULL and has no default"));
        return problems;
    }

    private Map<String, Found> columnsOf(TableShape table) {
        return handle
                .createQuery(COLUMNS)
                .bind("table", table.qualifiedName())
                .map((row, context) -> Found.of(row))
                .stream()
                .collect(Collectors.toMap(Found::name, Function.identity()));
    }

    private Set<Set<String>> keysOf(TableShape table) {
        return handle.createQuery(KEYS)
                .bind("table", table.qualifiedName())
                .map((row, context) -> Set.<String>copyOf(
                        new TreeSet<>(List.of((String[]) row.getArray("names").getArray()))))
                .set();
    }

    private static String describe(String type, boolean generated) {
        return generated ? type + " generated" : type;
    }

    /** A column as the catalogue describes it. */
    private record Found(String name, String type, boolean generated, boolean needed) {
        static Found of(ResultSet row) throws SQLException {
            return new Found(
                    row.getString("attname"),
                    row.getString("type"),
                    row.getBoolean("generated") || row.getBoolean("identity_always"),
                    row.getBoolean("needed"));
        }

        boolean holds(TableShape.ColumnShape column) {
            boolean text = column.type().equals("text") && type.equals("character varying");
            return generated == column.generated() && (text || type.equals(column.type()));
        }

        @Override
        public String toString() {
            return describe(type, generated);
        }
    }
}
