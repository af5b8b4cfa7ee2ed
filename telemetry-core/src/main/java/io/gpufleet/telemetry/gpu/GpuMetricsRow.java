package io.gpufleet.telemetry.gpu;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The readings of a GPU, or of one of its MIG instances, at one time: a row of {@code gpu_metrics} or
 * {@code gpu_mig_metrics}. Each reading has the unit and type of its {@linkplain GpuReading#column() column}; any may
 * be missing.
 *
 * <p>Rows come from the samples of one message ({@link #join}), from samples that are alone in theirs ({@link #inGrid})
 * or from an event ({@link #of}). Rows of one GPU, instance and time are merged.
 *
 * <p>A reading of the whole GPU wins. Where MIG instances or workloads repeat a reading of the device, the row has the
 * largest of one instant, and the reading is {@linkplain #isDerived derived}. The memory of a GPU with instances is not
 * in its row: it is the sum over their rows. Immutable.
 */
public final class GpuMetricsRow {
    private static final int NO_OFFSET = -1;

    private final String uuid;
    private final String instance;
    private final long micros;
    private final long[] values;
    private final long present;
    private final long derived;
    private final int @Nullable [] offsets;
    private final String profile;
    private final int quality;
    private final Optional<Boolean> validationPassed;
    private final OptionalDouble collectionLatencyMs;

    GpuMetricsRow(RowDraft draft) {
        this.uuid = draft.uuid;
        this.instance = draft.instance;
        this.micros = draft.micros;
        this.values = draft.values;
        this.present = draft.present;
        this.derived = draft.derived;
        this.offsets = draft.offsets;
        this.profile = draft.profile;
        this.quality = draft.quality;
        this.validationPassed = draft.validationPassed;
        this.collectionLatencyMs = draft.collectionLatencyMs;
    }

    /**
     * Joins the samples of one message to rows, for each GPU and each MIG instance. In the order of time and metric, a
     * sample joins the newest row if it is at most the tolerance later than the row's first sample and its column is
     * empty; else it opens the next row. The time of a row is that of its first sample.
     *
     * @param message all samples of a message
     * @param isNew returns whether the sample of a number, from 0, brings a value; the others, which were stored before
     *     with another message, only keep their places
     * @param tolerance the longest time between the first and the last sample of a row, 0 or more
     * @return the rows with new values, in no particular order
     */
    public static List<GpuMetricsRow> join(List<GpuSample> message, IntPredicate isNew, Duration tolerance) {
        requireNonNull(message, "message");
        requireNonNull(isNew, "isNew");
        return new WideJoin(micros("tolerance", tolerance)).join(message, isNew);
    }

    /**
     * Returns the rows of samples that are alone in their messages. The time of a row is the beginning of the cell that
     * its samples fall into: a multiple of the grid, counted from 1970. Of the readings of one cell, the newest stays,
     * as {@link #merge} says.
     *
     * @param samples samples in any order
     * @param grid the length of a cell, 1 µs to 30 min
     * @return one row for each GPU and cell, and for each MIG instance and cell, in no particular order
     */
    public static List<GpuMetricsRow> inGrid(List<GpuSample> samples, Duration grid) {
        requireNonNull(samples, "samples");
        return WideJoin.inGrid(samples, micros("grid", grid));
    }

    /**
     * Returns a builder of a row of the whole GPU.
     *
     * @param uuid the GPU, not blank
     * @param time the time of the row, cut to microseconds
     * @return a builder without any reading
     */
    public static Builder builder(String uuid, Instant time) {
        if (requireNonNull(uuid, "uuid").isBlank()) {
            throw new IllegalArgumentException("uuid: \"" + uuid + "\" is blank");
        }
        return new Builder(new RowDraft(uuid, "", WideJoin.microsOf(requireNonNull(time, "time"))));
    }

    /**
     * Returns the row of an event.
     *
     * @param event an event
     * @param time the time of the row
     * @return a row with all readings of the event that their columns can hold
     */
    public static GpuMetricsRow of(MetricEvent event, Instant time) {
        requireNonNull(event, "event");
        RowDraft draft = new RowDraft(event.gpu().uuid(), "", WideJoin.microsOf(requireNonNull(time, "time")));
        for (GpuReading reading : GpuReading.values()) {
            if (event.has(reading)) {
                draft.put(WideColumn.at(reading.number()), valueOf(event, reading), false);
            }
        }
        for (QualityFlag flag : QualityFlag.values()) {
            if (event.quality().flags().contains(flag.text())) {
                draft.addQuality(flag.bit());
            }
        }
        draft.validationPassed = event.quality().validationPassed();
        draft.collectionLatencyMs = event.quality().collectionLatencyMs();
        return draft.build();
    }

    private static OptionalLong valueOf(MetricEvent event, GpuReading reading) {
        StoredType type = reading.stored();
        return reading.isWhole()
                ? type.encode(event.count(reading).orElseThrow())
                : type.encode(event.value(reading).orElseThrow() * reading.toColumn());
    }

    private static long micros(String name, Duration duration) {
        if (requireNonNull(duration, name).isNegative()) {
            throw new IllegalArgumentException(name + ": " + duration + " is not 0 or more");
        }
        return duration.toNanos() / 1_000;
    }

    /**
     * Merges a row of the same GPU, instance and time into this one. In rows of messages and events, an empty column is
     * filled, a derived reading yields to one of the whole GPU, and of two derived ones the larger stays; else this
     * row's reading stays. In rows of a grid, the reading of the whole GPU stays, then the newer, then the larger one,
     * in whatever order they come.
     *
     * @param other the row that came later
     * @return the merged row
     */
    public GpuMetricsRow merge(GpuMetricsRow other) {
        requireNonNull(other, "other");
        RowDraft merged = draft();
        for (int number = 0; number < values.length; number++) {
            if (other.isPresent(number)) {
                merged.offer(
                        WideColumn.at(number),
                        other.values[number],
                        other.isDerived(number),
                        other.offsets == null ? NO_OFFSET : other.offsets[number]);
            }
        }
        merged.quality |= other.quality;
        merged.profile = profile.compareTo(other.profile) >= 0 ? profile : other.profile;
        merged.validationPassed = validationPassed.or(() -> other.validationPassed);
        merged.collectionLatencyMs = collectionLatencyMs.isPresent() ? collectionLatencyMs : other.collectionLatencyMs;
        return merged.build();
    }

    private RowDraft draft() {
        RowDraft draft = new RowDraft(uuid, instance, micros);
        System.arraycopy(values, 0, draft.values, 0, values.length);
        draft.present = present;
        draft.derived = derived;
        draft.offsets = offsets == null ? null : offsets.clone();
        draft.profile = profile;
        draft.quality = quality;
        draft.validationPassed = validationPassed;
        draft.collectionLatencyMs = collectionLatencyMs;
        return draft;
    }

    private static int numberOf(GpuReading reading) {
        return requireNonNull(reading, "reading").number();
    }

    private boolean isPresent(int number) {
        return (present & 1L << number) != 0;
    }

    private boolean isDerived(int number) {
        return (derived & 1L << number) != 0;
    }

    /**
     * Returns the GPU.
     *
     * @return its UUID
     */
    public String uuid() {
        return uuid;
    }

    /**
     * Returns the MIG instance.
     *
     * @return its id, empty for the whole GPU
     */
    public String instance() {
        return instance;
    }

    /**
     * Returns the profile of the MIG instance.
     *
     * @return for example {@code 1g.5gb}; empty if it is not known, or for the whole GPU
     */
    public String profile() {
        return profile;
    }

    /**
     * Returns the time.
     *
     * @return a time in microseconds
     */
    public Instant time() {
        return Instant.ofEpochSecond(Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1_000L);
    }

    /**
     * Returns whether a reading is there.
     *
     * @param reading a reading
     * @return false if it is missing
     */
    public boolean has(GpuReading reading) {
        return isPresent(numberOf(reading));
    }

    /**
     * Returns the value of a reading, in the unit of its column.
     *
     * @param reading a reading
     * @return the value, none if it is missing
     */
    public OptionalDouble value(GpuReading reading) {
        return value(WideColumn.at(numberOf(reading)));
    }

    private OptionalDouble value(WideColumn column) {
        int number = column.number();
        return isPresent(number) ? OptionalDouble.of(column.type().measuredOf(values[number])) : OptionalDouble.empty();
    }

    /**
     * Returns the value of a reading whose {@linkplain GpuReading#columnType() column} is bigint or integer.
     *
     * @param reading a reading
     * @return the value, none if it is missing
     */
    public OptionalLong count(GpuReading reading) {
        if (!requireNonNull(reading, "reading").stored().isWhole()) {
            throw new IllegalArgumentException("reading: " + reading + " is not stored as a whole number");
        }
        return has(reading) ? OptionalLong.of(values[reading.number()]) : OptionalLong.empty();
    }

    /**
     * Returns the share of time with work on the MIG instance.
     *
     * @return percent, none if it is missing, or for the whole GPU
     */
    public OptionalDouble grEngineActive() {
        return value(WideColumn.GR_ENGINE_ACTIVE);
    }

    /**
     * Returns whether this is a row of a grid.
     *
     * @return false for a row of a message or an event
     */
    public boolean isInGrid() {
        return offsets != null;
    }

    /**
     * Returns the time of a reading in a cell of the grid.
     *
     * @param reading a reading
     * @return microseconds after the row's time; none if it is missing, or if the row is of a message or an event
     */
    public OptionalInt offset(GpuReading reading) {
        return offset(numberOf(reading));
    }

    /**
     * Returns the time of {@link #grEngineActive()}, as {@link #offset} does for readings.
     *
     * @return microseconds after the row's time
     */
    public OptionalInt grEngineOffset() {
        return offset(WideColumn.GR_ENGINE_ACTIVE.number());
    }

    private OptionalInt offset(int number) {
        return offsets != null && isPresent(number) ? OptionalInt.of(offsets[number]) : OptionalInt.empty();
    }

    /**
     * Returns whether a reading is not of the whole GPU, but of its MIG instances or workloads, which repeat it.
     *
     * @param reading a reading
     * @return false if it is missing
     */
    public boolean isDerived(GpuReading reading) {
        return isDerived(numberOf(reading));
    }

    /**
     * Returns which readings are {@linkplain #isDerived derived}.
     *
     * @return the sum of 2 to the power of their {@linkplain GpuReading#number() numbers}
     */
    public long derived() {
        return derived;
    }

    /**
     * Returns the doubts about the samples of the row.
     *
     * @return the sum of the {@linkplain QualityFlag#bit() bits}
     */
    public int quality() {
        return quality;
    }

    /**
     * Returns whether the event has passed the validation of its collector.
     *
     * @return absent if it does not say so, or for samples
     */
    public Optional<Boolean> validationPassed() {
        return validationPassed;
    }

    /**
     * Returns how long the collection of the event took.
     *
     * @return milliseconds, none if it does not say so, or for samples
     */
    public OptionalDouble collectionLatencyMs() {
        return collectionLatencyMs;
    }

    private List<Object> parts() {
        return List.of(
                uuid,
                instance,
                micros,
                present,
                derived,
                profile,
                quality,
                validationPassed,
                collectionLatencyMs,
                Arrays.hashCode(offsets));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof GpuMetricsRow row
                && parts().equals(row.parts())
                && Arrays.equals(values, row.values)
                && Arrays.equals(offsets, row.offsets);
    }

    @Override
    public int hashCode() {
        return Objects.hash(uuid, instance, micros, present);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("GpuMetricsRow[").append(uuid);
        text.append(instance.isEmpty() ? "" : " gi:" + instance).append(' ').append(time());
        for (int number = 0; number < values.length; number++) {
            if (isPresent(number)) {
                WideColumn column = WideColumn.at(number);
                text.append(", ")
                        .append(column.metric())
                        .append('=')
                        .append(column.type().measuredOf(values[number]));
            }
        }
        return text.append(']').toString();
    }

    /** A builder of a row. Not thread-safe. */
    public static final class Builder {
        private RowDraft draft;

        private Builder(RowDraft draft) {
            this.draft = draft;
        }

        /**
         * Sets a reading.
         *
         * @param reading the reading
         * @param value its value in the unit of its column
         * @return this
         * @throws IllegalArgumentException if the column cannot hold it
         */
        public Builder value(GpuReading reading, double value) {
            return put(reading, reading.stored().encode(value), value);
        }

        /**
         * Sets a reading to a whole number.
         *
         * @param reading the reading
         * @param value its value in the unit of its column
         * @return this
         * @throws IllegalArgumentException if the column cannot hold it
         */
        public Builder count(GpuReading reading, long value) {
            return put(reading, reading.stored().encode(value), value);
        }

        private Builder put(GpuReading reading, OptionalLong bits, Number value) {
            if (bits.isEmpty()) {
                throw new IllegalArgumentException(reading.column() + ": " + value + " is no " + reading.columnType());
            }
            draft.put(WideColumn.at(reading.number()), bits, false);
            return this;
        }

        /**
         * Sets which readings are {@linkplain GpuMetricsRow#isDerived derived}.
         *
         * @param readings the sum of 2 to the power of their numbers (default: 0)
         * @return this
         */
        public Builder derived(long readings) {
            draft.derived = readings;
            return this;
        }

        /**
         * Sets the doubts about the row.
         *
         * @param bits the sum of the {@linkplain QualityFlag#bit() bits} (default: 0)
         * @return this
         */
        public Builder quality(int bits) {
            draft.quality = bits;
            return this;
        }

        /**
         * Sets the time of a reading in a cell of the grid, which makes this a row of a grid.
         *
         * @param reading the reading
         * @param micros microseconds after the row's time
         * @return this
         */
        public Builder offset(GpuReading reading, int micros) {
            draft.inGrid();
            requireNonNull(draft.offsets)[reading.number()] = micros;
            return this;
        }

        /**
         * Sets whether the event has passed the validation of its collector.
         *
         * @param passed whether it has (default: not said)
         * @return this
         */
        public Builder validationPassed(boolean passed) {
            draft.validationPassed = Optional.of(passed);
            return this;
        }

        /**
         * Sets how long the collection of the event took.
         *
         * @param millis milliseconds (default: not said)
         * @return this
         */
        public Builder collectionLatencyMs(double millis) {
            draft.collectionLatencyMs = OptionalDouble.of(millis);
            return this;
        }

        /**
         * Returns the row.
         *
         * @return a row
         */
        public GpuMetricsRow build() {
            GpuMetricsRow row = draft.build();
            draft = row.draft(); // the row keeps what it was built of
            return row;
        }
    }
}
