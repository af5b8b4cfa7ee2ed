package io.gpufleet.telemetry.examples.options;

import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.examples.terminal.Failure;
import io.gpufleet.telemetry.jdbc.query.InvalidQueryException;
import io.gpufleet.telemetry.jdbc.query.UnknownGpuException;
import java.net.BindException;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IExitCodeExceptionMapper;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** The single place that turns a failure into a line and an exit code. Thread-safe. */
final class FailureHandler implements IParameterExceptionHandler, IExecutionExceptionHandler, IExitCodeExceptionMapper {
    private static final List<Class<? extends Exception>> UNAVAILABLE =
            List.of(SQLException.class, KafkaException.class, TimeoutException.class);

    /** The SQLSTATEs of a missing table and a missing schema. */
    private static final Set<String> ABSENT = Set.of("42P01", "3F000");

    @Override
    public int handleParseException(ParameterException failure, String[] arguments) {
        CommandLine command = failure.getCommandLine();
        String help = command.getCommandSpec().qualifiedName() + " --help";
        print(command, words(failure) + suggestion(failure) + unknown(failure) + " (see " + help + ")");
        return ExitCodes.USAGE;
    }

    private static String words(ParameterException failure) {
        if (isClientProperty(failure.getArgSpec())) {
            // The value is not quoted, since it may be a password.
            return "Invalid value for option '" + KafkaOptions.CLIENT_PROPERTY + "': it is not name=value";
        }
        return Failure.inOneLine(failure).replaceFirst("^(Error|ParameterException): ", "");
    }

    /** Returns the line for an unknown option, which is often a mistyped required one. */
    private static String unknown(ParameterException failure) {
        List<String> unmatched = failure instanceof MissingParameterException
                ? failure.getCommandLine().getUnmatchedArguments()
                : List.of();
        List<String> options = unmatched.stream()
                .filter(word -> word.startsWith("-"))
                .map(word -> word.split("=", 2)[0])
                .toList();
        return options.isEmpty() ? "" : "; unknown: " + String.join(", ", options);
    }

    private static boolean isClientProperty(ArgSpec argument) {
        return argument instanceof OptionSpec option && option.longestName().equals(KafkaOptions.CLIENT_PROPERTY);
    }

    private static String suggestion(ParameterException failure) {
        if (failure instanceof UnmatchedArgumentException unmatched
                && !unmatched.getSuggestions().isEmpty()) {
            return "; did you mean " + String.join(" or ", unmatched.getSuggestions()) + "?";
        }
        return "";
    }

    @Override
    public int handleExecutionException(Exception failure, CommandLine command, ParseResult parsed) {
        print(command, failure);
        return getExitCode(failure);
    }

    @Override
    public int getExitCode(Throwable failure) {
        if (isOfDatabaseOrBroker(failure)) {
            return ExitCodes.UNAVAILABLE;
        }
        if (failure instanceof CompletionException && failure.getCause() != null) {
            return getExitCode(failure.getCause());
        }
        if (failure instanceof TelemetryException
                || failure instanceof UnknownGpuException
                || failure instanceof BindException) {
            return ExitCodes.NOT_SO;
        }
        return failure instanceof IllegalArgumentException ? ExitCodes.USAGE : ExitCodes.DEFECT;
    }

    private static boolean isOfDatabaseOrBroker(Throwable failure) {
        Throwable cause = failure.getCause();
        return UNAVAILABLE.stream().anyMatch(type -> type.isInstance(failure))
                || (failure instanceof SinkException sink && sink.kind().isTransient())
                || (cause != null && isOfDatabaseOrBroker(cause));
    }

    static void print(CommandLine command, Throwable failure) {
        print(command, line(failure));
    }

    static String line(Throwable failure) {
        return Secrets.hidden(absentTable(failure).orElseGet(() -> inOptions(failure)));
    }

    private static String inOptions(Throwable failure) {
        String line = Failure.inOneLine(failure);
        if (failure instanceof UnknownGpuException) {
            return line + "; operator gpus lists all";
        }
        return failure instanceof InvalidQueryException invalid
                ? OptionNames.in(invalid.parameter(), line)
                : OptionNames.in(line);
    }

    /** Returns the advice for a missing table, which the server's own message lacks. */
    private static Optional<String> absentTable(@Nullable Throwable failure) {
        if (failure == null) {
            return Optional.empty();
        }
        return failure instanceof SQLException sql && ABSENT.contains(String.valueOf(sql.getSQLState()))
                ? Optional.of(AbsentTable.advice(words(sql)))
                : absentTable(failure.getCause());
    }

    /** Returns the server's message without the position in the SQL. */
    private static String words(SQLException failure) {
        return String.valueOf(failure.getMessage())
                .lines()
                .findFirst()
                .orElse("")
                .replaceFirst("^ERROR: ", "");
    }

    private static void print(CommandLine command, String line) {
        command.getErr().println(command.getCommandSpec().qualifiedName() + ": " + Secrets.hidden(line));
        command.getErr().flush();
    }
}
