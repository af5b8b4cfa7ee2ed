package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.examples.options.Program;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * How do I operate it? With this program: it shows and moves positions, shows and replays dead letters, shows gaps,
 * shows and changes the settings of services, shows their lag and the advice on them, shows GPUs, their samples and Xid
 * events, compacts days of samples and shows their space, and checks the statistics and the tables.
 *
 * <p>{@code examples/bin/operator --help} shows the commands. A failure is one line on standard error; the exit codes
 * are for scripts.
 */
@Command(
        name = "operator",
        description = "Shows and repairs the telemetry in a database.",
        subcommands = {
            ShowStatus.class,
            Offsets.class,
            DeadLetters.class,
            ShowGaps.class,
            CheckInvariant.class,
            Compact.class,
            ShowStorage.class,
            Configs.class,
            ShowLag.class,
            ShowAlerts.class,
            Advise.class,
            ShowFleet.class,
            ListGpus.class,
            ListSamples.class,
            ShowLatest.class,
            ListXids.class,
            Schema.class,
            PrintAcls.class,
            Help.class,
            GenerateCompletion.class,
        })
public final class Operator {
    private static final String LOG_LEVEL = "org.slf4j.simpleLogger.defaultLogLevel";

    private Operator() {}

    /**
     * Runs the program and ends the JVM.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        if (System.getProperty(LOG_LEVEL) == null) {
            // The one line of the failure replaces the clients' logs.
            System.setProperty(LOG_LEVEL, "off");
        }
        System.exit(Program.run(commandLine(), arguments));
    }

    static CommandLine commandLine() {
        return Program.commandLine(new Operator());
    }
}
