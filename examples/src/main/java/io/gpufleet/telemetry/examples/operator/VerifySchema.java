package io.gpufleet.telemetry.examples.operator;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.examples.options.DatabaseOptions;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Checks the tables. Not thread-safe. */
@Command(
        name = "verify",
        description = "Checks that the tables are as they are needed. Exit code 1 if not, with all that is wrong.")
final class VerifySchema implements Callable<Integer> {
    @Mixin
    private final DatabaseOptions database = new DatabaseOptions();

    @Mixin
    private final HeartbeatLayout layout = new HeartbeatLayout();

    @Spec
    private @Nullable CommandSpec command;

    @Override
    public Integer call() {
        new Tables(database).verify(layout);
        requireNonNull(command, "command").commandLine().getOut().println("The tables are as they are needed");
        return ExitCodes.OK;
    }
}
