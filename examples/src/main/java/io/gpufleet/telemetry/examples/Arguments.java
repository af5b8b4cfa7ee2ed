package io.gpufleet.telemetry.examples;

import com.sun.net.httpserver.HttpServer;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.List;

/** The arguments of an example. */
final class Arguments {
    private Arguments() {}

    /**
     * Ends the JVM with a usage line unless all arguments are given.
     *
     * @param given the arguments of the command line
     * @param program the example
     * @param names the names of its arguments, in order; optional ones are in brackets
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
            int url = List.of(names).indexOf("<JDBC URL>");
            // Not repeated in the message, for it may hold a password.
            return url < 0 || given[url].startsWith("jdbc:postgresql:")
                    ? List.of()
                    : List.of(program.getSimpleName() + ": the JDBC URL does not begin with jdbc:postgresql:");
        }
        return List.of(
                program.getSimpleName() + ": " + given.length + " arguments are not "
                        + (needed == names.length ? needed : needed + " to " + names.length),
                "usage: examples/bin/example " + program.getSimpleName() + " " + String.join(" ", names));
    }

    /**
     * Opens a server.
     *
     * @param address the address; port 0 stands for any free port
     * @throws IllegalArgumentException if the host has no address
     * @throws BindException if the port is taken
     */
    static HttpServer server(InetSocketAddress address) throws IOException {
        if (address.isUnresolved()) {
            throw new IllegalArgumentException("address: \"" + address.getHostString() + "\" does not resolve");
        }
        try {
            return HttpServer.create(address, 0);
        } catch (BindException e) {
            BindException named = new BindException("port " + address.getPort() + " of " + address.getHostString()
                    + " is not available: " + e.getMessage());
            named.initCause(e);
            throw named;
        }
    }

    /** Returns a port, or ends the JVM with the allowed range. */
    static int port(String text) {
        try {
            int port = Integer.parseInt(text);
            if (port >= 0 && port <= 65_535) {
                return port;
            }
        } catch (NumberFormatException e) {
            // Reported below, like a number out of range.
        }
        System.err.println("port: \"" + text + "\" is not between 0 and 65535 (0 for any free port)");
        System.exit(ExitCodes.USAGE);
        throw new IllegalStateException("the JVM has ended");
    }
}
