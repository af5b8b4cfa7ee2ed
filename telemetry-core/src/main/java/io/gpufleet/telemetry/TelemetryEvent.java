package io.gpufleet.telemetry;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Something that happened in a consumer; see {@link TelemetryListener}. Every kind is immutable. */
public sealed interface TelemetryEvent {

    /**
     * The consumer has begun.
     *
     * @param groupId its group
     */
    record ConsumerStarted(String groupId) implements TelemetryEvent {}

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
     * @param records the records of the batch: those with values written or dead-lettered
     * @param deliveries values written (or found to be duplicates, see {@link DuplicatesDropped})
     * @param deadLetters dead-lettered records, whole or in part
     * @param duration how long the write took; 0 if its outcome was found out later
     */
    record BatchWritten(int records, int deliveries, int deadLetters, Duration duration) implements TelemetryEvent {

        /**
         * A batch of records that hold one value each.
         *
         * @param deliveries as the component
         * @param deadLetters as the component
         * @param duration as the component
         */
        public BatchWritten(int deliveries, int deadLetters, Duration duration) {
            this(deliveries + deadLetters, deliveries, deadLetters, duration);
        }
    }

    /**
     * Records without a value were skipped; they are only counted.
     *
     * @param count how many
     */
    record TombstonesSkipped(int count) implements TelemetryEvent {}

    /**
     * Values that the host's filter rejects were skipped; they are only counted.
     *
     * @param count how many
     */
    record ValuesFiltered(int count) implements TelemetryEvent {}

    /**
     * A record was dead-lettered, durably.
     *
     * @param deadLetter the record and the reasons
     */
    record RecordRefused(DeadLetter deadLetter) implements TelemetryEvent {}

    /**
     * Values were stored already and changed nothing.
     *
     * @param count how many
     */
    record DuplicatesDropped(int count) implements TelemetryEvent {}

    /**
     * Folded rows or newest states were left out of a table that is partitioned by day, since retention has dropped
     * their days. Their records were written as far as other tables keep them.
     *
     * @param table the table's name
     * @param count how many rows
     */
    record RowsLeftOut(String table, int count) implements TelemetryEvent {}

    /**
     * A write failed and will be retried.
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
     * The lag was measured, as is done every few seconds.
     *
     * @param at when
     * @param partitions the partitions of this consumer whose position is known and whose leader has answered; the
     *     others are named by the consumer's health
     */
    record LagMeasured(Instant at, Map<SourcePartition, PartitionLag> partitions) implements TelemetryEvent {

        /**
         * Returns the lag of all partitions.
         *
         * @return messages
         */
        public long messages() {
            return partitions.values().stream()
                    .mapToLong(PartitionLag::messages)
                    .sum();
        }

        /**
         * Returns the lag in time of the partition that is most behind.
         *
         * @return 0 or more, absent if it is not known of all partitions
         */
        public Optional<Duration> behind() {
            boolean known =
                    partitions.values().stream().allMatch(lag -> lag.behind().isPresent());
            return known
                    ? partitions.values().stream()
                            .flatMap(lag -> lag.behind().stream())
                            .max(Duration::compareTo)
                    : Optional.empty();
        }
    }

    /** The severity of a lag. */
    enum Severity {
        /** It is as it should be. */
        NONE,
        /** Look at it soon. */
        WARNING,
        /** Act now. */
        CRITICAL
    }

    /**
     * The lag became worse or better; see {@link AlarmPolicy}.
     *
     * @param severity how bad it is now
     * @param messages the lag
     * @param reason why it is as bad, empty if it is not
     */
    record LagAlarm(Severity severity, long messages, String reason) implements TelemetryEvent {}

    /** The reason why a partition stands still while others go on. */
    enum Stall {
        /** Its log cannot be read where it stands: a batch is damaged. */
        UNREADABLE,
        /** The right to read its topic was taken away. */
        FORBIDDEN,
        /** A transaction of a producer has been open for longer than {@link AlarmPolicy#stuckAfter()}. */
        OPEN_TRANSACTION
    }

    /**
     * A partition stands still, and the others go on. It goes on by itself when the reason is gone.
     *
     * @param partition the partition
     * @param offset where it stands
     * @param stall why
     * @param reason why, in words, and the command that helps
     */
    record PartitionStalled(SourcePartition partition, long offset, Stall stall, String reason)
            implements TelemetryEvent {}

    /**
     * A partition that stood still goes on. A partition revoked meanwhile is reported by {@link PartitionsRevoked}
     * only.
     *
     * @param partition the partition
     * @param stall why it stood still
     */
    record PartitionResumed(SourcePartition partition, Stall stall) implements TelemetryEvent {}

    /** The activity of a consumer. */
    enum Activity {
        /** Messages arrive and are written. */
        ACTIVE,
        /** No message has arrived for long. */
        INACTIVE,
        /** Messages have arrived, and none was written for long. */
        STUCK
    }

    /**
     * The consumer is doing something else; see {@link AlarmPolicy}.
     *
     * @param activity what it is doing now
     * @param since for how long messages have not come, or have not been written; 0 if it is active
     */
    record ActivityChanged(Activity activity, Duration since) implements TelemetryEvent {}

    /**
     * A setting has another value.
     *
     * @param service the service that it is set for
     * @param setting its column in {@code pipeline_consumer_configs}
     * @param oldValue its value before, absent if there was none
     * @param newValue its value now, absent if there is none
     * @param taken true if this consumer takes it while it runs, false if only when it starts again, or never
     */
    record SettingChanged(
            String service, String setting, Optional<String> oldValue, Optional<String> newValue, boolean taken)
            implements TelemetryEvent {}

    /**
     * The Kafka client was replaced by one with other settings, with everything before it written.
     *
     * @param groupId the group that it belongs to
     */
    record ClientReplaced(String groupId) implements TelemetryEvent {}

    /**
     * A client is silent, although the consumer has written everything sent meanwhile: the client is quiet, not the
     * consumer late. A client that sends heartbeats, or a source in any other table with the time it was last heard.
     *
     * @param client the client's id, or the source's name
     * @param lastHeard the time of its newest heartbeat, or its newest time in the table
     * @param table the table that says so
     */
    record ClientQuiet(String client, Instant lastHeard, String table) implements TelemetryEvent {

        /**
         * A client that sends heartbeats.
         *
         * @param client as the component
         * @param lastHeard as the component
         */
        public ClientQuiet(String client, Instant lastHeard) {
            this(client, lastHeard, "system_info");
        }
    }

    /**
     * A quiet client was heard again.
     *
     * @param client the client's id, or the source's name
     * @param heard the time of that heartbeat, or the newest time in the table
     * @param table the table that says so
     */
    record ClientHeard(String client, Instant heard, String table) implements TelemetryEvent {

        /**
         * A client that sends heartbeats.
         *
         * @param client as the component
         * @param heard as the component
         */
        public ClientHeard(String client, Instant heard) {
            this(client, heard, "system_info");
        }
    }

    /**
     * The consumer has ended.
     *
     * @param unwrittenRecords records handed out by Kafka and not written; they will be delivered again
     * @param failure why it ended, absent if it was closed
     */
    record ConsumerStopped(long unwrittenRecords, Optional<Throwable> failure) implements TelemetryEvent {}
}
