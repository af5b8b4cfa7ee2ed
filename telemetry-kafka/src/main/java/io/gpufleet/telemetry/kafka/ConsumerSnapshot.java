package io.gpufleet.telemetry.kafka;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.PartitionLag;
import io.gpufleet.telemetry.SourcePartition;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The progress of a {@link BatchingConsumer} at one moment. Immutable.
 *
 * @param partitions the assigned partitions
 * @param bufferedBytes the polled bytes that are not durable yet, as {@link BatchingConsumer.Builder#bufferBytes}
 *     counts them
 * @param peakBufferedBytes the largest {@code bufferedBytes} so far
 * @param counts the counts since the start
 */
public record ConsumerSnapshot(
        Map<SourcePartition, PartitionProgress> partitions, long bufferedBytes, long peakBufferedBytes, Counts counts) {

    /**
     * Checks the components.
     *
     * @param partitions as the component
     * @param bufferedBytes as the component
     * @param peakBufferedBytes as the component
     * @param counts as the component
     */
    public ConsumerSnapshot {
        partitions = Map.copyOf(partitions);
        requireNonNull(counts, "counts");
    }

    /**
     * The progress of one partition.
     *
     * @param durableOffset the offset before which everything is written
     * @param lag the records between it and the log's end, as far as the client knows the end
     * @param writtenUpTo the timestamp of the newest record written by this consumer, absent if there is none yet
     * @param openTransaction the open transaction behind the end, as measured last; absent if there is none
     */
    public record PartitionProgress(
            long durableOffset,
            OptionalLong lag,
            Optional<Instant> writtenUpTo,
            Optional<PartitionLag.OpenTransaction> openTransaction) {

        PartitionProgress(long durableOffset, OptionalLong lag, Optional<Instant> writtenUpTo) {
            this(durableOffset, lag, writtenUpTo, Optional.empty());
        }

        PartitionProgress with(Optional<PartitionLag.OpenTransaction> measured) {
            return new PartitionProgress(durableOffset, lag, writtenUpTo, measured);
        }
    }

    /**
     * The counts since the start.
     *
     * @param recordsPolled polled records, tombstones included; records read again count again
     * @param deliveriesWritten values written, dropped duplicates included
     * @param duplicatesDropped values that were stored already
     * @param deadLetters dead-lettered records
     * @param tombstones records without a value
     * @param filtered values that the host's filter rejects
     * @param rejected refused values, in dead letters or counted only
     * @param repeated those of them that are counted only: another record has the dead letter of the same kind
     * @param noValues rows whose source had no value to report
     * @param batches writes that succeeded
     * @param retries failed writes that were retried
     * @param fences writes refused because a stored position was not the expected one
     */
    public record Counts(
            long recordsPolled,
            long deliveriesWritten,
            long duplicatesDropped,
            long deadLetters,
            long tombstones,
            long filtered,
            long rejected,
            long repeated,
            long noValues,
            long batches,
            long retries,
            long fences) {}

    /**
     * Returns the lag of all partitions whose end is known, without records behind open transactions.
     *
     * @return records between the durable positions and the ends of the logs
     */
    public long totalLag() {
        return partitions.values().stream().mapToLong(p -> p.lag().orElse(0)).sum();
    }

    /**
     * Returns the number of records behind open transactions, over all partitions.
     *
     * @return records behind the ends up to which the logs can be read
     */
    public long heldBack() {
        return partitions.values().stream()
                .flatMap(p -> p.openTransaction().stream())
                .mapToLong(PartitionLag.OpenTransaction::messages)
                .sum();
    }
}
