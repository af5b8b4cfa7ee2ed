package io.gpufleet.telemetry.examples.options;

import static java.util.Objects.requireNonNullElse;

import io.gpufleet.telemetry.TelemetryException;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import picocli.CommandLine;
import picocli.CommandLine.TypeConversionException;

/**
 * Runs the commands of a program. Every failure is one line on standard error, without a stack trace or a password, and
 * ends with one of the {@link ExitCodes}.
 */
public final class Program {
    private static final Instant EARLIEST = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant END = Instant.parse("+10000-01-01T00:00:00Z");

    private Program() {}

    /**
     * Returns the command line of a program, with usage help and exit codes for it and all its subcommands.
     *
     * @param command an object with picocli's annotations
     * @return a command line that {@link #run} runs
     */
    public static CommandLine commandLine(Object command) {
        FailureHandler failures = new FailureHandler();
        CommandLine commandLine = new CommandLine(command)
                .setParameterExceptionHandler(failures)
                .setExecutionExceptionHandler(failures)
                .setExitCodeExceptionMapper(failures)
                .setCaseInsensitiveEnumValuesAllowed(true);
        WholeNumbers.register(commandLine);
        commandLine.registerConverter(Instant.class, Program::instant);
        document(commandLine);
        return commandLine;
    }

    private static Instant instant(String text) {
        try {
            Instant time = Instant.parse(text);
            if (time.isBefore(EARLIEST) || !time.isBefore(END)) {
                throw new TypeConversionException("\"" + text + "\" is not between the years 1 and 9999");
            }
            return time;
        } catch (DateTimeParseException e) {
            throw new TypeConversionException("\"" + text + "\" is not a time such as 2026-01-31T12:00:00Z");
        }
    }

    private static void document(CommandLine commandLine) {
        Package product = TelemetryException.class.getPackage();
        commandLine
                .getCommandSpec()
                .mixinStandardHelpOptions(true)
                .version("GPU fleet telemetry "
                        + requireNonNullElse(product.getImplementationVersion(), "(not packaged)"));
        commandLine
                .getCommandSpec()
                .usageMessage()
                .autoWidth(true)
                .exitCodeListHeading("Exit codes:%n")
                .exitCodeList(ExitCodes.DESCRIPTIONS);
        commandLine.getSubcommands().values().forEach(Program::document);
    }

    /**
     * Prints the reason of a failure in one line, for a program without options.
     *
     * @param name the program
     * @param failure the reason
     * @param out the output
     * @return the exit code
     */
    public static int failed(String name, Throwable failure, PrintWriter out) {
        out.println(name + ": " + FailureHandler.line(failure));
        out.flush();
        return failure instanceof Error ? ExitCodes.DEFECT : new FailureHandler().getExitCode(failure);
    }

    /**
     * Runs a program.
     *
     * @param commandLine a result of {@link #commandLine}
     * @param arguments the arguments of the command line
     * @return the exit code
     */
    public static int run(CommandLine commandLine, String... arguments) {
        try {
            return commandLine.execute(arguments);
        } catch (Error e) {
            FailureHandler.print(commandLine, e);
            return ExitCodes.DEFECT;
        }
    }
}
