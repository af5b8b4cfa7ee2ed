package io.gpufleet.telemetry.examples.rest.stream;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The request of a client, whose bytes go out on a thread of its own, and whose end is told to the container once.
 * Behind its end, the container's objects and its connection belong to other requests. Thread-safe.
 */
final class Exchange implements AsyncListener {
    /**
     * Less than the container's buffers: then only a flush meets the client, and a failed flush, unlike a failed write,
     * makes the container end the request.
     */
    private static final int PORTION = 4_096;

    private static final long CONTAINER_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** Held in each write: the container waits for the return of one that failed before it ends the request. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition ending = lock.newCondition();
    private final AsyncContext context;
    private final ServletOutputStream bytes;
    private boolean failed;
    private boolean ended;

    private Exchange(AsyncContext context, ServletOutputStream bytes) {
        this.context = context;
        this.bytes = bytes;
    }

    /** Keeps a request open beyond the return of its handler. */
    static Exchange begin(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Exchange exchange = new Exchange(request.startAsync(), response.getOutputStream());
        exchange.context.setTimeout(0);
        exchange.context.addListener(exchange);
        return exchange;
    }

    /**
     * Sends bytes, and waits where the client does not take them.
     *
     * @throws IOException if the client has left, or takes none for as long as the container allows
     */
    void write(byte[] events) throws IOException {
        for (int from = 0; from < events.length; from += PORTION) {
            writePortion(events, from, Math.min(PORTION, events.length - from));
        }
    }

    private void writePortion(byte[] events, int from, int length) throws IOException {
        lock.lock();
        try {
            if (failed || ended) {
                throw new IOException("the request has ended");
            }
            bytes.write(events, from, length);
            bytes.flush();
        } catch (IOException e) {
            failed = true;
            throw e;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the request; one that failed is ended by the container, on its own thread. */
    void end() throws InterruptedException {
        lock.lock();
        try {
            long left = failed ? CONTAINER_NANOS : 0;
            while (!ended && left > 0) {
                left = ending.awaitNanos(left);
            }
            complete();
        } finally {
            lock.unlock();
        }
    }

    private void complete() {
        if (!ended) {
            ended = true;
            context.complete();
            ending.signalAll();
        }
    }

    private void endHere() {
        lock.lock();
        try {
            complete();
        } finally {
            lock.unlock();
        }
    }

    /** Ends the request before the container reports that the client has left. */
    @Override
    public void onError(AsyncEvent event) {
        endHere();
    }

    @Override
    public void onTimeout(AsyncEvent event) {
        endHere();
    }

    @Override
    public void onComplete(AsyncEvent event) {
        lock.lock();
        try {
            ended = true;
            ending.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void onStartAsync(AsyncEvent event) {
        // It is not started again.
    }
}
