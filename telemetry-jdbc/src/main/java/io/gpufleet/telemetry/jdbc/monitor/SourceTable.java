package io.gpufleet.telemetry.jdbc.monitor;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.util.Optional;
import java.util.function.Function;

/**
 * A table with the times at which sources were heard: a column with the source's key and one with a time, of type
 * {@code timestamptz}. A table with one row for each source, such as a sink's newest states, is read fastest; of
 * several rows of a source, the newest counts.
 *
 * <p>Immutable.
 */
public final class SourceTable {
    private final String table;
    private final String key;
    private final String time;
    private final Optional<String> schema;
    private final Function<? super String, String> name;

    private SourceTable(
            String table, String key, String time, Optional<String> schema, Function<? super String, String> name) {
        this.table = table;
        this.key = key;
        this.time = time;
        this.schema = schema;
        this.name = name;
    }

    /**
     * Describes a table of the monitor's schema, whose sources are named by their keys.
     *
     * @param table the table's name
     * @param keyColumn the column with the source's key, of any type; an index on it makes the query cheap
     * @param timeColumn the column with the time
     * @return the table
     */
    public static SourceTable of(String table, String keyColumn, String timeColumn) {
        return new SourceTable(
                Identifier.check("table", table),
                Identifier.check("keyColumn", keyColumn),
                Identifier.check("timeColumn", timeColumn),
                Optional.empty(),
                key -> key);
    }

    /**
     * Sets the table's schema.
     *
     * @param schemaName its name (default: that of the monitor)
     * @return a table in that schema
     */
    public SourceTable schema(String schemaName) {
        return new SourceTable(table, key, time, Optional.of(Identifier.check("schemaName", schemaName)), name);
    }

    /**
     * Sets the names of sources in events.
     *
     * @param function returns the name for a key as PostgreSQL prints it; a {@code bytea} is given by its hexadecimal
     *     digits (default: the key itself). Called on the monitor's thread; an exception is logged, and the search
     *     repeated
     * @return a table with these names
     */
    public SourceTable named(Function<? super String, String> function) {
        return new SourceTable(table, key, time, schema, requireNonNull(function, "function"));
    }

    String table() {
        return table;
    }

    String key() {
        return key;
    }

    String quotedKey() {
        return Identifier.quote(key);
    }

    String quotedTime() {
        return Identifier.quote(time);
    }

    /** Returns the name of the table in its own schema, or in that of the monitor. */
    String qualified(Optional<String> monitorSchema) {
        return Identifier.qualify(schema.or(() -> monitorSchema), table);
    }

    String name(String keyText) {
        return requireNonNull(name.apply(keyText), "name of a source");
    }
}
