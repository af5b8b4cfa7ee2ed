package io.gpufleet.telemetry.examples.rest.stream;

import io.gpufleet.telemetry.Decoder;
import io.gpufleet.telemetry.Validator;
import io.gpufleet.telemetry.gpu.GpuSample;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The streams of all clients. Each has a thread {@code telemetry-stream-client}, which waits where the client does not
 * take its bytes, and ends with it. Thread-safe.
 */
final class SampleStreams implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SampleStreams.class);
    /** The clients that read for themselves at one time: each of them holds up to 4 MiB of records. */
    private static final int CATCH_UPS = 8;

    private static final long END_SECONDS = 5;

    private final StreamLimits limits;
    private final Subscriptions subscriptions = new Subscriptions();
    private final StreamHub hub;
    private final StreamClient.Parts parts;
    private final AtomicInteger clients = new AtomicInteger();
    private final ExecutorService threads = new ThreadPoolExecutor(
            0, Integer.MAX_VALUE, 1, TimeUnit.SECONDS, new SynchronousQueue<>(), SampleStreams::thread);

    SampleStreams(StreamTopic topic, Decoder<GpuSample> decoder, Validator<GpuSample> validator, StreamLimits limits) {
        RecordSamples samples = new RecordSamples(decoder, validator);
        this.limits = limits;
        this.hub = new StreamHub(topic, samples, subscriptions);
        this.parts = new StreamClient.Parts(topic, subscriptions, samples, new Semaphore(CATCH_UPS));
    }

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task, "telemetry-stream-client");
        thread.setDaemon(true);
        return thread;
    }

    /** Starts the thread that reads the topic. */
    void start() {
        hub.start();
    }

    /** Returns the number of clients. */
    int clients() {
        return clients.get();
    }

    /** Says what a stream is. */
    static void describe(HttpServletResponse response) {
        response.setContentType("text/event-stream");
        response.setCharacterEncoding("UTF-8");
        response.setHeader("Cache-Control", "no-store");
        response.setHeader("X-Accel-Buffering", "no");
    }

    /**
     * Begins a stream, which goes on after the return.
     *
     * @throws TooManyStreamsException if there are as many as can be
     */
    void begin(HttpServletRequest request, HttpServletResponse response, StreamClient.Wish wish)
            throws IOException, TooManyStreamsException {
        if (clients.incrementAndGet() > limits.clients() || subscriptions.isClosed()) {
            clients.decrementAndGet();
            throw new TooManyStreamsException(limits.clients());
        }
        boolean begun = false;
        try {
            describe(response);
            ClientQueue queue = new ClientQueue(limits.events(), limits.bytes());
            Exchange exchange = Exchange.begin(request, response);
            EventOutput output = new EventOutput(exchange, limits.comment().toNanos());
            threads.execute(() -> serve(new StreamClient(parts, wish, queue, output), exchange));
            begun = true;
        } finally {
            if (!begun) {
                clients.decrementAndGet();
            }
        }
    }

    private void serve(StreamClient client, Exchange exchange) {
        try {
            run(client);
            exchange.end();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            LOG.error("Stream of a client ends; it may return", e);
        } finally {
            clients.decrementAndGet();
        }
    }

    private static void run(StreamClient client) throws InterruptedException {
        try {
            client.run();
            if (client.wasTooSlow()) {
                LOG.info("Stream of a client ends, since it takes its events too slowly; it may return");
            }
        } catch (IOException left) {
            LOG.debug("Stream of a client ends, since it has left", left);
        } catch (RuntimeException e) {
            LOG.error("Stream of a client ends; it may return", e);
        }
    }

    /** Ends all streams within 10 seconds. */
    @Override
    public void close() {
        hub.close();
        threads.shutdown();
        try {
            if (!threads.awaitTermination(END_SECONDS, TimeUnit.SECONDS)) {
                LOG.info("Streams of some clients do not end; their connections are closed");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
