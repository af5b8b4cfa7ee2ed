package io.gpufleet.telemetry.examples.operator;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.examples.options.ExitCodes;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows the help of a command at any depth; picocli's own reads the first word only. Not thread-safe. */
@Command(
        name = "help",
        description = "Shows the help of a command, as in: operator help offsets reset.",
        helpCommand = true)
final class Help implements Callable<Integer> {
    @Parameters(arity = "0..*", paramLabel = "<command>", description = "The command, in one word or more.")
    private List<String> path = List.of();

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        CommandLine own = requireNonNull(spec, "spec").commandLine();
        CommandLine command = own.getParent();
        for (String word : path) {
            command = subcommand(own, command, word);
        }
        command.usage(own.getOut());
        return ExitCodes.OK;
    }

    private static CommandLine subcommand(CommandLine own, CommandLine command, String word) {
        CommandLine found = command.getSubcommands().get(word);
        if (found == null) {
            String known = String.join(", ", command.getSubcommands().keySet());
            throw new ParameterException(
                    own,
                    "\"" + word + "\" is not a command of "
                            + command.getCommandSpec().qualifiedName()
                            + (known.isEmpty() ? ", which has none" : "; there are " + known));
        }
        return found;
    }
}
