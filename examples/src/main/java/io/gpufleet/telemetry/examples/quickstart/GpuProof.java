package io.gpufleet.telemetry.examples.quickstart;

import io.gpufleet.telemetry.kafka.GpuSampleConsumer;
import java.io.PrintStream;
import java.sql.SQLException;
import javax.sql.DataSource;

/** Compares the tables of GPUs with the fleet's scrapes. Not thread-safe. */
final class GpuProof {
    private static final String POSITIONS = "SELECT sum(next_offset) FROM consumer_offsets WHERE topic = '%s'";

    private final SimulatedGpus gpus;
    private final long rejected;
    private final Comparison comparison;

    /**
     * Creates a proof.
     *
     * @param rejected the lines of one host that the consumer refused
     */
    GpuProof(DataSource database, SimulatedGpus gpus, long rejected) {
        this.gpus = gpus;
        this.rejected = rejected;
        this.comparison = new Comparison(database, "Is it all there, and only once?");
    }

    /** Prints the checks, and returns whether all hold. */
    boolean print(PrintStream out) throws SQLException {
        SimulatedGpus.Expected ofOneHost = gpus.ofOneHost();
        comparison.add("GPUs", gpus.gpus(), "SELECT count(*) FROM gpu");
        comparison.add(
                "rows of readings, one a GPU and scrape",
                (long) gpus.gpus() * gpus.scrapes(),
                "SELECT count(*) FROM gpu_metrics");
        comparison.add("samples of one host", ofOneHost.samples(), "SELECT count(*) FROM gpu_sample");
        comparison.add(
                "sum of its temperatures in C",
                ofOneHost.temperatures(),
                "SELECT sum(metric_value) FROM gpu_telemetry WHERE metric_name = 'DCGM_FI_DEV_GPU_TEMP'");
        comparison.add("its damaged lines", ofOneHost.refusals(), rejected);
        comparison.add(
                "scrapes before the stored positions", gpus.allScrapes(), POSITIONS.formatted(GpuSampleConsumer.TOPIC));
        comparison.add(
                "scrapes of one host before them", gpus.scrapes(), POSITIONS.formatted(GpuDemonstration.ONE_HOST));
        comparison.print(out);
        out.println(comparison.holds() ? "All checks hold." : "NOT all checks hold.");
        return comparison.holds();
    }
}
