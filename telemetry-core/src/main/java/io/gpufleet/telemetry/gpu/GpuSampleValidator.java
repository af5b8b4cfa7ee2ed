package io.gpufleet.telemetry.gpu;

import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.Validator;
import io.gpufleet.telemetry.internal.Durations;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The validator of GPU samples, which gives every reason against one that cannot be right: a value outside of its
 * metric's range, unless it is flagged {@link QualityFlag#OUT_OF_RANGE}, a code for "no value", a label, a UUID of more
 * than 128 characters or with control characters, a metric's name of more than 256 characters, a time before 1970, too
 * far ahead of the record's timestamp or too far behind it.
 *
 * <p>Times are compared with the record's timestamp and not with a clock, so that a backlog is as good as it was when
 * it was produced. Thread-safe.
 */
public final class GpuSampleValidator implements Validator<GpuSample> {
    private static final int LONGEST_UUID = 128;
    private static final int LONGEST_METRIC = 256;

    private final TimeWindow window;

    private GpuSampleValidator(Builder builder) {
        this.window = new TimeWindow(builder.maxAhead, builder.maxBehind);
    }

    /**
     * Returns a validator with the defaults: at most 5 minutes ahead of the record's timestamp and 30 days behind it.
     *
     * @return a validator
     */
    public static GpuSampleValidator create() {
        return builder().build();
    }

    /**
     * Returns a builder with the defaults.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public List<String> validate(Delivery<GpuSample> delivery) {
        List<String> reasons = new ArrayList<>(0);
        GpuSample sample = delivery.value();
        checkValue(sample, reasons);
        checkUuid(sample.subject().uuid(), reasons);
        checkName(sample.metric().name(), reasons);
        age(sample.time(), delivery.source().timestamp()).ifPresent(reasons::add);
        return reasons;
    }

    /**
     * Returns what repeats a refusal: the GPU, the metric, and the reasons without their numbers.
     *
     * @param delivery the refused sample with its source
     * @param reasons the reasons against it
     * @return the kind; empty if the time is at fault, since the reading may be good
     */
    @Override
    public Optional<String> kind(Delivery<GpuSample> delivery, List<String> reasons) {
        GpuSample sample = delivery.value();
        if (age(sample.time(), delivery.source().timestamp()).isPresent()) {
            return Optional.empty();
        }
        String whose = sample.subject().uuid() + ' ' + sample.metric().name();
        return Optional.of(Readings.kindOfRefusal(whose, String.join("; ", reasons)));
    }

    private static void checkValue(GpuSample sample, List<String> reasons) {
        GpuMetric metric = sample.metric();
        double value = sample.value();
        Readings.Verdict verdict = Readings.judge(metric, sample.subject().isMigInstance(), value, false);
        if (verdict == Readings.Verdict.OUT_OF_RANGE && !sample.quality().contains(QualityFlag.OUT_OF_RANGE)) {
            reasons.add(Readings.outside(metric, MetricTraits.plain(value)));
        } else if (verdict == Readings.Verdict.NO_VALUE) {
            reasons.add(metric.name() + ' ' + MetricTraits.plain(value) + " is no value");
        } else if (verdict == Readings.Verdict.LABEL) {
            reasons.add(metric.name() + " is a label, not a reading");
        }
    }

    private static void checkUuid(String uuid, List<String> reasons) {
        if (uuid.length() > LONGEST_UUID) {
            reasons.add("UUID has " + uuid.length() + " characters, more than " + LONGEST_UUID);
        } else if (hasControl(uuid)) {
            reasons.add("UUID has control characters");
        }
    }

    private static void checkName(String metric, List<String> reasons) {
        if (metric.length() > LONGEST_METRIC) {
            reasons.add("metric name has " + metric.length() + " characters, more than " + LONGEST_METRIC);
        }
    }

    /** A stream of characters would cost more than all other checks of a sample. */
    private static boolean hasControl(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isISOControl(text.charAt(i))) {
                return true;
            }
        }
        return false;
    }

    private Optional<String> age(Instant time, Optional<Instant> producedAt) {
        if (time.isBefore(Instant.EPOCH)) {
            return Optional.of("time " + time + " is before 1970");
        }
        return producedAt.flatMap(at -> age(time, at));
    }

    private Optional<String> age(Instant time, Instant producedAt) {
        if (window.isAhead(time, producedAt)) {
            return Optional.of("time " + time + " is more than " + Durations.inWords(window.maxAhead())
                    + " ahead of the record's timestamp " + producedAt);
        }
        if (window.isBehind(time, producedAt)) {
            return Optional.of("time " + time + " is more than "
                    + Durations.inWords(window.maxBehind().orElseThrow()) + " behind the record's timestamp "
                    + producedAt
                    + "; for a backfill, build the validator with anyAge()");
        }
        return Optional.empty();
    }

    /** Builds a {@link GpuSampleValidator}. Not thread-safe. */
    public static final class Builder {
        private Duration maxAhead = Duration.ofMinutes(5);
        private Optional<Duration> maxBehind = Optional.of(Duration.ofDays(30));

        private Builder() {}

        /**
         * Sets the largest distance of a time ahead of the record's timestamp.
         *
         * @param duration 0 or more (default: 5 minutes)
         * @return this
         */
        public Builder maxAhead(Duration duration) {
            this.maxAhead = TimeWindow.notNegative("maxAhead", duration);
            return this;
        }

        /**
         * Sets the largest distance of a time behind the record's timestamp.
         *
         * @param duration 0 or more (default: 30 days)
         * @return this
         */
        public Builder maxBehind(Duration duration) {
            this.maxBehind = Optional.of(TimeWindow.notNegative("maxBehind", duration));
            return this;
        }

        /**
         * Accepts any time from 1970 on, however far behind the record's timestamp: for files of earlier days.
         *
         * @return this
         */
        public Builder anyAge() {
            this.maxBehind = Optional.empty();
            return this;
        }

        /**
         * Builds the validator.
         *
         * @return a thread-safe validator
         */
        public GpuSampleValidator build() {
            return new GpuSampleValidator(this);
        }
    }
}
