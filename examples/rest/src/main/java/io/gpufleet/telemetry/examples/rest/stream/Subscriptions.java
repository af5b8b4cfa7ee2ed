package io.gpufleet.telemetry.examples.rest.stream;

import io.gpufleet.telemetry.gpu.GpuSample;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The clients of the live end of the topic, and its places: both change together, so that a client knows exactly where
 * its subscription begins. Thread-safe; one thread reads the topic for it.
 */
final class Subscriptions {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** Behind the lock, as is all that follows. */
    private final List<Subscriber> subscribers = new ArrayList<>();

    private int clients;
    private boolean closed;
    /** Absent while the topic is not read. */
    private @Nullable Places live;
    /** Raised when the places of one reading say nothing about the next. */
    private int generation;

    /** What a client sees of the live end. */
    record Live(Places places, int generation) {}

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

    /** Waits for clients; returns false at the end. */
    boolean awaitClients() throws InterruptedException {
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

    /** Waits, at most up to the end. */
    void pause(long nanos) throws InterruptedException {
        lock.lock();
        try {
            long left = nanos;
            while (!closed && left > 0) {
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Returns whether a reading has begun. */
    boolean isLive() {
        lock.lock();
        try {
            return live != null;
        } finally {
            lock.unlock();
        }
    }

    /** Begins a reading. */
    void begin(Places places) {
        lock.lock();
        try {
            live = places;
            generation++;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Ends the reading, and the streams of its clients: they may return. */
    void end() {
        lock.lock();
        try {
            subscribers.forEach(subscriber -> subscriber.queue().close());
            live = null;
            generation++;
        } finally {
            lock.unlock();
        }
    }

    /** Sends the samples of a record to those who want them. */
    void deliver(int partition, long offset, List<GpuSample> found) {
        lock.lock();
        try {
            for (int index = 0; index < found.size(); index++) {
                places().move(partition, Place.behind(offset, index, found.size()));
                deliver(found.get(index));
            }
            if (found.isEmpty()) {
                pass(partition, offset + 1);
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

    /** Notes how far the topic has been read, and tells it to those who have got nothing for long. */
    void pass(Map<Integer, Long> next) {
        lock.lock();
        try {
            next.forEach(this::pass);
            mark();
        } finally {
            lock.unlock();
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

    /** Goes on elsewhere in a partition, and tells it to all. */
    void skip(int partition, long to, String reason) {
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
    }

    /** Adds partitions, which are read from their beginnings. */
    void grow(List<Integer> added) {
        lock.lock();
        try {
            added.forEach(partition -> places().move(partition, Place.at(0)));
        } finally {
            lock.unlock();
        }
    }

    private Places places() {
        if (live == null) {
            throw new IllegalStateException("no places while nothing is read");
        }
        return live;
    }

    boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the streams of all clients, for good. */
    void close() {
        lock.lock();
        try {
            closed = true;
            subscribers.forEach(subscriber -> subscriber.queue().close());
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
