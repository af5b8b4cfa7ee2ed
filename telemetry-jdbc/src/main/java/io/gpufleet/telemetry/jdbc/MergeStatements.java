package io.gpufleet.telemetry.jdbc;

import java.util.BitSet;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The statements that merge rows into a table: one for each set of columns that have no value in any row and may be
 * left out. A wide table, of which each batch has some columns only, then costs what it has. Thread-safe.
 */
final class MergeStatements<R> {
    /** The limit of statements, since a connection keeps each of them prepared; beyond it no column is left out. */
    private static final int MOST = 32;

    private static final BitSet NONE = new BitSet();

    private final PostgresTable<R> table;
    private final Optional<String> defaultSchema;
    private final BitSet optional;
    private final Map<BitSet, String> statements = new ConcurrentHashMap<>();

    MergeStatements(PostgresTable<R> table, Optional<String> defaultSchema) {
        this.table = table;
        this.defaultSchema = defaultSchema;
        this.optional = table.optionalColumns();
        statements.put(NONE, statement(NONE));
    }

    private String statement(BitSet left) {
        return new TableSql<>(table.without(left), defaultSchema).merge();
    }

    /** Returns the columns to leave out for some rows. */
    BitSet leftOut(EncodedRows rows) {
        if (optional.isEmpty()) {
            return NONE;
        }
        BitSet left = rows.emptyColumns();
        left.and(optional);
        return statements.size() < MOST || statements.containsKey(left) ? left : NONE;
    }

    /** Returns the statement without some columns. */
    String without(BitSet left) {
        return statements.computeIfAbsent(left, this::statement);
    }
}
