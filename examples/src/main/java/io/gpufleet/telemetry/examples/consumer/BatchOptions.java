package io.gpufleet.telemetry.examples.consumer;

import io.gpufleet.telemetry.BatchPolicy;
import io.gpufleet.telemetry.examples.options.TimeSpan;
import java.time.Duration;
import picocli.CommandLine.Option;

/** When and how many batches are written: a picocli mixin. Not thread-safe. */
final class BatchOptions {

    @Option(
            names = "--batch-size",
            paramLabel = "<records>",
            defaultValue = "${env:TELEMETRY_BATCH_SIZE:-100}",
            converter = WholeNumber.BatchSize.class,
            description = "The most records of a batch, else from TELEMETRY_BATCH_SIZE (default: 100).")
    private int batchSize;

    @Option(
            names = "--batch-timeout",
            paramLabel = "<time>",
            defaultValue = "${env:TELEMETRY_BATCH_TIMEOUT:-5s}",
            converter = TimeSpan.class,
            description = {
                "How long a record waits for its batch to fill, as 500ms, 5s or 1m,",
                "else from TELEMETRY_BATCH_TIMEOUT (default: 5s)."
            })
    private Duration batchTimeout = Duration.ZERO;

    @Option(
            names = "--concurrency",
            paramLabel = "<lanes>",
            defaultValue = "${env:TELEMETRY_CONCURRENCY:-1}",
            converter = WholeNumber.Lanes.class,
            description = {
                "How many batches are written at once, else from TELEMETRY_CONCURRENCY (default: 1).",
                "More than the topic has partitions do nothing."
            })
    private int concurrency;

    @Option(
            names = "--shutdown-timeout",
            paramLabel = "<time>",
            defaultValue = "${env:TELEMETRY_SHUTDOWN_TIMEOUT:-30s}",
            converter = TimeSpan.class,
            description = {
                "How long writing may take after SIGTERM,",
                "else from TELEMETRY_SHUTDOWN_TIMEOUT (default: 30s)."
            })
    private Duration shutdownTimeout = Duration.ZERO;

    BatchPolicy policy() {
        return BatchPolicy.builder().maxRecords(batchSize).linger(batchTimeout).build();
    }

    int concurrency() {
        return concurrency;
    }

    Duration shutdownTimeout() {
        return shutdownTimeout;
    }
}
