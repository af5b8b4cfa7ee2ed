package io.gpufleet.telemetry.benchmarks.pipeline;

import io.gpufleet.telemetry.BatchPolicy;
import io.gpufleet.telemetry.benchmarks.report.Table;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;

/**
 * How the product is set when there is a backlog: lanes, and batches that are larger than those of a quiet day.
 * Immutable.
 *
 * @param lanes how many batches are written at once
 * @param maxRecords how many records a batch has
 */
public record BacklogSettings(int lanes, int maxRecords) {
    private static final int MEBIBYTE = 1 << 20;
    private static final int POLL_RECORDS = 5_000;

    /** A record of 8 devices in two pods has 291 bytes and a key of 32; the objects that hold it count 200. */
    private static final int BYTES_OF_TWO_RECORDS = 1_152;

    /** What is set of Kafka's client, in every row that polls with one. */
    public static final Map<String, Object> CLIENT = Map.of(
            ConsumerConfig.MAX_POLL_RECORDS_CONFIG, POLL_RECORDS,
            ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 16 * MEBIBYTE,
            ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 4 * MEBIBYTE);

    /** Room for a batch that is written and one that is filled, in every lane; what waits costs the collector. */
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

    /** The connections that the sink needs: one for each lane, and two. */
    public int connections() {
        return lanes + 2;
    }

    /** All settings, in the words of those who take them. */
    public String details() {
        return batching() + ", concurrency=" + lanes + ", bufferBytes=" + bufferBytes() + ", client " + CLIENT;
    }

    @Override
    public String toString() {
        return (lanes == 1 ? "1 lane" : lanes + " lanes") + ", batches of " + Table.number(maxRecords, 0);
    }
}
