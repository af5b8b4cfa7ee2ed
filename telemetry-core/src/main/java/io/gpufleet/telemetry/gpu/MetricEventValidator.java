package io.gpufleet.telemetry.gpu;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.Enricher;
import io.gpufleet.telemetry.Validator;
import io.gpufleet.telemetry.gpu.MetricEvent.Fault;
import io.gpufleet.telemetry.internal.Durations;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/**
 * The validator of metric events, which gives all faults of an event together: those of its reading, required members
 * that are missing, readings outside of their ranges ({@link GpuReading#range()}), and a time more than an hour behind
 * the record's timestamp or more than 5 minutes ahead of it.
 *
 * <p>Times are compared with the record's timestamp and not with a clock, so that a backlog is as good as it was when
 * it was produced. The power is limited by 1.5 times the enforced limit of the GPU if the event has it, else by 1.5
 * times the power of its model, else by 2,000 W. Thread-safe.
 */
public final class MetricEventValidator implements Validator<MetricEvent> {
    private static final String TIME = "timestamp";
    private static final String UUID = "gpu.gpu_uuid";

    private enum Treatment {
        REFUSE,
        DROP,
        FLAG
    }

    private final TimeWindow window;
    private final PowerLimits powerLimits;
    private final Treatment outside;

    private MetricEventValidator(Builder builder) {
        this.window = new TimeWindow(builder.maxAhead, builder.maxBehind);
        this.powerLimits = builder.powerLimits;
        this.outside = builder.outside;
    }

