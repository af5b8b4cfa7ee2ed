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

/** Prints the SQL that creates the tables, without a database. Not thread-safe. */
@Command(
        name = "sql",
        description = {
            "Prints the SQL that creates the tables, for hosts with their own migrations: those of heartbeats and"
                    + " consumer configs, unless others are named.",
            "It names no schema: the tables are created in the first schema of the search path."
        })
final class PrintSchema implements Callable<Integer> {
    @Mixin
    private final CapabilityOptions capabilities = new CapabilityOptions();

    @Option(names = "--partitioned-by-day", description = "With the heartbeats partitioned by UTC day.")
    private boolean partitionedByDay;

    @Mixin
    private final HeartbeatLayout layout = new HeartbeatLayout();

    @Spec
    private @Nullable CommandSpec command;

    @Override
    public Integer call() {
        TelemetrySchema.Builder schema = TelemetrySchema.builder(new PGSimpleDataSource());
        Capabilities asked = capabilities.named();
        asked.applyTo(schema);
        if (partitionedByDay) {
            asked.requireHeartbeats("--partitioned-by-day");
            schema.partitionedByDay();
        }
        layout.applyTo(schema, asked);
        var out = requireNonNull(command, "command").commandLine().getOut();
        schema.build().sql().forEach(out::println);
        return ExitCodes.OK;
    }
}
