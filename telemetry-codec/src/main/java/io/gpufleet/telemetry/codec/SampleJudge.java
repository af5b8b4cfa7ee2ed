package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.codec.Entry.Place;
import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.gpu.QualityFlag;
import io.gpufleet.telemetry.gpu.Readings;
import io.gpufleet.telemetry.gpu.Readings.Verdict;
import io.gpufleet.telemetry.gpu.Scope;
import java.time.Instant;
import java.util.Set;

/** The decision about a number that was read: a sample, no value, or a refusal. Not thread-safe. */
final class SampleJudge {

    /**
     * A number that was read, and what of.
     *
     * @param metric its metric
     * @param subject its GPU
     * @param value the number
     * @param fractional whether it was written with a point or an exponent
     */
    record Reading(GpuMetric metric, GpuSubject subject, double value, boolean fractional) {
        private Verdict verdict() {
            return Readings.judge(metric, subject.isMigInstance(), value, fractional);
        }
    }

    /** The texts of a row that only some of them need. */
    interface Texts {
        /**
         * Returns the time of the row.
         *
         * @throws CodecException if it has none
         */
        Instant time();

        /** Returns the number as it was written. */
        String number();
    }

    private final SampleRules rules;
    private final Entries entries;

    SampleJudge(SampleRules rules, Entries entries) {
        this.rules = rules;
        this.entries = entries;
    }

    /** Returns whether a number is a value of a metric that the metric can have. */
    boolean isValue(GpuMetric metric, GpuSubject subject, NumberReader number) {
        return verdict(metric, subject, number) == Verdict.VALUE;
    }

    /** Judges a number that was read. */
    static Verdict verdict(GpuMetric metric, GpuSubject subject, NumberReader number) {
        return Readings.judge(metric, subject.isMigInstance(), number.value(), number.isDecimal());
    }

    /** Adds a row to the entries, unless it has no value. */
    void add(Place place, Reading reading, Texts texts) {
        Verdict verdict = reading.verdict();
        if (verdict != Verdict.VALUE && verdict != Verdict.OUT_OF_RANGE) {
            rules.leftOut().addNoValue();
            return;
        }
        boolean outside = verdict == Verdict.OUT_OF_RANGE;
        try {
            Instant time = texts.time();
            if (outside && !rules.keepsOutOfRange()) {
                throw new CodecException(Readings.outside(reading.metric(), texts.number()), 0);
            }
            entries.add(place, sample(time, reading, outside));
        } catch (CodecException fault) {
            entries.refuse(place, reading.subject(), reading.metric().name(), fault.reason());
        }
    }

    /** Returns a sample; its scope is that of one alone in its message. */
    private static GpuSample sample(Instant time, Reading reading, boolean outside) {
        Set<QualityFlag> quality = outside ? Set.of(QualityFlag.OUT_OF_RANGE) : Set.of();
        GpuSubject subject = reading.subject();
        return new GpuSample(time, reading.metric(), reading.value(), subject, Scope.ofSingle(subject), quality);
    }
}
