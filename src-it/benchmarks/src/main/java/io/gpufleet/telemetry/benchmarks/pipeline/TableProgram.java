package io.gpufleet.telemetry.benchmarks.pipeline;

import io.gpufleet.telemetry.benchmarks.report.Extent;
import io.gpufleet.telemetry.benchmarks.report.Table;

/** A program that starts the servers, measures one table, and prints it with the description of the machine. */
public final class TableProgram {

    /** The measurement that fills the table. */
    @FunctionalInterface
    public interface Content {
        Table measure(Servers servers, Extent extent) throws Exception;
    }

    private TableProgram() {}

    /**
     * Runs the program, and ends this JVM.
     *
     * @param arguments the extent, see {@link Extent#of}
     */
    public static void run(String title, Content content, String... arguments) throws Exception {
        Extent extent = Extent.of(arguments);
        System.out.println(title + "\n");
        try (Servers servers = Servers.start()) {
            System.out.println(content.measure(servers, extent));
            Machine.describe(servers).forEach(System.out::println);
        }
        System.exit(0);
    }
}
