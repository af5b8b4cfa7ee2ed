package io.gpufleet.telemetry.examples.rest.stream;

import io.gpufleet.telemetry.gpu.GpuSample;
import java.util.concurrent.TimeUnit;

/**
 * A client as its source sees it: its filter, and the queue of what passes it. A client that gets nothing for long gets
 * ids, so that it resumes behind what it did not want. Used by one thread at a time.
 */
final class Subscriber {
    private static final int MOST_PASSED = 1_000;
    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final SampleFilter filter;
    private final ClientQueue queue;
    private int passed;
    private long markedAt;

    Subscriber(SampleFilter filter, ClientQueue queue) {
        this.filter = filter;
        this.queue = queue;
    }

    ClientQueue queue() {
        return queue;
    }

    boolean accepts(GpuSample sample) {
        return filter.accepts(sample);
    }

    void add(byte[] event) {
        queue.add(event);
        passed = 0;
    }

    /** Notes a record, or one of its samples, that the client does not get. */
    void pass() {
        passed++;
    }

    /** Returns whether an id is due. */
    boolean isMarkDue(long nanos) {
        if (passed == 0 || (passed < MOST_PASSED && nanos - markedAt < LONGEST_NANOS)) {
            return false;
        }
        markedAt = nanos;
        return true;
    }
}
