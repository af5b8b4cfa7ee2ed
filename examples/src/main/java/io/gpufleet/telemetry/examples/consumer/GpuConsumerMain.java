package io.gpufleet.telemetry.examples.consumer;

import io.gpufleet.telemetry.examples.options.GpuTableOptions;
import io.gpufleet.telemetry.examples.options.Program;
import io.gpufleet.telemetry.examples.samples.DecoderOptions;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.kafka.GpuSampleConsumer;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * How do I store the samples of GPUs without writing a service? As this program, which reads the text of dcgm-exporter,
 * CSV, JSON and the CSV of nvidia-smi. On SIGTERM it writes the records in flight and ends with exit code 0 if all of
 * them are written. Not thread-safe.
 */
@Command(
        name = "gpu-consumer",
        description = "Consumes GPU samples from Kafka into PostgreSQL, exactly once, until it is stopped.")
public final class GpuConsumerMain implements Callable<Integer> {
    private static final int BATCH = 10_000;

    @Mixin
    private ConsumerRun run = new ConsumerRun();

    @Mixin
    private DecoderOptions decoder = new DecoderOptions();

    @Mixin
    private GpuTableOptions gpuTables = new GpuTableOptions();

    @Option(
            names = "--topic",
            paramLabel = "<name>",
            defaultValue = "${env:TELEMETRY_TOPIC:-" + GpuSampleConsumer.TOPIC + "}",
            description = "The topic, else from TELEMETRY_TOPIC (default: " + GpuSampleConsumer.TOPIC + ").")
    private String topic = GpuSampleConsumer.TOPIC;

    @Option(
            names = "--group",
            paramLabel = "<name>",
            defaultValue = "${env:TELEMETRY_GROUP:-" + GpuSampleConsumer.GROUP_ID + "}",
            description = {
                "The consumer group, else from TELEMETRY_GROUP (default: " + GpuSampleConsumer.GROUP_ID + ").",
                "Positions are stored under its name: a new name reads everything again."
            })
    private String group = GpuSampleConsumer.GROUP_ID;

    /**
     * Runs the program and ends the JVM.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        System.exit(Program.run(Program.commandLine(new GpuConsumerMain()), arguments));
    }

    @Override
    public Integer call() {
        gpuTables.check();
        return run.run(
                new ConsumerRun.Source(topic, group),
                GpuConsumerMain::tables,
                pool -> gpuTables.sink(pool, GpuLayout.NUMBERED),
                sink -> GpuSampleConsumer.builder(decoder.decoder(), sink)
                        .validator(decoder.validator())
                        .batching(run.batches().policy(BATCH, BATCH)));
    }

    /** The operator's tool reads the settings and reports of all consumers. */
    private static TelemetrySchema.Builder tables(TelemetrySchema.Builder schema) {
        return schema.gpuSamples().consumerConfigs();
    }
}
