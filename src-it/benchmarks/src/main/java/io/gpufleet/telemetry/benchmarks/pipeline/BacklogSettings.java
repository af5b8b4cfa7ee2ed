package io.gpufleet.telemetry.benchmarks.pipeline;

import io.gpufleet.telemetry.BatchPolicy;
import io.gpufleet.telemetry.benchmarks.report.Table;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;

/**
 * The settings of the product for a backlog: lanes, and batches larger than on a quiet day. Immutable.
 *
 * @param lanes the number of batches that are written at once
 * @param maxRecords the number of records of a batch
 */
public record BacklogSettings(int lanes, int maxRecords) {
    private static final int MEBIBYTE = 1 << 20;
    private static final int POLL_RECORDS = 5_000;

    /** A record of 8 devices in two pods has 291 bytes and a key of 32; the objects that hold it count 200. */
    private static final int BYTES_OF_TWO_RECORDS = 1_152;

    /** The settings of Kafka's client, in every row that polls with one. */
    public static final Map<String, Object> CLIENT = Map.of(
            ConsumerConfig.MAX_POLL_RECORDS_CONFIG, POLL_RECORDS,
            ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 16 * MEBIBYTE,
            ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 4 * MEBIBYTE);

    /**
     * Returns the bytes for one batch that is written and one that is filled, in every lane; more buffered objects cost
     * garbage collection.
     */
    public long bufferBytes() {
        return (long) lanes * Math.max(16 * MEBIBYTE, BYTES_OF_TWO_RECORDS * maxRecords);
    }

    public BatchPolicy batching() {
        return BatchPolicy.builder()
                .maxRecords(maxRecords)
                .maxBytes(32L * MEBIBYTE)
                .linger(Duration.ofMillis(50))
                .build();
    }

    /** Returns the number of connections of the sink: one for each lane, and two more. */
    public int connections() {
        return lanes + 2;
    }

    /** Returns all settings, under the names that the product and Kafka's client have for them. */
    public String details() {
        return batching() + ", concurrency=" + lanes + ", bufferBytes=" + bufferBytes() + ", client " + CLIENT;
    }

    @Override
    public String toString() {
        return (lanes == 1 ? "1 lane" : lanes + " lanes") + ", batches of " + Table.number(maxRecords, 0);
    }
}
