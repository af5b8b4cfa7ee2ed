package io.gpufleet.telemetry.testkit.faults;

/** The time at which arrived data may pass. Thread-safe. */
final class Passage {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final long NANOS_PER_MILLI = 1_000_000L;

    private boolean held;
    private long delayNanos;
    private long bytesPerSecond = Long.MAX_VALUE;
    private long changes;

    synchronized void hold() {
        held = true;
        change();
    }

    synchronized void delay(long nanos) {
        delayNanos = nanos;
        change();
    }

    synchronized void throttle(long rate) {
        bytesPerSecond = rate;
        change();
    }

    synchronized void open() {
        held = false;
        delayNanos = 0;
        bytesPerSecond = Long.MAX_VALUE;
        change();
    }

    private void change() {
        changes++;
        notifyAll();
    }

    /** Waits until a number of bytes may pass; a change of the passage applies from its time on. */
    synchronized void await(int bytes) throws InterruptedException {
        long from = System.nanoTime();
        long seen = changes;
        while (true) {
            long left = from + delayNanos + bytes * NANOS_PER_SECOND / bytesPerSecond - System.nanoTime();
            if (held) {
                wait();
            } else if (left > 0) {
                wait(left / NANOS_PER_MILLI, (int) (left % NANOS_PER_MILLI));
            } else {
                return;
            }
            if (changes != seen) {
                from = System.nanoTime();
                seen = changes;
            }
        }
    }
}
