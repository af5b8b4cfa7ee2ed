package io.gpufleet.telemetry.examples.operator;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.examples.terminal.Json;
import io.gpufleet.telemetry.examples.terminal.Table;
import java.io.PrintWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The output of a command: tables for people, or JSON for programs. A mixin. Not thread-safe. */
final class Output {
    @Option(names = "--json", description = "Print JSON instead of tables.")
    private boolean json;

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    /** Returns whether the output is JSON. */
    boolean isJson() {
        return json;
    }

    /** Prints a table, or a JSON array of its rows. */
    void print(Table table) {
        print(lines(table), table.records());
    }

    /** Returns the lines of a table, fitted to the terminal. */
    static List<String> lines(Table table) {
        return table.lines(TerminalWidth.columns());
    }

    /** Prints a value if the output is JSON; people get another message. */
    void printJson(Object value) {
        if (json) {
            print(List.of(), value);
        }
    }

    /** Prints lines, or their value as JSON. */
    void print(List<String> lines, Object value) {
        PrintWriter out = requireNonNull(command, "command").commandLine().getOut();
        if (json) {
            out.println(Json.of(value));
        } else {
            lines.forEach(out::println);
        }
        out.flush();
    }
}
