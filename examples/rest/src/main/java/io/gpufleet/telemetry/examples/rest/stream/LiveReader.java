package io.gpufleet.telemetry.examples.rest.stream;

import io.gpufleet.telemetry.examples.rest.stream.TopicWatch.Topic;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The consumer at the live end of the topic, which decodes each record once for all clients. Used by one thread. */
final class LiveReader implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LiveReader.class);
    private static final Duration POLL = Duration.ofMillis(200);

    private final StreamTopic topic;
    private final RecordSamples samples;
    private final Subscriptions subscriptions;
    private final TopicWatch watch;
    private @Nullable Consumer<byte[], byte[]> consumer;
    private Topic known = Topic.NONE;

    LiveReader(StreamTopic topic, RecordSamples samples, Subscriptions subscriptions) {
        this.topic = topic;
        this.samples = samples;
        this.subscriptions = subscriptions;
        this.watch = new TopicWatch(topic);
    }

    private Consumer<byte[], byte[]> consumer() {
        if (consumer == null) {
            consumer = topic.consumer("telemetry-stream");
        }
        return consumer;
    }

    /** Begins at the ends of the logs. */
    void begin() throws InterruptedException {
        known = watch.ask();
        assign(known);
        Places places = Places.none(known.id());
        LogView.bounds(consumer(), consumer().assignment()).forEach((partition, log) -> {
            places.move(partition, Place.at(log.end()));
            seek(partition, log.end());
        });
        subscriptions.begin(places);
    }

    private void assign(Topic now) {
        consumer().assign(LogView.partitions(topic.name(), numbers(0, now)));
    }

    private static List<Integer> numbers(int first, Topic now) {
        return IntStream.range(first, now.partitions()).boxed().toList();
    }

    private void seek(int partition, long offset) {
        consumer().seek(new TopicPartition(topic.name(), partition), offset);
    }

    /** Reads what has come, after a short wait for it. */
    void read() throws InterruptedException {
        ConsumerRecords<byte[], byte[]> records;
        try {
            records = consumer().poll(POLL);
        } catch (OffsetOutOfRangeException e) {
            jump(e);
            return;
        }
        for (ConsumerRecord<byte[], byte[]> record : records) {
            subscriptions.deliver(record.partition(), record.offset(), samples.of(record));
        }
        Map<Integer, Long> next = new TreeMap<>();
        records.nextOffsets().forEach((partition, offset) -> next.put(partition.partition(), offset.offset()));
        subscriptions.pass(next);
    }

    /** Goes on where logs begin or end, since they do not have the place any more. */
    private void jump(OffsetOutOfRangeException lost) throws InterruptedException {
        if (!adopt(watch.ask())) {
            return;
        }
        LogView.bounds(consumer(), lost.partitions()).forEach((partition, log) -> {
            long at = lost.offsetOutOfRangePartitions().getOrDefault(new TopicPartition(topic.name(), partition), 0L);
            boolean isBehind = at < log.first();
            skip(
                    partition,
                    log.nearest(at),
                    isBehind ? "the topic does not keep these records any more" : "the topic has lost records");
        });
    }

    private void skip(int partition, long to, String reason) {
        seek(partition, to);
        subscriptions.skip(partition, to, reason);
        LOG.info("Stream of {} has a gap in partition {} up to {}: {}", topic.name(), partition, to, reason);
    }

    /**
     * Asks from time to time for new partitions, and whether the topic is still the same.
     *
     * @return whether the cluster has answered
     */
    boolean checkTopic() throws InterruptedException {
        Optional<Topic> answer = watch.poll();
        answer.ifPresent(this::adopt);
        return answer.isPresent();
    }

    /** Takes what the cluster says; returns whether the reading goes on. */
    private boolean adopt(Topic now) {
        if (!now.id().equals(known.id())) {
            // Clients come back with an id of the old one, and are told so.
            LOG.info("Stream of {} ends for its clients, since the topic was recreated; they may return", topic.name());
            subscriptions.end();
            return false;
        }
        if (now.partitions() > known.partitions()) {
            grow(now);
        }
        return true;
    }

    private void grow(Topic now) {
        List<Integer> added = numbers(known.partitions(), now);
        assign(now);
        consumer().seekToBeginning(LogView.partitions(topic.name(), added));
        subscriptions.grow(added);
        known = now;
    }

    @Override
    public void close() {
        if (consumer != null) {
            consumer.close(CloseOptions.timeout(Duration.ZERO));
        }
        watch.close();
    }
}