    /**
     * Returns a validator with the defaults.
     *
     * @return a validator
     */
    public static MetricEventValidator create() {
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
    public List<String> validate(Delivery<MetricEvent> delivery) {
        return check(delivery.value(), delivery.source().timestamp()).stream()
                .map(Fault::toString)
                .toList();
    }

    /**
     * Returns what repeats a refusal: the GPU, else the host, and the reasons without their numbers. The readings of a
     * repetition are not kept, also not the good ones: {@link Builder#keepGoodReadings()} stores them.
     *
     * @param delivery the refused event with its source
     * @param reasons the reasons against it
     * @return the kind; empty if the time is at fault, since the readings may be good, or if the event names neither
     */
    @Override
    public Optional<String> kind(Delivery<MetricEvent> delivery, List<String> reasons) {
        MetricEvent event = delivery.value();
        boolean isOld = event.time()
                .flatMap(time -> delivery.source().timestamp().flatMap(at -> age(time, at)))
                .isPresent();
        return Stream.of(event.gpu().uuid(), event.host().hostname())
                .filter(name -> !isOld && !name.isBlank())
                .findFirst()
                .map(name -> Readings.kindOfRefusal(name, String.join("; ", reasons)));
    }

    /**
     * Returns all faults of an event.
     *
     * @param event an event
     * @param producedAt the timestamp of its record; without one, the age of the event is not checked
     * @return faults of members, then of readings, then of the time; none if the event is good
     */
    public List<Fault> check(MetricEvent event, Optional<Instant> producedAt) {
        requireNonNull(producedAt, "producedAt");
        List<Fault> faults = new ArrayList<>(requireNonNull(event, "event").faults());
        require("schema_version", event.schemaVersion(), faults);
        require("event_type", event.eventType(), faults);
        require(UUID, event.gpu().uuid(), faults);
        if (event.time().isEmpty()) {
            require(TIME, "", faults);
        }
        if (outside == Treatment.REFUSE) {
            faults.addAll(outOfRange(event));
        }
        event.time().flatMap(time -> producedAt.flatMap(at -> age(time, at))).ifPresent(faults::add);
        return List.copyOf(faults);
    }

    /** A member is missing unless a fault of it, or of what it is in, says more. */
    private static void require(String field, String value, List<Fault> faults) {
        boolean known =
                faults.stream().anyMatch(fault -> field.equals(fault.field()) || field.startsWith(fault.field() + '.'));
        if (value.isBlank() && !known) {
            faults.add(Fault.missing(field));
        }
    }

    private List<Fault> outOfRange(MetricEvent event) {
        List<Fault> faults = new ArrayList<>(0);
        for (GpuReading reading : GpuReading.values()) {
            OptionalDouble value = event.value(reading);
            if (value.isPresent() && !allows(event, reading, value.getAsDouble())) {
                faults.add(Fault.range(
                        reading.path(),
                        MetricTraits.plain(value.getAsDouble()) + " is outside " + range(event, reading)));
            }
        }
        return faults;
    }

    private boolean allows(MetricEvent event, GpuReading reading, double value) {
        return reading == GpuReading.POWER_USAGE ? value >= 0 && value <= powerLimits.of(event) : reading.allows(value);
    }

    private String range(MetricEvent event, GpuReading reading) {
        return reading == GpuReading.POWER_USAGE ? MetricTraits.range(0, powerLimits.of(event)) : reading.range();
    }

    private Optional<Fault> age(Instant time, Instant producedAt) {
        if (window.isAhead(time, producedAt)) {
            return Optional.of(Fault.future(
                    TIME,
                    time + " is more than " + Durations.inWords(window.maxAhead()) + " ahead of the record's timestamp "
                            + producedAt));
        }
        if (window.isBehind(time, producedAt)) {
            return Optional.of(Fault.old(
                    TIME,
                    time + " is more than "
                            + Durations.inWords(window.maxBehind().orElseThrow()) + " behind the record's timestamp "
                            + producedAt));
        }
        return Optional.empty();
    }

    /**
     * Returns an event as it is stored: after {@link Builder#keepGoodReadings()} without the readings outside of their
     * ranges, after {@link Builder#keepOutOfRange()} with them; in both cases flagged {@link QualityFlag#OUT_OF_RANGE}.
     *
     * @param event an event
     * @return the event itself if there is nothing to do
     */
    public MetricEvent repair(MetricEvent event) {
        List<Fault> faults = outside == Treatment.REFUSE ? List.of() : outOfRange(requireNonNull(event, "event"));
        if (faults.isEmpty()) {
            return requireNonNull(event, "event");
        }
        MetricEvent.Builder repaired = event.toBuilder().quality(event.quality().with(QualityFlag.OUT_OF_RANGE));
        if (outside == Treatment.DROP) {
            faults.forEach(
                    fault -> repaired.without(GpuReading.at(fault.field()).orElseThrow()));
        }
        return repaired.build();
    }

    /**
     * Returns the enricher that {@linkplain #repair repairs} the events of a batch.
     *
     * @return an enricher without a look-up
     */
    public Enricher<MetricEvent> repairs() {
        return deliveries -> deliveries.stream()
                .map(delivery -> delivery.withValue(repair(delivery.value())))
                .toList();
    }

    /** Builds a {@link MetricEventValidator}. Not thread-safe. */
    public static final class Builder {
        private Duration maxAhead = Duration.ofMinutes(5);
        private Optional<Duration> maxBehind = Optional.of(Duration.ofHours(1));
        private PowerLimits powerLimits = PowerLimits.standard();
        private Treatment outside = Treatment.REFUSE;

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
         * @param duration 0 or more (default: 1 hour)
         * @return this
         */
        public Builder maxBehind(Duration duration) {
            this.maxBehind = Optional.of(TimeWindow.notNegative("maxBehind", duration));
            return this;
        }

        /**
         * Accepts any time, however far behind the record's timestamp: for a backfill.
         *
         * @return this
         */
        public Builder anyAge() {
            this.maxBehind = Optional.empty();
            return this;
        }

        /**
         * Sets the power of a model, which it may exceed by half.
         *
         * @param model a part of the model's name; of several parts that fit, the longest counts
         * @param watts more than 0 (default: known for common models)
         * @return this
         */
        public Builder powerOfModel(String model, double watts) {
            this.powerLimits = powerLimits.with(requireNonNull(model, "model"), watts);
            return this;
        }

        /**
         * Accepts an event with readings outside of their ranges; {@link MetricEventValidator#repairs()} takes them
         * out.
         *
         * @return this
         */
        public Builder keepGoodReadings() {
            this.outside = Treatment.DROP;
            return this;
        }

        /**
         * Accepts an event with readings outside of their ranges; {@link MetricEventValidator#repairs()} flags it.
         *
         * @return this
         */
        public Builder keepOutOfRange() {
            this.outside = Treatment.FLAG;
            return this;
        }

        /**
         * Builds the validator.
         *
         * @return a thread-safe validator
         */
        public MetricEventValidator build() {
            return new MetricEventValidator(this);
        }
    }
}
