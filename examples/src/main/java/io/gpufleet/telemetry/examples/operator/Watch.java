package io.gpufleet.telemetry.examples.operator;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.examples.options.TimeSpan;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The choice between one look and repeated ones. A mixin. Not thread-safe. */
final class Watch {
    private static final String TO_THE_TOP = "\u001b[H\u001b[2J";

    /** A look; returns its exit code. */
    @FunctionalInterface
    interface Look {
        int look() throws SQLException, InterruptedException;
    }

    @Option(
            names = "--watch",
            paramLabel = "<time>",
            arity = "0..1",
            fallbackValue = "5s",
            converter = TimeSpan.class,
            description = "Repeats the output after this time (default: 5s), until it is interrupted.")
    private @Nullable Duration every;

    @Option(names = "--looks", paramLabel = "<n>", description = "With --watch: ends after this number of outputs.")
    private int looks = Integer.MAX_VALUE;

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    /** Looks as often as requested; returns the exit code of the last look. */
    int run(Output output, Look look) throws SQLException, InterruptedException {
        int code = look.look();
        for (int done = 1; every != null && done < looks; done++) {
            Thread.sleep(every.toMillis());
            if (!output.isJson()) {
                out().print(TO_THE_TOP);
            }
            code = look.look();
        }
        return code;
    }

    private PrintWriter out() {
        return requireNonNull(command, "command").commandLine().getOut();
    }
}
