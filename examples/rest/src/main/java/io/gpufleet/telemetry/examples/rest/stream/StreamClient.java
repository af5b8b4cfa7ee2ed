package io.gpufleet.telemetry.examples.rest.stream;

import io.gpufleet.telemetry.examples.rest.stream.Subscriptions.Live;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A client from its first byte to its last, on a thread of its own. */
final class StreamClient {
    private static final Logger LOG = LoggerFactory.getLogger(StreamClient.class);
    /** The headers go out after that at the latest. */
    private static final long HEADERS_NANOS = TimeUnit.MILLISECONDS.toNanos(700);

    private static final long TURN_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final Parts parts;
    private final ClientQueue queue;
    private final Subscriber subscriber;
    private final EventOutput output;

    /**
     * What all clients share.
     *
     * @param catchUps allows so many clients to read by themselves
     */
    record Parts(StreamTopic topic, Subscriptions subscriptions, RecordSamples samples, Semaphore catchUps) {}

    /**
     * What a client asks for.
     *
     * @param lastId the id of the last event that it saw; an empty one is none
     */
    record Wish(SampleFilter filter, Optional<String> lastId) {
        Wish {
            lastId = lastId.filter(id -> !id.isBlank());
        }
    }

    private final Wish wish;

    StreamClient(Parts parts, Wish wish, ClientQueue queue, EventOutput output) {
        this.parts = parts;
        this.wish = wish;
        this.queue = queue;
        this.output = output;
        this.subscriber = new Subscriber(wish.filter(), queue);
    }

    /**
     * Sends events until the client leaves, is too slow, or the service ends.
     *
     * @throws IOException if the client has left, or takes no more bytes
     */
    void run() throws IOException, InterruptedException {
        parts.subscriptions().attach();
        try {
            if (begin()) {
                sendLive();
            }
        } finally {
            parts.subscriptions().detach(subscriber);
        }
    }

    /** Sends the first bytes and what the client has missed; returns whether it is subscribed now. */
    private boolean begin() throws IOException, InterruptedException {
        Optional<Live> live = parts.subscriptions().awaitLive(HEADERS_NANOS);
        // A client without headers takes the wait for a fault; what comes behind them must not be missed.
        Optional<Live> subscribed =
                wish.lastId().isEmpty() ? parts.subscriptions().subscribe(subscriber) : Optional.empty();
        output.comment();
        while (live.isEmpty() && !parts.subscriptions().isClosed()) {
            output.keepAlive();
            live = parts.subscriptions().awaitLive(TURN_NANOS);
        }
        return live.isPresent() && (wish.lastId().isEmpty() ? join(subscribed) : catchUp(live.get()));
    }

    private boolean join(Optional<Live> subscribed) throws IOException {
        Optional<Live> begun = subscribed.or(() -> parts.subscriptions().subscribe(subscriber));
        if (begun.isPresent()) {
            output.write(Frames.id(begun.get().places()));
        }
        return begun.isPresent();
    }

    private boolean catchUp(Live live) throws IOException, InterruptedException {
        while (!parts.catchUps().tryAcquire(TURN_NANOS, TimeUnit.NANOSECONDS)) {
            output.keepAlive();
            if (parts.subscriptions().isClosed()) {
                return false;
            }
        }
        try {
            return catchUp(wish.lastId().orElseThrow(), live);
        } finally {
            parts.catchUps().release();
        }
    }

    /** An end without a reason for the client: it returns with its last id. */
    private boolean catchUp(String id, Live live) throws IOException, InterruptedException {
        CatchUp.Parts reading = new CatchUp.Parts(
                parts.topic(), parts.subscriptions(), parts.samples(), wish.filter(), subscriber, output);
        try (CatchUp catchUp = new CatchUp(reading)) {
            return catchUp.run(id, live);
        } catch (KafkaException e) {
            LOG.info("Stream of a client that has missed something ends; it may return: {}", e.getMessage());
            return false;
        }
    }

    private void sendLive() throws IOException, InterruptedException {
        while (true) {
            byte[] events = queue.take(output.nanosToNext());
            if (events.length > 0) {
                output.write(events);
            } else if (queue.isClosed()) {
                return;
            } else {
                output.keepAlive();
            }
        }
    }

    /** Returns whether the client took its events too slowly. */
    boolean wasTooSlow() {
        return queue.hasOverflowed();
    }
}
