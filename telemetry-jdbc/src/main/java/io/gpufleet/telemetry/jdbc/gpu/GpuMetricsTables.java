package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.gpu.GpuMetricsRow;
import io.gpufleet.telemetry.gpu.GpuReading;
import io.gpufleet.telemetry.jdbc.ColumnType;
import io.gpufleet.telemetry.jdbc.PostgresTable;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The tables of wide rows. */
final class GpuMetricsTables {
    private static final String GPU_NO = "gpu_no";
    private static final String TIME = "time";

    /** The readings of a MIG instance that its GPU has, too, around the one that only instances have. */
    private static final List<GpuReading> MEMORY = List.of(GpuReading.FB_USED, GpuReading.FB_FREE, GpuReading.FB_TOTAL);

    private static final List<GpuReading> SHARES =
            List.of(GpuReading.SM_ACTIVE, GpuReading.SM_OCCUPANCY, GpuReading.TENSOR_ACTIVE, GpuReading.DRAM_ACTIVE);

    private GpuMetricsTables() {}

    /** Returns the table of the rows of GPUs. */
    static PostgresTable<GpuMetricsRow> metrics(boolean inGrid) {
        WideMerge merge = new WideMerge(inGrid);
        PostgresTable.Builder<GpuMetricsRow> table = PostgresTable.<GpuMetricsRow>builder("gpu_metrics")
                .key(GPU_NO, GpuTables.GPU.number(), GpuMetricsRow::uuid)
                .partitionKey(TIME, GpuMetricsRow::time, "gpu_metrics_retention")
                .compactedByHour();
        for (GpuReading reading : GpuReading.values()) {
            add(table, reading, merge.add(reading.column(), 1L << reading.number()));
        }
        return table.merge("derived", ColumnType.BIGINT, GpuMetricsTables::derived, merge.derived())
                .merge("at", ColumnType.INTEGER_ARRAY, GpuMetricsTables::at, merge.at())
                .merge("quality", ColumnType.SMALLINT, GpuMetricsRow::quality, "t.quality | excluded.quality")
                .merge(
                        "validation_passed",
                        ColumnType.BOOLEAN,
                        row -> row.validationPassed().orElse(null),
                        "coalesce(t.validation_passed, excluded.validation_passed)")
                .merge(
                        "collection_latency_ms",
                        ColumnType.FLOAT8,
                        row -> boxed(row.collectionLatencyMs()),
                        "coalesce(t.collection_latency_ms, excluded.collection_latency_ms)")
                .build();
    }

    /** Returns the table of the rows of MIG instances. */
    static PostgresTable<GpuMetricsRow> instances(boolean inGrid) {
        WideMerge merge = new WideMerge(inGrid);
        PostgresTable.Builder<GpuMetricsRow> table = PostgresTable.<GpuMetricsRow>builder("gpu_mig_metrics")
                .key(GPU_NO, GpuTables.GPU.number(), GpuMetricsRow::uuid)
                .key("gi", ColumnType.TEXT, GpuMetricsRow::instance)
                .partitionKey(TIME, GpuMetricsRow::time, "gpu_mig_metrics_retention");
        MEMORY.forEach(reading -> add(table, reading, merge.add(reading.column(), 0)));
        table.merge(
                "gr_engine_active",
                ColumnType.FLOAT8,
                row -> boxed(row.grEngineActive()),
                merge.add("gr_engine_active", 0));
        SHARES.forEach(reading -> add(table, reading, merge.add(reading.column(), 0)));
        return table.merge(
                        "profile",
                        ColumnType.STORABLE_TEXT,
                        GpuMetricsRow::profile,
                        "greatest(t.profile, excluded.profile)")
                .merge("at", ColumnType.INTEGER_ARRAY, GpuMetricsTables::instanceAt, merge.at())
                .build();
    }

    private static void add(PostgresTable.Builder<GpuMetricsRow> table, GpuReading reading, String merged) {
        String column = reading.column();
        switch (reading.columnType()) {
            case "bigint" -> table.merge(column, ColumnType.BIGINT, row -> boxed(row.count(reading)), merged);
            case "integer" -> table.merge(column, ColumnType.INTEGER, row -> narrowed(row.count(reading)), merged);
            case "real" -> table.merge(column, ColumnType.REAL, row -> boxed(row.value(reading)), merged);
            default -> table.merge(column, ColumnType.FLOAT8, row -> boxed(row.value(reading)), merged);
        }
    }

    private static @Nullable Long boxed(OptionalLong value) {
        return value.isPresent() ? value.getAsLong() : null;
    }

    private static @Nullable Double boxed(OptionalDouble value) {
        return value.isPresent() ? value.getAsDouble() : null;
    }

    private static @Nullable Integer boxed(OptionalInt value) {
        return value.isPresent() ? value.getAsInt() : null;
    }

    private static @Nullable Integer narrowed(OptionalLong value) {
        return value.isPresent() ? Math.toIntExact(value.getAsLong()) : null;
    }

    private static @Nullable Long derived(GpuMetricsRow row) {
        return row.derived() == 0 ? null : row.derived();
    }

    private static @Nullable Integer @Nullable [] at(GpuMetricsRow row) {
        return row.isInGrid()
                ? Arrays.stream(GpuReading.values())
                        .map(reading -> boxed(row.offset(reading)))
                        .toArray(Integer[]::new)
                : null;
    }

    private static @Nullable Integer @Nullable [] instanceAt(GpuMetricsRow row) {
        Stream<OptionalInt> offsets = Stream.of(
                        MEMORY.stream().map(row::offset),
                        Stream.of(row.grEngineOffset()),
                        SHARES.stream().map(row::offset))
                .flatMap(part -> part);
        return row.isInGrid() ? offsets.map(GpuMetricsTables::boxed).toArray(Integer[]::new) : null;
    }
}
