package io.gpufleet.telemetry.examples.samples;

import io.gpufleet.telemetry.examples.options.Program;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * What is in a file of GPU samples, and how do I send it as an exporter would? With this program: {@code check} reads
 * files as the consumer reads records, without a broker and a database; {@code publish} sends them to a topic, once or
 * again and again; {@code import} stores them in the database, each row once; {@code move} moves the samples of an old
 * table there.
 *
 * <p>{@code examples/bin/gpu-samples --help} shows the commands. A failure is one line on standard error; the exit
 * codes are for scripts.
 */
@Command(
        name = "gpu-samples",
        description = {
            "Checks files of GPU samples, sends them to a topic, and imports them into the database;"
                    + " moves the samples of an old table."
        },
        subcommands = {CheckSamples.class, PublishSamples.class, ImportSamples.class, MoveSamples.class})
public final class GpuSamplesMain {
    private static final String LOG_LEVEL = "org.slf4j.simpleLogger.defaultLogLevel";

    private static final String LOG_LEVEL_OF_IMPORTS = "org.slf4j.simpleLogger.log.io.gpufleet.telemetry.jdbc.gpu";

    private GpuSamplesMain() {}

    /**
     * Runs the program and ends the JVM.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        if (System.getProperty(LOG_LEVEL) == null) {
            // The one line of the failure replaces the clients' logs.
            System.setProperty(LOG_LEVEL, "off");
            // But an import that waits for the database would look as if it hung.
            System.setProperty(LOG_LEVEL_OF_IMPORTS, "warn");
        }
        System.exit(Program.run(commandLine(), arguments));
    }

    static CommandLine commandLine() {
        return Program.commandLine(new GpuSamplesMain());
    }
}
