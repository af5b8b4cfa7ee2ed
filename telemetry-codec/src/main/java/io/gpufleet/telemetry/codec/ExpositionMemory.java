package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.codec.KnownSubjects.Known;

/**
 * What the reading of a text leaves for the next one: the metrics of the catalogue and the subjects by their bytes, and
 * empty lists. A host is scraped again and again with the same names and labels. Used by one thread at a time.
 */
final class ExpositionMemory {
    /** With {@link ExpositionMemories#MOST} of them, at most an eighth of the heap. */
    private static final long MOST_BYTES =
            Math.min(16L << 20, Runtime.getRuntime().maxMemory() / (8L * ExpositionMemories.MOST));

    private final Entries entries;
    private final Recurring<MetricFamily> knownFamilies = new Recurring<>();
    private final Recurring<MetricFamily> otherFamilies = new Recurring<>();
    private final KnownSubjects subjects = new KnownSubjects(MOST_BYTES);
    private final Recurring<Known> once = new Recurring<>();
    private final ExpositionLine line = new ExpositionLine();
    private final NumberReader number = new NumberReader();
    private long texts;

    /**
     * Creates an empty memory.
     *
     * @param traced whether the places of the rows will be asked for
     */
    ExpositionMemory(boolean traced) {
        this.entries = new Entries("line", traced);
    }

    /** Returns a list for the rows of a text. */
    Entries entries() {
        return entries;
    }

    /** Returns the metrics that no text changes; there are no more of them than names in the catalogue. */
    Recurring<MetricFamily> knownFamilies() {
        return knownFamilies;
    }

    /** Returns the other metrics of one text. */
    Recurring<MetricFamily> otherFamilies() {
        return otherFamilies;
    }

    KnownSubjects subjects() {
        return subjects;
    }

    /** Returns the subjects of one text only. */
    Recurring<Known> once() {
        return once;
    }

    ExpositionLine line() {
        return line;
    }

    NumberReader number() {
        return number;
    }

    /** Returns the number of a new text, from 1. */
    long beginText() {
        return ++texts;
    }

    /** Forgets what belongs to one text, and its bytes. */
    void forgetText() {
        entries.clear();
        knownFamilies.rewind();
        otherFamilies.clear();
        once.clear();
        line.forget();
        number.forget();
    }
}
