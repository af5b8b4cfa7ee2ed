package io.gpufleet.telemetry.examples.rest.stream;

import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The events that a client has not been sent yet, within limits: it is closed when they are passed, and keeps nothing
 * then. Clients share the bytes of an event. Thread-safe.
 */
final class ClientQueue {
    /** What is written at once: a client that is slow shall not hold back its end. */
    static final int PORTION = 16_384;

    private final int mostEvents;
    private final long mostBytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<byte[]> events = new ArrayDeque<>();
    private long bytes;
    private boolean closed;
    private boolean overflowed;

    ClientQueue(int mostEvents, long mostBytes) {
        this.mostEvents = mostEvents;
        this.mostBytes = mostBytes;
    }

    /** Adds an event; the queue closes if it has too many. */
    void add(byte[] event) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            if (events.size() == mostEvents || bytes + event.length > mostBytes) {
                overflowed = true;
                end();
                return;
            }
            events.add(event);
            bytes += event.length;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Ends the stream of the client. */
    void close() {
        lock.lock();
        try {
            end();
        } finally {
            lock.unlock();
        }
    }

    private void end() {
        closed = true;
        events.clear();
        bytes = 0;
        changed.signalAll();
    }

    boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** Returns whether the client was too slow. */
    boolean hasOverflowed() {
        lock.lock();
        try {
            return overflowed;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes some events, after a wait for the first one.
     *
     * @return their bytes; none if none came, or the queue is closed
     */
    byte[] take(long nanos) throws InterruptedException {
        lock.lock();
        try {
            long left = nanos;
            while (events.isEmpty() && !closed && left > 0) {
                left = changed.awaitNanos(left);
            }
            return portion();
        } finally {
            lock.unlock();
        }
    }

    private byte[] portion() {
        ByteArrayOutputStream taken = new ByteArrayOutputStream();
        for (byte[] event = events.peek(); event != null; event = events.peek()) {
            if (taken.size() > 0 && taken.size() + event.length > PORTION) {
                break;
            }
            taken.writeBytes(events.remove());
            bytes -= event.length;
        }
        return taken.toByteArray();
    }
}
