package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The expected shape of a table: its columns, and the key for {@code ON CONFLICT}. Immutable.
 *
 * @param schema its schema; absent if the search path finds the table
 * @param name its name
 * @param columns its columns
 * @param key the columns of its key, none if it has none
 */
record TableShape(Optional<String> schema, String name, List<ColumnShape> columns, List<String> key) {
    private static final String GENERATED = " generated";

    /**
     * A column of a table. Immutable.
     *
     * @param name its name
     * @param type its type's name in PostgreSQL's catalogue
     * @param generated whether the table computes it
     */
    record ColumnShape(String name, String type, boolean generated) {
        static ColumnShape parse(String text) {
            boolean generated = text.endsWith(GENERATED);
            String declared = generated ? text.substring(0, text.length() - GENERATED.length()) : text;
            int space = declared.indexOf(' ');
            return new ColumnShape(declared.substring(0, space), declared.substring(space + 1), generated);
        }
    }

    /** Checks the components. */
    TableShape {
        columns = List.copyOf(columns);
        key = List.copyOf(key);
    }

    /**
     * Returns the shape that a text describes.
     *
     * @param name the table's name
     * @param columns {@code name type} or {@code name type generated}, separated by commas
     * @param key names separated by commas, or nothing
     */
    static TableShape parse(String name, String columns, String key) {
        List<ColumnShape> shapes = Arrays.stream(columns.split(","))
                .map(String::strip)
                .map(ColumnShape::parse)
                .toList();
        List<String> keys = Arrays.stream(key.split(","))
                .map(String::strip)
                .filter(column -> !column.isEmpty())
                .toList();
        return new TableShape(Optional.empty(), name, shapes, keys);
    }

    /** Returns the shape that writing to a table requires. */
    static TableShape of(PostgresTable<?> table, Optional<String> defaultSchema) {
        List<ColumnShape> columns = new ArrayList<>();
        for (Column<?> column : table.columns()) {
            columns.add(new ColumnShape(column.name(), column.type().sqlName(), false));
        }
        table.updatedAt()
                .ifPresent(name -> columns.add(new ColumnShape(name, ColumnType.TIMESTAMPTZ.sqlName(), false)));
        List<String> key = table.isKeyUnique()
                ? table.columns(Merge.Kind.KEY).stream().map(Column::name).toList()
                : List.of();
        return new TableShape(table.schema().or(() -> defaultSchema), table.name(), columns, key);
    }

    TableShape in(Optional<String> otherSchema) {
        return new TableShape(otherSchema, name, columns, key);
    }

    /** Returns the same shape without a key. */
    TableShape withoutKey() {
        return new TableShape(schema, name, columns, List.of());
    }

    String qualifiedName() {
        return Identifier.qualify(schema, name);
    }
}
