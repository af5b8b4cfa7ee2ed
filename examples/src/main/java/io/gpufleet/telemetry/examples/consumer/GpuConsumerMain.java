package io.gpufleet.telemetry.examples.consumer;

import io.gpufleet.telemetry.examples.options.Program;
import io.gpufleet.telemetry.examples.options.TimeSpan;
import io.gpufleet.telemetry.examples.samples.DecoderOptions;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.gpu.WideRows;
import io.gpufleet.telemetry.kafka.GpuSampleConsumer;
import java.time.Duration;
import java.util.Optional;
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

    @Option(
            names = "--layout",
            paramLabel = "<layout>",
            defaultValue = "${env:TELEMETRY_LAYOUT:-long}",
            description = {
                "The tables: ${COMPLETION-CANDIDATES}, else from TELEMETRY_LAYOUT (default: long).",
                "Long has each sample, wide a row for all readings of a GPU at one time."
            })
    private GpuTableLayout layout = GpuTableLayout.LONG;

    @Option(
            names = "--grid",
            paramLabel = "<time>",
            converter = TimeSpan.Grid.class,
            description = {
                "The interval of wide rows for records that hold one sample each, as 30s or 1m.",
                "Otherwise a row has the samples of one record."
            })
    private Optional<Duration> grid = Optional.empty();

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
        WideRows rows = rows();
        return run.run(
                new ConsumerRun.Source(topic, group),
                TelemetrySchema.Builder::gpuSamples,
                pool -> layout.sink(pool, rows),
                sink -> GpuSampleConsumer.builder(decoder.decoder(), sink)
                        .validator(decoder.validator())
                        .batching(run.batches().policy(BATCH, BATCH)));
    }

    private WideRows rows() {
        if (grid.isPresent() && layout == GpuTableLayout.LONG) {
            throw new IllegalArgumentException("--grid: has no effect with --layout=" + layout
                    + ", which has a row for each sample; allowed: --layout=wide and --layout=both");
        }
        return grid.map(WideRows::inGrid).orElseGet(WideRows::ofMessages);
    }
}
