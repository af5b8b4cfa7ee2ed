package io.gpufleet.telemetry.examples.quickstart;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.codec.ExpositionTextDecoder;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.gpu.GpuMetricsSink;
import io.gpufleet.telemetry.jdbc.gpu.GpuSampleSink;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.kafka.ConsumerSnapshot.Counts;
import io.gpufleet.telemetry.kafka.GpuSampleConsumer;
import io.gpufleet.telemetry.testkit.GpuFleetRecord;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import java.io.PrintStream;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The way of a fleet's GPU samples, shown on the terminal: of all hosts into rows of readings, of one host also into
 * single samples. Not thread-safe.
 */
final class GpuDemonstration {
    static final String ONE_HOST = "gpu-metrics-of-one-host";

    private static final int PARTITIONS = 4;

    private final TelemetryStack stack;
    private final DataSource database;
    private final PrintStream out;
    private final StepLog steps;
    private @Nullable Counts ofOneHost;

    GpuDemonstration(TelemetryStack stack, DataSource database, PrintStream out, StepLog steps) {
        this.stack = stack;
        this.database = database;
        this.out = out;
        this.steps = steps;
    }

    void publishAndConsume(SimulatedGpus gpus) throws ExecutionException, InterruptedException {
        TelemetrySchema.builder(database).gpuSamples().build().install();
        publish(GpuSampleConsumer.TOPIC, gpus.records());
        publish(ONE_HOST, gpus.recordsOfOneHost());
        steps.add("Published " + gpus);
        consume(GpuSampleConsumer.TOPIC, GpuMetricsSink.create(database), gpus.allScrapes());
        ofOneHost = consume(ONE_HOST, GpuSampleSink.create(database), gpus.scrapes());
    }

    private void publish(String topic, Iterable<GpuFleetRecord> records) {
        stack.createTopic(topic, PARTITIONS, Map.of("retention.ms", "-1"));
        stack.publish(topic, records);
    }

    private Counts consume(String topic, PostgresSink<GpuSample> sink, int records)
            throws ExecutionException, InterruptedException {
        try (BatchingConsumer consumer = GpuSampleConsumer.builder(ExpositionTextDecoder.create(), sink)
                .topics(topic)
                .groupId(topic + "-group")
                .bootstrapServers(stack.bootstrapServers())
                .concurrency(Demonstration.LANES)
                .start()) {
            steps.add("Consuming " + topic + Demonstration.BEHIND_AT_FIRST);
            new Consumption(consumer, records, "samples", out).await();
            return consumer.snapshot().counts();
        }
    }

    void report() throws SQLException {
        for (Report report : GpuReports.ALL) {
            report.answer(database).print(out);
        }
    }

    /** Prints the checks, and returns whether they hold. */
    boolean proves(SimulatedGpus gpus) throws SQLException {
        return new GpuProof(database, gpus, requireNonNull(ofOneHost, "nothing was consumed")).print(out);
    }
}
