package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.TelemetryEvent.SamplesWritten;
import java.util.concurrent.atomic.LongAdder;

/**
 * The numbers of what decoders of GPU samples leave out without an error. One instance may be given to any number of
 * decoders. The numbers only grow. For programs without a consumer, whose event {@link SamplesWritten} has them by
 * batch. Thread-safe.
 */
public final class SampleCounts {
    private final LongAdder noValues = new LongAdder();
    private final LongAdder labelFields = new LongAdder();
    private final LongAdder otherMetrics = new LongAdder();
    private final LongAdder notGpus = new LongAdder();
    private final LongAdder unreadableLabels = new LongAdder();
    private final LongAdder malformedTexts = new LongAdder();

    /** Creates counts of 0. */
    public SampleCounts() {}

    /**
     * Returns the number of readings without a value: a code of DCGM's, a word of nvidia-smi's, not a number, infinite.
     *
     * @return 0 or more
     */
    public long noValues() {
        return noValues.sum();
    }

    /**
     * Returns the number of rows of a field that is a label of its GPU, such as a serial number.
     *
     * @return 0 or more
     */
    public long labelFields() {
        return labelFields.sum();
    }

    /**
     * Returns the number of rows of metrics without the prefix of DCGM, and of readings of events that are no metric of
     * DCGM.
     *
     * @return 0 or more
     */
    public long otherMetrics() {
        return otherMetrics.sum();
    }

    /**
     * Returns the number of rows of something that is no GPU: a CPU or an NVSwitch.
     *
     * @return 0 or more
     */
    public long notGpus() {
        return notGpus.sum();
    }

    /**
     * Returns the number of samples whose {@code labels_raw} could not be read; they were kept.
     *
     * @return 0 or more
     */
    public long unreadableLabels() {
        return unreadableLabels.sum();
    }

    /**
     * Returns the number of texts that were not UTF-8; they were kept, with U+FFFD in place of the bytes.
     *
     * @return 0 or more
     */
    public long malformedTexts() {
        return malformedTexts.sum();
    }

    void add(LeftOut record) {
        noValues.add(record.noValues());
        labelFields.add(record.labelFields());
        otherMetrics.add(record.otherMetrics());
        notGpus.add(record.notGpus());
        unreadableLabels.add(record.unreadableLabels());
        malformedTexts.add(record.malformedTexts());
    }
}
