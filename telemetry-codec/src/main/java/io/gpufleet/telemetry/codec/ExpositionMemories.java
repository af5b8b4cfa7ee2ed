package io.gpufleet.telemetry.codec;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The memories of a decoder, one for each thread that reads a text at the moment; a thread mostly gets the one that it
 * gave back. Thread-safe.
 */
final class ExpositionMemories {
    /** The most memories that are kept; texts beyond so many at once are read without. */
    static final int MOST = 8;

    private final AtomicReferenceArray<@Nullable ExpositionMemory> idle = new AtomicReferenceArray<>(MOST);

    /** Takes a memory, an empty one if none is left. */
    ExpositionMemory take() {
        int first = first();
        for (int i = 0; i < MOST; i++) {
            ExpositionMemory memory = idle.getAndSet((first + i) % MOST, null);
            if (memory != null) {
                return memory;
            }
        }
        return new ExpositionMemory(false);
    }

    /** Takes a memory back, and drops it if there are enough. */
    void giveBack(ExpositionMemory memory) {
        int first = first();
        for (int i = 0; i < MOST; i++) {
            if (idle.compareAndSet((first + i) % MOST, null, memory)) {
                return;
            }
        }
    }

    private static int first() {
        return (int) (Thread.currentThread().getId() % MOST);
    }
}
