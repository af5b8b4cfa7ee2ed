package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.gpu.GpuSubject;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * The subjects of the rows of earlier messages by their labels: many messages are of one row, and say the same labels
 * again and again. Everything is forgotten when an estimate of its memory passes a limit. Thread-safe.
 */
final class SharedSubjects {
    /** At most a sixteenth of the heap. */
    private static final long MOST_BYTES =
            Math.min(32L << 20, Runtime.getRuntime().maxMemory() / 16);

    private static final int SUBJECT_BYTES = 1280;
    /** Of one character of a key: in the key itself, in the texts of the subject, and in its series. */
    private static final int MULTIPLE = 8;

    private final Map<String, Optional<GpuSubject>> subjects = new ConcurrentHashMap<>();
    private final AtomicLong bytes = new AtomicLong();
    private final long mostBytes;

    SharedSubjects() {
        this(MOST_BYTES);
    }

    SharedSubjects(long mostBytes) {
        this.mostBytes = mostBytes;
    }

    /** Returns the subject of labels, none if they are of no GPU; it is read if no earlier row had it. */
    Optional<GpuSubject> get(String labels, Supplier<Optional<GpuSubject>> reader) {
        Optional<GpuSubject> known = subjects.get(labels);
        if (known != null) {
            return known;
        }
        Optional<GpuSubject> read = reader.get();
        keep(labels, read);
        return read;
    }

    private void keep(String labels, Optional<GpuSubject> subject) {
        long more = SUBJECT_BYTES + (long) MULTIPLE * labels.length();
        if (bytes.addAndGet(more) > mostBytes) {
            bytes.set(more);
            subjects.clear();
        }
        subjects.put(labels, subject);
    }

    int size() {
        return subjects.size();
    }
}
