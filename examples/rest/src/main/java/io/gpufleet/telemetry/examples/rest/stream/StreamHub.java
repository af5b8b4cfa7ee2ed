package io.gpufleet.telemetry.examples.rest.stream;

import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread {@code telemetry-stream}, which reads the live end of the topic while clients are there, and outlasts
 * whatever the cluster has. Thread-safe.
 */
final class StreamHub implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StreamHub.class);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long END_MILLIS = 5_000;

    private final StreamTopic topic;
    private final Subscriptions subscriptions;
    private final LiveReader reader;
    private final Thread thread = new Thread(this::run, "telemetry-stream");
    /** Belongs to the thread. */
    private boolean troubled;

    StreamHub(StreamTopic topic, RecordSamples samples, Subscriptions subscriptions) {
        this.topic = topic;
        this.subscriptions = subscriptions;
        this.reader = new LiveReader(topic, samples, subscriptions);
    }

    void start() {
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            while (subscriptions.awaitClients()) {
                turn();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Throwable e) {
            LOG.error("Stream of {} ends for all clients, since its thread does", topic.name(), e);
        } finally {
            subscriptions.close();
            subscriptions.end();
            reader.close();
        }
    }

    private void turn() throws InterruptedException {
        try {
            if (!subscriptions.isLive()) {
                reader.begin();
                recovered();
                return;
            }
            if (reader.checkTopic()) {
                recovered();
            }
            if (subscriptions.isLive()) {
                reader.read();
            }
        } catch (RuntimeException e) {
            report(e);
            subscriptions.pause(PAUSE_NANOS);
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

    /** Ends the streams of all clients, and the thread within 5 seconds. */
    @Override
    public void close() {
        subscriptions.close();
        try {
            thread.join(END_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
