package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The row of {@code gpu_metrics_piece} of a GPU and hour: the values of its columns, those of one form after each
 * other. Columns with the same values share them. Immutable.
 */
final class WidePieceRow {
    private static final String INSERT = "INSERT INTO {gpu_metrics_piece} (gpu_no, hour, samples, micros, column_nos,"
            + " forms, places, factors, divisors, units, bases, constants, small, whole, large, single, exact) VALUES"
            + " (?, timestamptz 'epoch' + ? * interval '1 microsecond', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

    /** The arrays of values. */
    private enum Target {
        CONSTANTS("float8"),
        SMALL("int2"),
        WHOLE("int4"),
        LARGE("int8"),
        SINGLE("float4"),
        EXACT("float8");

        private final String type;

        Target(String type) {
            this.type = type;
        }

        static Target of(WideValues.Form form) {
            return switch (form) {
                case BASE, CONSTANT -> CONSTANTS;
                case SMALL, SMALL_STEPS -> SMALL;
                case WHOLE, WHOLE_STEPS -> WHOLE;
                case LARGE -> LARGE;
                case SINGLE -> SINGLE;
                case EXACT -> EXACT;
            };
        }
    }

    private final PieceTimes times;
    private final SortedMap<Integer, WideValues> columns;
    private final List<Integer> places = new ArrayList<>();
    private final Map<Target, List<@Nullable Number>> values = new EnumMap<>(Target.class);

    private WidePieceRow(PieceTimes times, SortedMap<Integer, WideValues> columns) {
        this.times = times;
        this.columns = columns;
        Map<WideValues, Integer> known = new HashMap<>();
        columns.values().forEach(column -> places.add(known.computeIfAbsent(column, this::add)));
    }

    static WidePieceRow of(WidePiece piece) {
        return new WidePieceRow(piece.times(), piece.columns());
    }

    /** Adds the values of a column, and returns their place. */
    private int add(WideValues column) {
        int length = column.form() == WideValues.Form.CONSTANT ? 1 : times.samples();
        List<@Nullable Number> all = values.computeIfAbsent(Target.of(column.form()), target -> new ArrayList<>());
        int place = all.size() / length;
        all.addAll(column.numbers());
        return place;
    }

    /** Inserts the row. */
    void insert(Connection connection, Optional<String> schema, int gpu) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(Identifier.qualifyAll(schema, INSERT))) {
            insert.setInt(1, gpu);
            insert.setLong(2, times.hour());
            insert.setInt(3, times.samples());
            bind(insert, 4, "int4", times.micros());
            bind(insert, 5, "int2", columns.keySet().toArray());
            bind(insert, 6, "int2", each(column -> column.form().code()));
            bind(insert, 7, "int2", places.toArray());
            bind(insert, 8, "int2", each(column -> column.scale().factor()));
            bind(insert, 9, "int4", each(column -> column.scale().divisor()));
            bind(insert, 10, "int8", each(WideValues::unit));
            bind(insert, 11, "int8", each(WideValues::base));
            for (Target target : Target.values()) {
                List<@Nullable Number> numbers = values.getOrDefault(target, List.of());
                int parameter = 12 + List.of(Target.values()).indexOf(target);
                if (numbers.isEmpty()) {
                    insert.setArray(parameter, null);
                } else {
                    bind(insert, parameter, target.type, numbers.toArray());
                }
            }
            insert.executeUpdate();
        }
    }

    private Object[] each(Function<WideValues, Number> property) {
        return columns.values().stream().map(property).toArray();
    }

    private static void bind(PreparedStatement insert, int parameter, String type, @Nullable Object[] elements)
            throws SQLException {
        insert.setArray(parameter, insert.getConnection().createArrayOf(type, elements));
    }
}
