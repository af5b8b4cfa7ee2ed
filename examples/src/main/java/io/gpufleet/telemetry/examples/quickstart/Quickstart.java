package io.gpufleet.telemetry.examples.quickstart;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.examples.terminal.Failure;
import io.gpufleet.telemetry.testkit.PostgresServer;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import java.io.PrintStream;
import java.util.concurrent.Callable;

/**
 * What does it do? A day of a simulated fleet goes through a real Kafka broker into a real PostgreSQL, is shown as an
 * operator would see it, and is compared with the published records; then a day of GPU samples.
 *
 * <p>{@code mvn -Pquickstart} runs it. It needs nothing installed and ends by itself. Its exit code is 0 only if every
 * check holds.
 */
public final class Quickstart {
    private static final int MACHINES = 200;
    private static final int HEARTBEATS_OF_EACH = 288;
    private static final int GPU_HOSTS = 8;
    private static final int SCRAPES_OF_EACH = 2_880;

    private Quickstart() {}

    /**
     * Runs the program and ends the JVM.
     *
     * @param arguments none
     */
    public static void main(String[] arguments) {
        System.exit(exitCode(System.out, Quickstart::run));
    }

    /**
     * Runs a program and returns its exit code: 0 if all checks hold, 1 if not or if it fails, with the reason in one
     * line.
     */
    static int exitCode(PrintStream out, Callable<Boolean> program) {
        try {
            return program.call() ? 0 : 1;
        } catch (Throwable failure) {
            out.println();
            out.println("Quickstart failed: " + Failure.inOneLine(failure));
            return 1;
        }
    }

    private static boolean run() throws Exception {
        StepLog steps = new StepLog(System.out, System::nanoTime);
        System.out.println("GPU fleet telemetry: heartbeats from Kafka into PostgreSQL, exactly once");
        System.out.println();
        steps.add("Starting a Kafka broker and PostgreSQL");
        try (TelemetryStack stack = TelemetryStack.builder()
                        .postgres(PostgresServer.builder().durable())
                        .start();
                HikariDataSource database = pool(stack.newDatabase().jdbcUrl())) {
            steps.add("Started a " + stack);
            SimulatedFleet fleet = SimulatedFleet.ofLastDay(MACHINES, HEARTBEATS_OF_EACH);
            Demonstration demonstration = new Demonstration(stack, database, System.out, steps);
            demonstration.publishAndConsume(fleet);
            demonstration.report();
            boolean proven = demonstration.proves(fleet);
            return runGpus(new GpuDemonstration(stack, database, System.out, steps)) && proven;
        }
    }

    private static boolean runGpus(GpuDemonstration demonstration) throws Exception {
        System.out.println();
        System.out.println("GPU samples: scrapes of dcgm-exporter from Kafka into PostgreSQL, exactly once");
        System.out.println();
        SimulatedGpus gpus = SimulatedGpus.ofLastDay(GPU_HOSTS, SCRAPES_OF_EACH);
        demonstration.publishAndConsume(gpus);
        demonstration.report();
        return demonstration.proves(gpus);
    }

    private static HikariDataSource pool(String jdbcUrl) {
        HikariConfig pool = new HikariConfig();
        pool.setJdbcUrl(jdbcUrl);
        pool.setMaximumPoolSize(Demonstration.LANES + 2);
        return new HikariDataSource(pool);
    }
}
