package io.gpufleet.telemetry;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** Something that happened in a consumer; see {@link TelemetryListener}. Every kind is immutable. */
public sealed interface TelemetryEvent {

    /**
     * The group gave partitions to this consumer.
     *
     * @param partitions the new ones
     */
    record PartitionsAssigned(Set<SourcePartition> partitions) implements TelemetryEvent {}

    /**
     * The group took partitions away.
     *
     * @param partitions those taken
     * @param lost true if they were lost without notice, so that another consumer may have them already
     */
    record PartitionsRevoked(Set<SourcePartition> partitions, boolean lost) implements TelemetryEvent {}

    /**
     * A poll handed out records.
     *
     * @param records how many, tombstones included
     * @param bytes their keys, values and headers
     */
    record RecordsPolled(int records, long bytes) implements TelemetryEvent {}

    /**
     * A batch is durable.
     *
     * @param deliveries values written (or found to be duplicates, see {@link DuplicatesDropped})
     * @param deadLetters records set aside
     * @param duration how long the write took; 0 if its outcome was found out later
     */
    record BatchWritten(int deliveries, int deadLetters, Duration duration) implements TelemetryEvent {}

    /**
     * Records without a value were passed over; they are only counted.
     *
     * @param count how many
     */
    record TombstonesSkipped(int count) implements TelemetryEvent {}

    /**
     * A record was set aside, durably.
     *
     * @param deadLetter the record and the reasons
     */
    record RecordRefused(DeadLetter deadLetter) implements TelemetryEvent {}

    /**
     * Values were there already and changed nothing.
     *
     * @param count how many
     */
    record DuplicatesDropped(int count) implements TelemetryEvent {}

    /**
     * A write failed and will be tried again.
     *
     * @param attempt the failed attempt, from 1
     * @param backoff how long until the next one
     * @param cause why it failed
     */
    record WriteRetried(int attempt, Duration backoff, Throwable cause) implements TelemetryEvent {}

    /**
     * The stored position of partitions was not where a batch began; see {@link FencedException}.
     *
     * @param partitions those partitions
     */
    record PartitionsFenced(Set<SourcePartition> partitions) implements TelemetryEvent {}

    /**
     * A position moved without consuming.
     *
     * @param partition the partition
     * @param gap what is skipped
     */
    record GapRecorded(SourcePartition partition, Gap gap) implements TelemetryEvent {}

    /**
     * The consumer has ended.
     *
     * @param unwrittenRecords records handed out by Kafka and not written; they will be delivered again
     * @param failure why it ended, absent if it was closed
     */
    record ConsumerStopped(long unwrittenRecords, Optional<Throwable> failure) implements TelemetryEvent {}
}
