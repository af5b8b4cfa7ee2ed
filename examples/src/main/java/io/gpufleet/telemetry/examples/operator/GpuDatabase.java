package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.examples.options.DatabaseOptions;
import io.gpufleet.telemetry.jdbc.query.GpuQueries;
import picocli.CommandLine.Mixin;

/** The database with the GPUs that a command asks about. A mixin. Not thread-safe. */
final class GpuDatabase {
    @Mixin
    private final DatabaseOptions database = new DatabaseOptions();

    GpuQueries queries() {
        GpuQueries.Builder builder = GpuQueries.builder(database.dataSource());
        database.schema().ifPresent(builder::schema);
        return builder.build();
    }
}
