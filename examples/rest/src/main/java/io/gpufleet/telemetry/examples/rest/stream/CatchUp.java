package io.gpufleet.telemetry.examples.rest.stream;

import io.gpufleet.telemetry.examples.rest.stream.Resumption.Bounds;
import io.gpufleet.telemetry.examples.rest.stream.Subscriptions.Live;
import io.gpufleet.telemetry.gpu.GpuSample;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;

/**
 * The way of a client from its last id to the live end, with a consumer of its own. It subscribes when it is close to
 * the end, and reads up to exactly where the subscription begins. Used by one thread.
 */
final class CatchUp implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(100);
    /** So many records, and the live end is close. */
    private static final long CLOSE = 500;

    private final StreamTopic topic;
    private final Subscriptions subscriptions;
    private final RecordSamples samples;
    private final Subscriber subscriber;
    private final SampleFilter filter;
    private final EventOutput output;
    private final Consumer<byte[], byte[]> consumer;
    private Places places = Places.none("");
    private final ByteArrayOutputStream ready = new ByteArrayOutputStream();
    private long passed;

    /** What all clients share, and the client. */
    record Parts(
            StreamTopic topic,
            Subscriptions subscriptions,
            RecordSamples samples,
            SampleFilter filter,
            Subscriber subscriber,
            EventOutput output) {}

    CatchUp(Parts parts) {
        this.topic = parts.topic();
        this.subscriptions = parts.subscriptions();
        this.samples = parts.samples();
        this.filter = parts.filter();
        this.subscriber = parts.subscriber();
        this.output = parts.output();
        this.consumer = topic.consumer("telemetry-stream-catch-up");
    }

    /**
     * Sends what the client has missed.
     *
     * @param id the id of the last event that it saw
     * @return false if its stream has to end, and it may return with its last id
     */
    boolean run(String id, Live begin) throws IOException, InterruptedException {
        resume(id, begin.places());
        Optional<Live> end = approach(begin);
        while (isOpen(begin, end) && !isAt(end.orElseThrow().places())) {
            readUpTo(end.orElseThrow().places());
        }
        return isOpen(begin, end);
    }

    /** Reads until few records are missing; returns where the subscription begins. */
    private Optional<Live> approach(Live begin) throws IOException, InterruptedException {
        Optional<Live> target = Optional.of(begin);
        while (isOpen(begin, target)) {
            Places end = target.orElseThrow().places();
            if (isCloseTo(end)) {
                return subscriptions.subscribe(subscriber);
            }
            readUpTo(end);
            target = subscriptions.awaitLive(0);
        }
        return Optional.empty();
    }

    private boolean isOpen(Live begin, Optional<Live> target) {
        return target.isPresent() && target.get().generation() == begin.generation() && !isClosed();
    }

    private boolean isClosed() {
        return subscriber.queue().isClosed() || subscriptions.isClosed();
    }

    private void resume(String id, Places live) throws IOException {
        // Kafka's consumer warns of each end that it is asked for elsewhere.
        consumer.assign(LogView.partitions(topic.name(), live.byPartition().keySet()));
        Resumption resumption = Resumption.of(id, live, LogView.bounds(consumer, consumer.assignment()));
        places = resumption.start();
        for (int i = 0; i < resumption.gaps().size(); i++) {
            boolean isLast = i + 1 == resumption.gaps().size();
            ready.writeBytes(Frames.gap(resumption.gaps().get(i), isLast ? places.toString() : ""));
        }
        send();
        assign();
    }

    private void assign() {
        consumer.assign(LogView.partitions(topic.name(), places.byPartition().keySet()));
        places.byPartition().forEach((partition, place) -> consumer.seek(partition(partition), place.offset()));
    }

    private TopicPartition partition(int number) {
        return new TopicPartition(topic.name(), number);
    }

    private boolean isAt(Places end) {
        return end.byPartition().entrySet().stream()
                .allMatch(entry -> place(entry.getKey()).compareTo(entry.getValue()) >= 0);
    }

    /** Returns whether few records are missing; a live end that is still behind the client's place is waited for. */
    private boolean isCloseTo(Places end) {
        long missing = 0;
        for (Map.Entry<Integer, Place> entry : end.byPartition().entrySet()) {
            if (place(entry.getKey()).compareTo(entry.getValue()) > 0) {
                return false;
            }
            missing += entry.getValue().offset() - place(entry.getKey()).offset();
        }
        return missing < CLOSE;
    }

    private Place place(int partition) {
        return places.byPartition().getOrDefault(partition, Place.at(0));
    }

    private void readUpTo(Places end) throws IOException {
        include(end);
        pauseReached(end);
        for (ConsumerRecord<byte[], byte[]> record : poll()) {
            if (record.offset() < offset(end, record.partition())) {
                read(record);
            }
        }
        // Markers of transactions are read, and are no records.
        consumer.assignment()
                .forEach(read ->
                        advance(read.partition(), Math.min(consumer.position(read), offset(end, read.partition()))));
        markIfDue();
        send();
        output.keepAlive();
    }

    /** Takes in the partitions that are new since the client began. */
    private void include(Places end) {
        if (!places.byPartition().keySet().containsAll(end.byPartition().keySet())) {
            end.byPartition().keySet().forEach(partition -> places.move(partition, place(partition)));
            assign();
        }
    }

    private static long offset(Places end, int partition) {
        return end.byPartition().getOrDefault(partition, Place.at(0)).offset();
    }

    /** The consumer has read beyond the end where it is paused; it goes on from there if the end has moved. */
    private void pauseReached(Places end) {
        List<TopicPartition> reached = new ArrayList<>();
        List<TopicPartition> open = new ArrayList<>();
        places.byPartition().forEach((number, place) -> {
            boolean isReached = place.offset() >= offset(end, number);
            (isReached ? reached : open).add(partition(number));
        });
        for (TopicPartition resumed : open) {
            long next = place(resumed.partition()).offset();
            if (consumer.paused().contains(resumed) || consumer.position(resumed) > next) {
                consumer.seek(resumed, next);
            }
        }
        consumer.pause(reached);
        consumer.resume(open);
    }

    private ConsumerRecords<byte[], byte[]> poll() {
        try {
            return consumer.poll(POLL);
        } catch (OffsetOutOfRangeException e) {
            LogView.bounds(consumer, e.partitions()).forEach(this::jump);
            return ConsumerRecords.empty();
        }
    }

    private void jump(int partition, Bounds log) {
        long from = place(partition).offset();
        long to = log.nearest(from);
        places.move(partition, Place.at(to));
        consumer.seek(partition(partition), to);
        Gap gap = new Gap(partition, from, to, "the topic does not have these records any more");
        ready.writeBytes(Frames.gap(gap, places.toString()));
    }

    private void read(ConsumerRecord<byte[], byte[]> record) throws IOException {
        Place from = place(record.partition());
        List<GpuSample> found = samples.of(record);
        for (int index = 0; index < found.size(); index++) {
            Place here = new Place(record.offset(), index);
            if (here.compareTo(from) < 0) {
                continue;
            }
            places.move(record.partition(), Place.behind(record.offset(), index, found.size()));
            add(found.get(index));
        }
        advance(record.partition(), record.offset() + 1);
    }

    private void advance(int partition, long next) {
        if (place(partition).offset() < next) {
            places.move(partition, Place.at(next));
            passed++;
        }
    }

    private void add(GpuSample sample) throws IOException {
        if (!filter.accepts(sample)) {
            passed++;
            return;
        }
        ready.writeBytes(Frames.sample(sample, places));
        passed = 0;
        if (ready.size() >= ClientQueue.PORTION) {
            send();
        }
    }

    private void markIfDue() {
        if (passed > 0) {
            ready.writeBytes(Frames.id(places));
            passed = 0;
        }
    }

    private void send() throws IOException {
        if (ready.size() > 0) {
            output.write(ready.toByteArray());
            ready.reset();
        }
    }

    @Override
    public void close() {
        consumer.close(CloseOptions.timeout(Duration.ZERO));
    }
}
