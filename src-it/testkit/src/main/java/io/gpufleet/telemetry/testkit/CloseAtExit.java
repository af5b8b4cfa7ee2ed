package io.gpufleet.telemetry.testkit;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The started and not yet closed objects of the kit; a shutdown hook closes the remaining ones, the newest first.
 * Thread-safe.
 */
final class CloseAtExit {
    private static final Object LOCK = new Object();
    private static final Set<Runnable> OPEN = new LinkedHashSet<>();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(CloseAtExit::closeAll, "telemetry-testkit-exit"));
    }

    private CloseAtExit() {}

    static void add(Runnable close) {
        synchronized (LOCK) {
            OPEN.add(close);
        }
    }

    static void remove(Runnable close) {
        synchronized (LOCK) {
            OPEN.remove(close);
        }
    }

    private static void closeAll() {
        List<Runnable> newestFirst;
        synchronized (LOCK) {
            newestFirst = new ArrayList<>(OPEN);
        }
        Collections.reverse(newestFirst);
        newestFirst.forEach(CloseAtExit::closeQuietly);
    }

    private static void closeQuietly(Runnable close) {
        try {
            close.run();
        } catch (RuntimeException e) {
            // The JVM is ending: the others must still be closed, and no caller is left for the error.
        }
    }
}
