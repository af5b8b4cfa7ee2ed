package io.gpufleet.telemetry.examples.rest;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.examples.options.TimeSpan;
import java.net.InetAddress;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Option;

/** The options of the listening side: a picocli mixin. Not thread-safe. */
public final class HttpOptions {
    @Option(
            names = "--port",
            paramLabel = "<port>",
            defaultValue = "8080",
            converter = NumberOption.Port.class,
            description = "The port to listen on (default: 8080); 0 takes any free one, which is printed.")
    private int port;

    @Option(
            names = "--bind",
            paramLabel = "<address>",
            defaultValue = "127.0.0.1",
            description = "The address to listen on (default: 127.0.0.1, which no other machine reaches).")
    private InetAddress bind = InetAddress.getLoopbackAddress();

    @Option(names = "--no-auth", description = "Asks callers for no key; only for a loopback address.")
    private boolean noAuth;

    @Option(
            names = "--cors-origin",
            paramLabel = "<origin>",
            converter = OriginConverter.class,
            description = {
                "An origin whose pages may read the answers, as https://ops.example. Repeatable.",
                "Without one, no page of another origin may."
            })
    private List<String> origins = List.of();

    @Option(
            names = "--rate",
            paramLabel = "<n>",
            defaultValue = "50",
            converter = NumberOption.Count.class,
            description = "The requests a second that each key may make in the long run (default: 50).")
    private int rate;

    @Option(
            names = "--burst",
            paramLabel = "<n>",
            defaultValue = "100",
            converter = NumberOption.Count.class,
            description = "The requests that each key may make at once (default: 100).")
    private int burst;

    @Option(
            names = "--connections",
            paramLabel = "<n>",
            defaultValue = "10",
            converter = NumberOption.Connections.class,
            description = "The connections to the database at most (default: 10).")
    private int connections;

    @Option(
            names = "--query-timeout",
            paramLabel = "<time>",
            defaultValue = "10s",
            converter = TimeSpan.Interval.class,
            description = "The longest question to the database, as 500ms, 5s or 1m (default: 10s).")
    private Duration queryTimeout = Duration.ofSeconds(10);

    /**
     * Checks that the options fit together, and fit the keys.
     *
     * @throws IllegalArgumentException if there is neither a key nor {@code --no-auth}, or both, or if the address is
     *     reached from other machines without a key
     */
    void check(ApiKeys keys) {
        if (!noAuth && keys.isEmpty()) {
            throw new IllegalArgumentException("no key is configured; allowed: " + ApiKeys.VARIABLE
                    + "=name=key,name2=key2 in the environment, or --no-auth on a loopback address");
        }
        if (noAuth && !keys.isEmpty()) {
            throw new IllegalArgumentException(
                    "--no-auth: has no place beside the keys of " + ApiKeys.VARIABLE + "; give one of them");
        }
        if (noAuth && !bind.isLoopbackAddress()) {
            throw new IllegalArgumentException("--bind: " + bind.getHostAddress()
                    + " is reached from other machines; allowed with --no-auth: a loopback address");
        }
    }

    /**
     * Returns the port.
     *
     * @return 0 for any free one
     */
    public int port() {
        return port;
    }

    /**
     * Returns the address to listen on.
     *
     * @return the address
     */
    public InetAddress bind() {
        return requireNonNull(bind, "bind");
    }

    /**
     * Returns whether callers need a key.
     *
     * @return false with {@code --no-auth}
     */
    public boolean needsKey() {
        return !noAuth;
    }

    /**
     * Returns the origins whose pages may read the answers.
     *
     * @return as {@code https://ops.example}
     */
    public Set<String> origins() {
        return new LinkedHashSet<>(origins);
    }

    /**
     * Returns the requests of a key.
     *
     * @return a second, in the long run
     */
    public int rate() {
        return rate;
    }

    /**
     * Returns the requests of a key at once.
     *
     * @return a number from 1 on
     */
    public int burst() {
        return burst;
    }

    /**
     * Returns the largest number of connections to the database.
     *
     * @return a number from 1 on
     */
    public int connections() {
        return connections;
    }

    /**
     * Returns the limit of each statement of a question.
     *
     * @return more than 0
     */
    public Duration queryTimeout() {
        return queryTimeout;
    }
}
