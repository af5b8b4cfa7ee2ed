package io.gpufleet.telemetry.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetCommitCallback;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * Kafka's mock, with logs that can be read again after a seek, and commits that are answered on demand. Its methods are
 * called by one thread at a time.
 */
final class FakeConsumer extends MockConsumer<byte[], byte[]> {
    final List<String> seeks = new ArrayList<>();
    final List<Map<TopicPartition, OffsetAndMetadata>> asyncCommits = new ArrayList<>();
    final List<Map<TopicPartition, OffsetAndMetadata>> syncCommits = new ArrayList<>();
    private final List<OffsetCommitCallback> callbacks = new ArrayList<>();
    private final Map<TopicPartition, NavigableMap<Long, ConsumerRecord<byte[], byte[]>>> logs = new HashMap<>();
    private final Map<TopicPartition, Long> ends = new HashMap<>();
    int mostRecordsAPoll = 500;
    int closes;
    boolean joined = true;
    KafkaException commitFailure;

    FakeConsumer() {
        super("none");
    }

    /** Appends records to the log of their partition, assigned or not. */
    synchronized void produce(List<ConsumerRecord<byte[], byte[]>> records) {
        for (ConsumerRecord<byte[], byte[]> record : records) {
            TopicPartition name = new TopicPartition(record.topic(), record.partition());
            logs.computeIfAbsent(name, n -> new TreeMap<>()).put(record.offset(), record);
            ends.merge(name, record.offset() + 1, Math::max);
        }
    }

    /** Ends a log with offsets that hold no record. */
    synchronized void end(int partition, long offset) {
        ends.put(Logs.kafkaName(partition), offset);
    }

    @Override
    @SuppressWarnings("removal") // Clients make it, and this is one.
    public synchronized ConsumerGroupMetadata groupMetadata() {
        return joined ? super.groupMetadata() : new ConsumerGroupMetadata("g");
    }

    @Override
    public synchronized void close(CloseOptions options) {
        closes++;
        super.close(options);
    }

    @Override
    public synchronized ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
        super.poll(timeout);
        Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> records = new HashMap<>();
        Map<TopicPartition, OffsetAndMetadata> next = new HashMap<>();
        for (TopicPartition name : assignment()) {
            if (!paused().contains(name)) {
                read(name, records, next);
            }
        }
        return new ConsumerRecords<>(records, next);
    }

    private void read(
            TopicPartition name,
            Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> records,
            Map<TopicPartition, OffsetAndMetadata> next) {
        NavigableMap<Long, ConsumerRecord<byte[], byte[]>> log = logs.getOrDefault(name, new TreeMap<>());
        List<ConsumerRecord<byte[], byte[]>> found = log.tailMap(position(name)).values().stream()
                .limit(mostRecordsAPoll)
                .toList();
        boolean isLast = found.size() < mostRecordsAPoll;
        long offset = isLast
                ? ends.getOrDefault(name, 0L)
                : found.get(found.size() - 1).offset() + 1;
        if (offset > position(name)) {
            records.put(name, found);
            next.put(name, new OffsetAndMetadata(offset, Optional.of(Logs.EPOCH), ""));
            super.seek(name, offset);
        }
    }

    @Override
    public synchronized void seek(TopicPartition partition, long offset) {
        seeks.add(partition + "@" + offset);
        super.seek(partition, offset);
    }

    @Override
    public synchronized void seek(TopicPartition partition, OffsetAndMetadata position) {
        String epoch = position.leaderEpoch().map(e -> " epoch " + e).orElse("");
        seeks.add(partition + "@" + position.offset() + epoch);
        super.seek(partition, position.offset());
    }

    @Override
    public synchronized void commitAsync(
            Map<TopicPartition, OffsetAndMetadata> offsets, OffsetCommitCallback callback) {
        asyncCommits.add(offsets);
        callbacks.add(callback);
    }

    /** Answers the oldest pending commit. */
    synchronized void answerCommit(Exception failure) {
        callbacks.remove(0).onComplete(asyncCommits.get(asyncCommits.size() - callbacks.size() - 1), failure);
    }

    @Override
    public synchronized void commitSync(Map<TopicPartition, OffsetAndMetadata> offsets, Duration timeout) {
        syncCommits.add(offsets);
        if (commitFailure != null) {
            throw commitFailure;
        }
    }

    /** Returns the offset of one partition in a commit. */
    static long committed(Map<TopicPartition, OffsetAndMetadata> commit, int partition) {
        return commit.get(Logs.kafkaName(partition)).offset();
    }
}
