package io.gpufleet.telemetry.jdbc;

import java.util.BitSet;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The statements that write rows into a table: an insert and a merge for each set of columns that have no value in any
 * row and may be left out. A wide table, of which each batch has some columns only, then costs what it has.
 * Thread-safe.
 */
final class MergeStatements<R> {
    /** The limit of statements, since a connection keeps each of them prepared; beyond it no column is left out. */
    private static final int MOST = 32;

    private static final BitSet NONE = new BitSet();

    /**
     * The statements for one set of columns.
     *
     * @param insert inserts new rows, whose keys are mostly new
     * @param merge merges rows into stored ones
     */
    record Statements(OptimisticInsert insert, String merge) {}

    private final PostgresTable<R> table;
    private final Optional<String> defaultSchema;
    private final BitSet optional;
    private final Map<BitSet, Statements> statements = new ConcurrentHashMap<>();
    private volatile boolean isCopied;

    MergeStatements(PostgresTable<R> table, Optional<String> defaultSchema) {
        this.table = table;
        this.defaultSchema = defaultSchema;
        this.optional = table.optionalColumns();
    }

    void open(Catalog catalog) {
        isCopied = catalog.takesCopies(TableShape.of(table, defaultSchema));
        statements.clear();
    }

    private Statements create(BitSet left) {
        PostgresTable<R> narrow = table.without(left);
        return new Statements(
                new OptimisticInsert(narrow, defaultSchema, isCopied), new TableSql<>(narrow, defaultSchema).merge());
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

    /** Returns the statements without some columns. */
    Statements without(BitSet left) {
        return statements.computeIfAbsent(left, this::create);
    }
}
