package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.gpu.GpuReading;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * A column of {@code gpu_metrics} besides its key and {@code at}. Immutable.
 *
 * @param name its name
 * @param number its number in {@code gpu_metrics_piece}: that of a reading, or below 0
 * @param type the type of its values
 */
record WideColumn(String name, int number, Type type) {
    /** The types of values. */
    enum Type {
        /** Whole numbers of at most 64 bits, and false and true as 0 and 1. */
        WHOLE("%s IS NOT DISTINCT FROM %s"),
        /** Single precision. */
        REAL("float4send(%s) IS NOT DISTINCT FROM float4send(%s)"),
        /** Double precision. */
        DOUBLE("float8send(%s) IS NOT DISTINCT FROM float8send(%s)");

        private final String same;

        Type(String same) {
            this.same = same;
        }
    }

    /** The number of the length of {@code at}. */
    static final int AT_LENGTH = -5;

    /** The number of the first element of {@code at}, that of the reading with the number 0; the others follow. */
    static final int AT = 1_000;

    /** All columns, those of readings in the order of their numbers first. */
    static final List<WideColumn> ALL = Stream.concat(
                    Arrays.stream(GpuReading.values()).map(WideColumn::of),
                    Stream.of(
                            new WideColumn("derived", -1, Type.WHOLE),
                            new WideColumn("quality", -2, Type.WHOLE),
                            new WideColumn("validation_passed", -3, Type.WHOLE),
                            new WideColumn("collection_latency_ms", -4, Type.DOUBLE)))
            .toList();

    private static WideColumn of(GpuReading reading) {
        Type type = switch (reading.columnType()) {
            case "real" -> Type.REAL;
            case "double precision" -> Type.DOUBLE;
            default -> Type.WHOLE;
        };
        return new WideColumn(reading.column(), reading.number(), type);
    }

    /** Returns the column as an expression of SQL that the driver reads as a number. */
    String number(String row) {
        return row + "." + name + (name.equals("validation_passed") ? "::integer" : "");
    }

    /** Returns the condition that two rows have the same bits in the column. */
    String same(String one, String other) {
        return type.same.formatted(one + "." + name, other + "." + name);
    }
}
