package io.gpufleet.telemetry.examples;

import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.examples.options.Program;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Runs an example by its name. A failure is one line on standard error, with an exit code like those of the programs.
 */
public final class Example {
    private static final Map<String, Main> EXAMPLES = new TreeMap<>(Map.of(
            "CustomTableAndAggregator", CustomTableAndAggregator::main,
            "EmbeddedInAService", EmbeddedInAService::main,
            "GpuSamplesInAService", GpuSamplesInAService::main,
            "HealthOverHttp", HealthOverHttp::main,
            "PublishFromAnAgent", PublishFromAnAgent::main,
            "RetentionInAService", RetentionInAService::main,
            "TunedService", TunedService::main));

    private Example() {}

    /** The main method of an example. */
    @FunctionalInterface
    interface Main {
        void run(String[] arguments) throws Exception;
    }

    /**
     * Runs the example and ends the JVM.
     *
     * @param arguments the name of the example, and its arguments
     */
    public static void main(String[] arguments) {
        for (String library : List.of("org.apache.kafka", "com.zaxxer.hikari", "org.flywaydb")) {
            // The consumer's own log covers these, and shows their settings less often.
            System.getProperties().putIfAbsent("org.slf4j.simpleLogger.log." + library, "warn");
        }
        for (String repetitive : List.of("org.apache.kafka.clients.NetworkClient", "com.zaxxer.hikari.pool.PoolBase")) {
            // They repeat each lost connection, for which the consumer has one line.
            System.getProperties().putIfAbsent("org.slf4j.simpleLogger.log." + repetitive, "error");
        }
        System.exit(run(EXAMPLES, arguments, new PrintWriter(System.err, true, StandardCharsets.UTF_8)));
    }

    static int run(Map<String, Main> examples, String[] arguments, PrintWriter errors) {
        List<String> words = List.of(arguments);
        Main example = words.isEmpty() ? null : examples.get(words.get(0));
        if (example == null) {
            errors.println(
                    (words.isEmpty() ? "example: name missing" : "example: unknown example \"" + words.get(0) + "\"")
                            + "; there are " + String.join(", ", examples.keySet())
                            + " (usage: examples/bin/example <name> <arguments>)");
            return ExitCodes.USAGE;
        }
        try {
            example.run(Arrays.copyOfRange(arguments, 1, arguments.length));
            return ExitCodes.OK;
        } catch (Throwable e) {
            return Program.failed("example " + words.get(0), e, errors);
        }
    }
}
