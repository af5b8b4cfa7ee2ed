package io.gpufleet.telemetry.examples.operator;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints the SQL that makes the tables; no database is asked. Not thread-safe. */
@Command(
        name = "sql",
        description = {
            "Prints the SQL that makes the tables, for those who migrate by themselves.",
            "It names no schema: the tables are made where the search path points to."
        })
final class PrintSchema implements Callable<Integer> {
    @Option(names = "--partitioned-by-day", description = "With the heartbeats partitioned by UTC day.")
    private boolean partitionedByDay;

    @Mixin
    private final HeartbeatLayout layout = new HeartbeatLayout();

    @Spec
    private @Nullable CommandSpec command;

    @Override
    public Integer call() {
        TelemetrySchema.Builder schema = TelemetrySchema.builder(new PGSimpleDataSource());
        if (partitionedByDay) {
            schema.partitionedByDay();
        }
        layout.applyTo(schema);
        var out = requireNonNull(command, "command").commandLine().getOut();
        schema.build().sql().forEach(out::println);
        return ExitCodes.OK;
    }
}
