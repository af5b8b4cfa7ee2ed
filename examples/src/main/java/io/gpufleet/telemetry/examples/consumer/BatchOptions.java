package io.gpufleet.telemetry.examples.consumer;

import io.gpufleet.telemetry.BatchPolicy;
import io.gpufleet.telemetry.examples.options.TimeSpan;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options for the size and the number of batches: a picocli mixin. Not thread-safe. */
final class BatchOptions {

    @Option(
            names = "--batch-size",
            paramLabel = "<records>",
            defaultValue = "${env:TELEMETRY_BATCH_SIZE:-}",
            converter = WholeNumber.BatchSize.OrUsual.class,
            description = {
                "The largest number of records in a batch, else from TELEMETRY_BATCH_SIZE",
                "(default: 100 heartbeats, 1,000 events or 10,000 records of samples).",
                "A batch ends at 10,000 samples, too, however few its records are."
            })
    private int batchSize;

    @Option(
            names = "--batch-timeout",
            paramLabel = "<time>",
            defaultValue = "${env:TELEMETRY_BATCH_TIMEOUT:-1s}",
            converter = TimeSpan.class,
            description = {
                "The longest wait of a record for its batch to fill, as 500ms, 5s or 1m,",
                "else from TELEMETRY_BATCH_TIMEOUT (default: 1s)."
            })
    private Duration batchTimeout = Duration.ZERO;

    @Option(
            names = "--batch-bytes",
            paramLabel = "<bytes>",
            defaultValue = "${env:TELEMETRY_BATCH_BYTES:-4MiB}",
            converter = ByteCount.class,
            description = {
                "The limit of bytes of keys, values and headers in a batch, as 4194304 or 4MiB,",
                "else from TELEMETRY_BATCH_BYTES (default: 4MiB)."
            })
    private long batchBytes;

    @Option(
            names = "--buffer-bytes",
            paramLabel = "<bytes>",
            defaultValue = "${env:TELEMETRY_BUFFER_BYTES:-}",
            converter = ByteCount.OrUsual.class,
            description = {
                "The limit of bytes that are read from Kafka and not written yet,",
                "else from TELEMETRY_BUFFER_BYTES (default: an eighth of the heap, 128 MiB at most)."
            })
    private long bufferBytes;

    @Option(
            names = "--concurrency",
            paramLabel = "<lanes>",
            defaultValue = "${env:TELEMETRY_CONCURRENCY:-1}",
            converter = WholeNumber.Lanes.class,
            description = {
                "The number of batches written at once, else from TELEMETRY_CONCURRENCY (default: 1).",
                "More than the topic's partitions have no effect."
            })
    private int concurrency;

    @Option(
            names = "--shutdown-timeout",
            paramLabel = "<time>",
            defaultValue = "${env:TELEMETRY_SHUTDOWN_TIMEOUT:-30s}",
            converter = TimeSpan.class,
            description = {
                "The longest time for writing after SIGTERM,",
                "else from TELEMETRY_SHUTDOWN_TIMEOUT (default: 30s).",
                "The process ends about a second later at most."
            })
    private Duration shutdownTimeout = Duration.ZERO;

    /** Returns the policy for a program with the usual number of records. */
    BatchPolicy policy() {
        return policy(
                BatchPolicy.defaults().maxRecords(), BatchPolicy.defaults().maxValues());
    }

    /**
     * Returns the policy for records of many values.
     *
     * @param usualRecords the number of records in a batch, where the options do not say it
     * @param values the number of values in a batch
     */
    BatchPolicy policy(int usualRecords, int values) {
        return BatchPolicy.builder()
                .maxRecords(batchSize == WholeNumber.BatchSize.USUAL ? usualRecords : batchSize)
                .maxValues(values)
                .maxBytes(batchBytes)
                .linger(batchTimeout)
                .build();
    }

    Optional<Long> bufferBytes() {
        return bufferBytes == ByteCount.OrUsual.USUAL ? Optional.empty() : Optional.of(bufferBytes);
    }

    int concurrency() {
        return concurrency;
    }

    Duration shutdownTimeout() {
        return shutdownTimeout;
    }
}
