package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.Decoder.Values;

/** The numbers of what one record's reading leaves out without an error. Not thread-safe. */
final class LeftOut {
    private int noValues;
    private int labelFields;
    private int otherMetrics;
    private int notGpus;
    private int unreadableLabels;
    private int malformedTexts;

    int noValues() {
        return noValues;
    }

    int labelFields() {
        return labelFields;
    }

    int otherMetrics() {
        return otherMetrics;
    }

    int notGpus() {
        return notGpus;
    }

    int unreadableLabels() {
        return unreadableLabels;
    }

    int malformedTexts() {
        return malformedTexts;
    }

    void addNoValue() {
        noValues++;
    }

    void addLabelField() {
        labelFields++;
    }

    void addOtherMetric() {
        otherMetrics++;
    }

    void addNotGpu() {
        notGpus++;
    }

    void addUnreadableLabels() {
        unreadableLabels++;
    }

    void addMalformedText() {
        malformedTexts++;
    }

    /** Adds the numbers of a part of the record. */
    void add(LeftOut part) {
        noValues += part.noValues;
        labelFields += part.labelFields;
        otherMetrics += part.otherMetrics;
        notGpus += part.notGpus;
        unreadableLabels += part.unreadableLabels;
        malformedTexts += part.malformedTexts;
    }

    /** Counts them with the record's values, under the names that {@link GpuSampleDecoder} lists. */
    void handOver(Values<?> values) {
        count(values, Values.NO_VALUE, noValues);
        count(values, "label field", labelFields);
        count(values, "other metric", otherMetrics);
        count(values, "not a GPU", notGpus);
        count(values, "labels unreadable", unreadableLabels);
        count(values, "malformed text", malformedTexts);
    }

    private static void count(Values<?> values, String what, int number) {
        if (number > 0) {
            values.count(what, number);
        }
    }
}
