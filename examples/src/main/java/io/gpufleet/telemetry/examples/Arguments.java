package io.gpufleet.telemetry.examples;

import io.gpufleet.telemetry.examples.options.ExitCodes;
import java.util.List;

/** What an example is started with. */
final class Arguments {
    private Arguments() {}

    /**
     * Ends the JVM with a usage line unless all arguments are there.
     *
     * @param given what was typed
     * @param program the example
     * @param names what it needs, in order; optional ones are in brackets
     */
    static void require(String[] given, Class<?> program, String... names) {
        List<String> problems = problems(given, program, names);
        if (!problems.isEmpty()) {
            problems.forEach(System.err::println);
            System.exit(ExitCodes.USAGE);
        }
    }

    static List<String> problems(String[] given, Class<?> program, String... names) {
        long needed =
                List.of(names).stream().filter(name -> !name.startsWith("[")).count();
        if (given.length >= needed && given.length <= names.length) {
            return List.of();
        }
        return List.of(
                program.getSimpleName() + ": " + given.length + " arguments are not "
                        + (needed == names.length ? needed : needed + " to " + names.length),
                "usage: examples/bin/example " + program.getSimpleName() + " " + String.join(" ", names));
    }

    /** Returns a port, or ends the JVM with a line that says what a port is. */
    static int port(String text) {
        try {
            int port = Integer.parseInt(text);
            if (port >= 0 && port <= 65_535) {
                return port;
            }
        } catch (NumberFormatException e) {
            // Said below, as for one that is out of range.
        }
        System.err.println("port: \"" + text + "\" is not between 0 and 65535 (0 is any that is free)");
        System.exit(ExitCodes.USAGE);
        throw new IllegalStateException("the JVM has ended");
    }
}
