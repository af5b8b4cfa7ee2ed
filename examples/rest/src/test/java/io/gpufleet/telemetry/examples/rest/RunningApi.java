package io.gpufleet.telemetry.examples.rest;

import io.gpufleet.telemetry.examples.options.Program;
import io.gpufleet.telemetry.testkit.PostgresDatabase;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import java.net.BindException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ConfigurableApplicationContext;
import picocli.CommandLine;

/** The service, started in this JVM with a command line, on a free port. Thread-safe. */
public final class RunningApi implements AutoCloseable {
    /** The key that calls send if they name none. */
    public static final String KEY = "a-key-for-tests-7Q";
    /** Another key. */
    public static final String OTHER_KEY = "another-key-for-tests-8R";

    private static @Nullable RunningApi shared;

    private final ConfigurableApplicationContext context;
    private final StoredFleet fleet;

    private RunningApi(ConfigurableApplicationContext context, StoredFleet fleet) {
        this.context = context;
        this.fleet = fleet;
    }

    /** Returns the service that the tests of this JVM share, with nearly no limit of requests. */
    public static synchronized RunningApi shared(TelemetryStack stack) {
        if (shared == null) {
            // Whether the document is still that of the code.
            System.setProperty("springdoc.api-docs.enabled", "true");
            shared = start(stack, StoredFleet.create(stack), "--rate=1000000", "--burst=1000000");
        }
        return shared;
    }

    /** Starts a service with further options. */
    public static RunningApi start(TelemetryStack stack, StoredFleet fleet, String... options) {
        return start(stack.bootstrapServers(), fleet, fleet.database(), options);
    }

    /** Starts a service that is another role in the database. */
    static RunningApi startAs(String role, TelemetryStack stack, StoredFleet fleet) {
        String url = fleet.database().jdbcUrl().replaceFirst("user=[^&]*", "user=" + role);
        return start(stack.bootstrapServers(), fleet, url);
    }

    /** Starts a service with its own brokers and database. */
    public static RunningApi start(String servers, StoredFleet fleet, PostgresDatabase database, String... options) {
        return start(servers, fleet, database.jdbcUrl(), options);
    }

    private static RunningApi start(String servers, StoredFleet fleet, String url, String... options) {
        List<String> arguments =
                new ArrayList<>(List.of("--port=0", "--database-url=" + url, "--bootstrap-server=" + servers));
        arguments.addAll(List.of(options));
        boolean isOpen = arguments.contains("--no-auth");
        Map<String, String> keys =
                isOpen ? Map.of() : Map.of(ApiKeys.VARIABLE, "tests=" + KEY + ",others=" + OTHER_KEY);
        TelemetryApi program = new TelemetryApi(keys);
        CommandLine line = Program.commandLine(program);
        line.parseArgs(arguments.toArray(String[]::new));
        try {
            return new RunningApi(program.start(), fleet);
        } catch (BindException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns what is stored. */
    public StoredFleet fleet() {
        return fleet;
    }

    /** Returns calls with the key. */
    public Calls calls() {
        return Calls.to(Service.address(context)).with("X-API-Key", KEY);
    }

    /** Returns calls without a key. */
    public Calls strangers() {
        return Calls.to(Service.address(context));
    }

    /** Returns the port that the service listens on. */
    public int port() {
        return Integer.parseInt(context.getEnvironment().getRequiredProperty("local.server.port"));
    }

    /** Returns a part of the service. */
    public <B> B bean(Class<B> type) {
        return context.getBean(type);
    }

    @Override
    public void close() {
        context.close();
    }
}
