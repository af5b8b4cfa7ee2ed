package io.gpufleet.telemetry.examples.rest.stream;

import io.gpufleet.telemetry.examples.rest.stream.LogView.Topic;
import io.gpufleet.telemetry.examples.rest.stream.Resumption.Bounds;
import io.gpufleet.telemetry.gpu.GpuSample;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The live end of the topic: one consumer, which decodes each record once for all clients. It reads while clients are
 * there, from the ends of the logs on. Starts the thread {@code telemetry-stream}. Thread-safe.
 */
final class StreamHub implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StreamHub.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final long TOPIC_CHECK_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final StreamTopic topic;
    private final RecordSamples samples;
    private final Thread thread = new Thread(this::run, "telemetry-stream");

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** Behind the lock, as is all that follows. */
    private final List<Subscriber> subscribers = new ArrayList<>();

    private int clients;
    private boolean closed;
    /** Where the thread is; absent while it does not read. */
    private @Nullable Places live;
    /** Raised when the places of one reading say nothing about the next. */
    private int generation;

    /** Belongs to the thread, as does all that follows. */
    private @Nullable Admin admin;

    private @Nullable Consumer<byte[], byte[]> consumer;
    private Topic known = new Topic("", 0);
    private @Nullable CompletionStage<Topic> question;
    private long askedAt;
    private boolean troubled;

    StreamHub(StreamTopic topic, RecordSamples samples) {
        this.topic = topic;
        this.samples = samples;
    }

    /** What a client sees of the live end. */
    record Live(Places places, int generation) {}

    void start() {
        thread.setDaemon(true);
        thread.start();
    }

    /** Begins the presence of a client, for which the topic is read. */
    void attach() {
        lock.lock();
        try {
            clients++;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Ends the presence of a client. */
    void detach(Subscriber subscriber) {
        lock.lock();
        try {
            subscribers.remove(subscriber);
            clients--;
        } finally {
            lock.unlock();
        }
    }

    /** Returns where the live end is, after a wait; empty if the topic cannot be read at present. */
    Optional<Live> awaitLive(long nanos) throws InterruptedException {
        lock.lock();
        try {
            long left = nanos;
            while (live == null && !closed && left > 0) {
                left = changed.awaitNanos(left);
            }
            return Optional.ofNullable(live).map(places -> new Live(places.copy(), generation));
        } finally {
            lock.unlock();
        }
    }

    /**
     * Adds a subscriber, which gets what follows.
     *
     * @return where it begins; empty if the topic is not read
     */
    Optional<Live> subscribe(Subscriber subscriber) {
        lock.lock();
        try {
            if (live == null || closed) {
                return Optional.empty();
            }
            subscribers.add(subscriber);
            return Optional.of(new Live(live.copy(), generation));
        } finally {
            lock.unlock();
        }
    }

    boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        try {
            while (awaitClients()) {
                turn();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Throwable e) {
            LOG.error("Stream of {} ends for all clients, since its thread does", topic.name(), e);
        } finally {
            end();
        }
    }

    /** Waits for clients; returns false at the end. */
    private boolean awaitClients() throws InterruptedException {
        lock.lock();
        try {
            while (clients == 0 && !closed) {
                live = null;
                changed.await();
            }
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    private void turn() throws InterruptedException {
        try {
            if (live == null) {
                begin();
            } else {
                checkTopic();
                read(reader());
            }
        } catch (RuntimeException e) {
            report(e);
            pause();
        }
    }

    private Consumer<byte[], byte[]> reader() {
        if (consumer == null) {
            consumer = topic.consumer("telemetry-stream");
        }
        return consumer;
    }

    private Admin asker() {
        if (admin == null) {
            admin = topic.admin();
        }
        return admin;
    }

    private void begin() throws InterruptedException {
        known = LogView.await(LogView.topic(asker(), topic.name()));
        askedAt = System.nanoTime();
        List<TopicPartition> partitions = LogView.partitions(topic.name(), LogView.numbers(known.partitions()));
        reader().assign(partitions);
        Places places = Places.none(known.id());
        LogView.bounds(reader(), partitions).forEach((partition, log) -> {
            places.move(partition, Place.at(log.end()));
            seek(partition, log.end());
        });
        publish(places);
        recovered();
    }

    private void seek(int partition, long offset) {
        reader().seek(new TopicPartition(topic.name(), partition), offset);
    }

    private void publish(Places places) {
        lock.lock();
        try {
            live = places;
            generation++;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void read(Consumer<byte[], byte[]> reader) throws InterruptedException {
        ConsumerRecords<byte[], byte[]> records;
        try {
            records = reader.poll(POLL);
        } catch (OffsetOutOfRangeException e) {
            known = LogView.await(LogView.topic(asker(), topic.name()));
            jump(LogView.bounds(reader, e.partitions()));
            return;
        }
        for (ConsumerRecord<byte[], byte[]> record : records) {
            deliver(record, samples.of(record));
        }
        lock.lock();
        try {
            records.nextOffsets().forEach((partition, next) -> pass(partition.partition(), next.offset()));
            mark();
        } finally {
            lock.unlock();
        }
    }

    private void deliver(ConsumerRecord<byte[], byte[]> record, List<GpuSample> found) {
        lock.lock();
        try {
            for (int index = 0; index < found.size(); index++) {
                places().move(record.partition(), Place.behind(record.offset(), index, found.size()));
                deliver(found.get(index));
            }
            if (found.isEmpty()) {
                pass(record.partition(), record.offset() + 1);
            }
        } finally {
            lock.unlock();
        }
    }

    private void deliver(GpuSample sample) {
        byte[] event = null;
        for (Subscriber subscriber : subscribers) {
            if (!subscriber.accepts(sample)) {
                subscriber.pass();
                continue;
            }
            if (event == null) {
                event = Frames.sample(sample, places());
            }
            subscriber.add(event);
        }
    }

    private void pass(int partition, long next) {
        Place place = places().byPartition().get(partition);
        if (place == null || place.offset() < next) {
            places().move(partition, Place.at(next));
            subscribers.forEach(Subscriber::pass);
        }
    }

    private void mark() {
        byte[] id = null;
        for (Subscriber subscriber : subscribers) {
            if (subscriber.isMarkDue(System.nanoTime())) {
                id = id == null ? Frames.id(places()) : id;
                subscriber.add(id);
            }
        }
    }

    private Places places() {
        if (live == null) {
            throw new IllegalStateException("no places while nothing is read");
        }
        return live;
    }

    /** Goes on where logs begin or end, since they do not have the place any more. */
    private void jump(Map<Integer, Bounds> logs) {
        if (!Places.none(known.id()).isOfTopicOf(places())) {
            restart();
            return;
        }
        logs.forEach((partition, log) -> {
            long at =
                    places().byPartition().getOrDefault(partition, Place.at(0)).offset();
            boolean isBehind = at < log.first();
            skip(
                    partition,
                    isBehind ? log.first() : log.end(),
                    isBehind ? "the topic does not keep these records any more" : "the topic has lost records");
        });
    }

    private void skip(int partition, long to, String reason) {
        seek(partition, to);
        lock.lock();
        try {
            Place from = places().byPartition().get(partition);
            places().move(partition, Place.at(to));
            Gap gap = new Gap(partition, from == null ? null : from.offset(), to, reason);
            byte[] event = Frames.gap(gap, places().toString());
            subscribers.forEach(subscriber -> subscriber.add(event));
        } finally {
            lock.unlock();
        }
        LOG.info("Stream of {} has a gap in partition {} up to {}: {}", topic.name(), partition, to, reason);
    }

    /** Asks from time to time for new partitions, and whether the topic is still the same. */
    private void checkTopic() throws InterruptedException {
        long now = System.nanoTime();
        if (question == null && now - askedAt >= TOPIC_CHECK_NANOS) {
            askedAt = now;
            question = LogView.topic(asker(), topic.name());
        }
        if (question != null && question.toCompletableFuture().isDone()) {
            CompletionStage<Topic> answered = question;
            question = null;
            adopt(LogView.await(answered));
        }
    }

    private void adopt(Topic now) {
        recovered();
        if (!now.id().equals(known.id())) {
            known = now;
            restart();
        } else if (now.partitions() > known.partitions()) {
            known = now;
            grow();
        }
    }

    private void grow() {
        List<TopicPartition> all = LogView.partitions(topic.name(), LogView.numbers(known.partitions()));
        List<TopicPartition> added = all.stream()
                .filter(partition -> !places().byPartition().containsKey(partition.partition()))
                .toList();
        Map<Integer, Bounds> logs = LogView.bounds(reader(), added);
        reader().assign(all);
        lock.lock();
        try {
            logs.forEach((partition, log) -> {
                places().move(partition, Place.at(log.first()));
                seek(partition, log.first());
            });
        } finally {
            lock.unlock();
        }
    }

    /** Begins again in a recreated topic: its clients come back with an id of the old one, and are told so. */
    private void restart() {
        LOG.info("Stream of {} ends for its clients, since the topic was recreated; they may return", topic.name());
        lock.lock();
        try {
            subscribers.forEach(subscriber -> subscriber.queue().close());
            live = null;
            generation++;
        } finally {
            lock.unlock();
        }
    }

    private void report(RuntimeException trouble) {
        if (!troubled) {
            troubled = true;
            LOG.warn(
                    "Topic {} cannot be read for the stream: {}; clients stay connected and get what comes when it can",
                    topic.name(),
                    String.valueOf(trouble.getMessage()));
        }
    }

    private void recovered() {
        if (troubled) {
            troubled = false;
            LOG.info("Topic {} is read for the stream again", topic.name());
        }
    }

    private void pause() throws InterruptedException {
        lock.lock();
        try {
            long left = PAUSE_NANOS;
            while (!closed && left > 0) {
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    private void end() {
        lock.lock();
        try {
            closed = true;
            live = null;
            subscribers.forEach(subscriber -> subscriber.queue().close());
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (consumer != null) {
            consumer.close(CloseOptions.timeout(Duration.ZERO));
        }
        if (admin != null) {
            admin.close(Duration.ZERO);
        }
    }

    /** Ends the streams of all clients, and the thread within 5 seconds. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            subscribers.forEach(subscriber -> subscriber.queue().close());
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            thread.join(5_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
