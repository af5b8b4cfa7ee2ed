package io.gpufleet.telemetry.codec;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** The measurement of this thread's allocations. */
final class Allocation {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Allocation() {}

    /** Returns the bytes that one call allocates. */
    static long of(Runnable call) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        call.run();
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }
}
