package io.gpufleet.telemetry.examples.quickstart;

import io.gpufleet.telemetry.kafka.ConsumerSnapshot.Counts;
import io.gpufleet.telemetry.kafka.GpuSampleConsumer;
import java.io.PrintStream;
import java.sql.SQLException;
import javax.sql.DataSource;

/** Compares the tables of GPUs with the fleet's scrapes. Not thread-safe. */
final class GpuProof {
    private static final String POSITIONS = "SELECT sum(next_offset) FROM consumer_offsets WHERE topic = '%s'";

    private final SimulatedGpus gpus;
    private final Counts ofOneHost;
    private final Comparison comparison;

    /**
     * Creates a proof.
     *
     * @param ofOneHost the counts of the consumer of one host
     */
    GpuProof(DataSource database, SimulatedGpus gpus, Counts ofOneHost) {
        this.gpus = gpus;
        this.ofOneHost = ofOneHost;
        this.comparison = new Comparison(database, "Is it all there, and only once?");
    }

    /** Prints the checks, and returns whether all hold. */
    boolean print(PrintStream out) throws SQLException {
        SimulatedGpus.Expected expected = gpus.ofOneHost();
        comparison.add("GPUs", gpus.gpus(), "SELECT count(*) FROM gpu");
        comparison.add(
                "rows of readings, one a GPU and scrape",
                (long) gpus.gpus() * gpus.scrapes(),
                "SELECT count(*) FROM gpu_metrics");
        comparison.add("samples of one host", expected.samples(), "SELECT count(*) FROM gpu_sample");
        comparison.add(
                "sum of its temperatures in C",
                expected.temperatures(),
                "SELECT sum(metric_value) FROM gpu_telemetry WHERE metric_name = 'DCGM_FI_DEV_GPU_TEMP'");
        comparison.add("its damaged lines, refused", expected.refusals(), ofOneHost.rejected());
        comparison.add(
                "scrapes before the stored positions", gpus.allScrapes(), POSITIONS.formatted(GpuSampleConsumer.TOPIC));
        comparison.add(
                "scrapes of one host before them", gpus.scrapes(), POSITIONS.formatted(GpuDemonstration.ONE_HOST));
        comparison.print(out);
        out.println(linesAndLetters());
        out.println(comparison.holds() ? "All checks hold." : "NOT all checks hold.");
        return comparison.holds();
    }

    private String linesAndLetters() {
        return "Of the " + ofOneHost.rejected() + " refused lines, " + (ofOneHost.rejected() - ofOneHost.repeated())
                + " are in the " + ofOneHost.deadLetters() + " dead letters, one for each scrape; "
                + ofOneHost.repeated() + " are only counted, since they repeat what a dead letter has.";
    }
}
