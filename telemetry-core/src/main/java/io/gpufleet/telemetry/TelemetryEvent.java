package io.gpufleet.telemetry;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** An event of a consumer; see {@link TelemetryListener}. Every kind is immutable. */
public sealed interface TelemetryEvent {

    /**
     * The consumer has started.
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
     * @param partitions the revoked ones
     * @param lost true if they were lost without notice, so that another consumer may have them already
     */
    record PartitionsRevoked(Set<SourcePartition> partitions, boolean lost) implements TelemetryEvent {}

    /**
     * A poll handed out records.
     *
     * @param records the number of records, tombstones included
     * @param bytes the size of their keys, values and headers
     */
    record RecordsPolled(int records, long bytes) implements TelemetryEvent {}

    /**
     * A batch is durable.
     *
     * @param records the records of the batch: those with values written, dead-lettered or counted only
     * @param deliveries values written (or found to be duplicates, see {@link DuplicatesDropped})
     * @param deadLetters dead-lettered records, whole or in part
     * @param countedOnly records with nothing but refused values that no dead letter holds, as another record has one
     *     of the same kind
     * @param duration the duration of the write; 0 if its outcome became known later
     */
    record BatchWritten(int records, int deliveries, int deadLetters, int countedOnly, Duration duration)
            implements TelemetryEvent {

        /**
         * Creates the event of a batch of records that hold one value each.
         *
         * @param deliveries as the component
         * @param deadLetters as the component
         * @param duration as the component
         */
        public BatchWritten(int deliveries, int deadLetters, Duration duration) {
            this(deliveries + deadLetters, deliveries, deadLetters, 0, duration);
        }
    }

    /**
     * The values of a batch that is durable, by their fate; {@link BatchWritten} of the same batch follows.
     *
     * @param stored values written (or found to be duplicates, see {@link DuplicatesDropped})
     * @param rejected refused values, at any stage
     * @param repeated those of them that were counted only, because another record has the dead letter of the same
     *     kind; see {@link Decoder.Values#refuse(String, String)}
     * @param others the numbers that decoders {@linkplain Decoder.Values#count counted}, by their names
     */
    record SamplesWritten(int stored, int rejected, int repeated, Map<String, Integer> others)
            implements TelemetryEvent {

        /**
         * Checks the components.
         *
         * @param stored as the component
         * @param rejected as the component
         * @param repeated as the component
         * @param others as the component
         */
        public SamplesWritten {
            others = Map.copyOf(others);
        }

        /**
         * Returns the number of rows {@linkplain Decoder.Values#NO_VALUE without a value}.
         *
         * @return 0 or more
         */
        public int noValues() {
            return others.getOrDefault(Decoder.Values.NO_VALUE, 0);
        }
    }

    /**
     * Records without a value were skipped, since the decoder {@linkplain Decoder#readsTombstones() reads} none; they
     * are only counted.
     *
     * @param count the number of them
     */
    record TombstonesSkipped(int count) implements TelemetryEvent {}

    /**
     * Values that the host's filter rejects were skipped; they are only counted.
     *
     * @param count the number of them
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
     * @param count the number of them
     * @param conflicts how many of them had another value than the stored one, where the sink compares values; else 0
     */
    record DuplicatesDropped(int count, int conflicts) implements TelemetryEvent {

        /**
         * Creates the event of duplicates without a conflict.
         *
         * @param count as the component
         */
        public DuplicatesDropped(int count) {
            this(count, 0);
        }
    }

    /**
     * Folded rows or newest states were left out of a table that is partitioned by day, because retention has dropped
     * their days. Other tables that keep these days were written.
     *
     * @param table the table's name
     * @param count the number of rows
     */
    record RowsLeftOut(String table, int count) implements TelemetryEvent {}

    /**
     * A write failed and will be retried.
     *
     * @param attempt the failed attempt, from 1
     * @param backoff the wait before the next one
     * @param cause the failure
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
     * @param gap the skipped offsets
     */
    record GapRecorded(SourcePartition partition, Gap gap) implements TelemetryEvent {}

    /**
     * The lag was measured, which happens every few seconds.
     *
     * @param at the time of the measurement
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
         * Returns the lag in time of the partition that is farthest behind.
         *
         * @return 0 or more, absent if it is unknown for a partition
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
        /** No alarm. */
        NONE,
        /** A warning: look at it soon. */
        WARNING,
        /** Critical: act now. */
        CRITICAL
    }

    /**
     * The lag became worse or better; see {@link AlarmPolicy}.
     *
     * @param severity the present severity
     * @param messages the lag
     * @param reason the reason for the severity, empty without an alarm
     */
    record LagAlarm(Severity severity, long messages, String reason) implements TelemetryEvent {}

    /** The reason why a partition stands still while others move. */
    enum Stall {
        /** The log cannot be read at the position: a batch is damaged. */
        UNREADABLE,
        /** The right to read the topic was withdrawn. */
        FORBIDDEN,
        /** A transaction of a producer has been open for longer than {@link AlarmPolicy#stuckAfter()}. */
        OPEN_TRANSACTION
    }

    /**
     * A partition stands still while the others move. It resumes by itself when the reason is gone.
     *
     * @param partition the partition
     * @param offset the offset at which it stands
     * @param stall the reason
     * @param reason the reason in words, and the command that helps
     */
    record PartitionStalled(SourcePartition partition, long offset, Stall stall, String reason)
            implements TelemetryEvent {}

    /**
     * A partition that stood still moves again. A partition revoked meanwhile is reported by {@link PartitionsRevoked}
     * only.
     *
     * @param partition the partition
     * @param stall the reason for the standstill
     */
    record PartitionResumed(SourcePartition partition, Stall stall) implements TelemetryEvent {}

    /** The activity of a consumer. */
    enum Activity {
        /** Messages arrive and are written. */
        ACTIVE,
        /** No message has arrived for a long time. */
        INACTIVE,
        /** Messages have arrived, but none has been written for a long time. */
        STUCK
    }

    /**
     * The consumer's activity has changed; see {@link AlarmPolicy}.
     *
     * @param activity the present activity
     * @param since the time without a message, or without a written one; 0 if it is active
     */
    record ActivityChanged(Activity activity, Duration since) implements TelemetryEvent {}

    /**
     * The value of a setting has changed.
     *
     * @param service the service of the setting
     * @param setting the column in {@code pipeline_consumer_configs}
     * @param oldValue its value before, absent if there was none
     * @param newValue its value now, absent if there is none
     * @param taken true if this consumer takes the new value while it runs, false if at its next start, or never
     */
    record SettingChanged(
            String service, String setting, Optional<String> oldValue, Optional<String> newValue, boolean taken)
            implements TelemetryEvent {}

    /**
     * The Kafka client was replaced by one with other settings, after all polled records were written.
     *
     * @param groupId the group of the consumer
     */
    record ClientReplaced(String groupId) implements TelemetryEvent {}

    /**
     * A client is silent although the consumer has written everything sent meanwhile: the client is quiet, the consumer
     * is not late. The client is a sender of heartbeats, or a source in any other table that holds the time of its last
     * message.
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
