package io.gpufleet.telemetry.internal;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.Decoder;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.EventTime;
import io.gpufleet.telemetry.RecordCounts;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.Validator;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * A reader that turns a record into deliveries and a dead letter: it decodes, finds each value's event time, filters,
 * and validates. An exception or {@code Error} of a host's decoder, extractor, filter or validator about one value
 * dead-letters this value and nothing else; an interrupt left on a thread of the SDK is cleared. Thread-safe.
 *
 * @param <T> the type of the values
 */
public final class RecordReader<T> {

    /**
     * A receiver of the values of a record, then of its dead letter, then of its numbers.
     *
     * @param <T> the type of the values
     */
    public interface Target<T> {
        /** Accepts a good value. */
        void add(Delivery<T> delivery);

        /** Accepts the dead letter of a record, whole or in part. */
        void add(DeadLetter deadLetter);

        /** Skips a value that the host's filter rejects. */
        default void skip() {}

        /**
         * Returns whether a refusal of this kind has a dead letter already, of another record: then it is counted and
         * left out of the dead letter of this one.
         */
        default boolean isRepeated(SourceRecord source, String kind) {
            return false;
        }

        /** Accepts the numbers of a record's values that are not stored, after its values and its dead letter. */
        default void add(RecordCounts counts) {}
    }

    private final Decoder<T> decoder;
    private final EventTime<T> eventTime;
    private final Predicate<Delivery<T>> filter;
    private final Validator<T> validator;
    private final boolean keepsParts;
    private final boolean readsTombstones;

    /** Creates a reader that keeps all values. */
    public RecordReader(Decoder<T> decoder, EventTime<T> eventTime, Validator<T> validator, boolean keepsParts) {
        this(decoder, eventTime, delivery -> true, validator, keepsParts);
    }

    /**
     * Creates a reader that skips values by a filter.
     *
     * @param keepsParts whether the good values of a record are kept when others are refused; else it is refused whole
     */
    public RecordReader(
            Decoder<T> decoder,
            EventTime<T> eventTime,
            Predicate<Delivery<T>> filter,
            Validator<T> validator,
            boolean keepsParts) {
        this.decoder = decoder;
        this.eventTime = eventTime;
        this.filter = filter;
        this.validator = validator;
        this.keepsParts = keepsParts;
        this.readsTombstones = decoder.readsTombstones();
    }

    /** Returns whether the event time is the record's timestamp, which a broker may have set. */
    public boolean readsRecordTimestamp() {
        return eventTime.equals(EventTime.recordTimestamp());
    }

    /** Returns whether the good values of a record are kept when others are refused. */
    public boolean keepsParts() {
        return keepsParts;
    }

    /** Returns whether records without a value are read, too. */
    public boolean readsTombstones() {
        return readsTombstones;
    }

    /** Returns the dead letters of a sink's refusals; of whole records, where a replay would store values twice. */
    public List<DeadLetter> refused(List<DeadLetter> letters) {
        return keepsParts
                ? letters
                : letters.stream().map(DeadLetter::ofWholeRecord).toList();
    }

    /**
     * Reads a record.
     *
     * @param source a record that has a value, unless tombstones are read
     * @param target takes its values and its dead letter
     */
    public void read(SourceRecord source, Target<T> target) {
        boolean interrupted = Thread.currentThread().isInterrupted();
        Reading<T> reading = new Reading<>(this, source, target);
        try {
            decode(source, reading);
        } finally {
            OwnThread.forgetInterrupt(interrupted);
        }
        reading.handOver();
    }

    private void decode(SourceRecord source, Reading<T> reading) {
        try {
            decoder.decode(source, reading);
        } catch (CodecException e) {
            reading.refuse(e.reason() + " at byte " + e.offset());
        } catch (Throwable e) {
            reading.refuse(HostFault.describe(e));
        }
    }

    /** Reads one value: a delivery, nothing if the filter rejects it, or the reasons against it. */
    void check(T value, Reading<T> reading) {
        try {
            SourceRecord source = reading.source();
            Optional<Instant> time = eventTime.of(value, source);
            if (time.isEmpty()) {
                reading.reject(List.of(whyWithoutTime(source)));
                return;
            }
            Delivery<T> delivery = Delivery.of(value, time.get(), source, reading.index());
            if (!filter.test(delivery)) {
                reading.skip();
                return;
            }
            List<String> reasons = List.copyOf(validator.validate(delivery));
            if (reasons.isEmpty()) {
                reading.keep(delivery);
            } else {
                reading.reject(reasons, validator.kind(delivery, reasons));
            }
        } catch (Throwable e) {
            reading.reject(List.of(HostFault.describe(e)));
        }
    }

    private String whyWithoutTime(SourceRecord source) {
        if (!readsRecordTimestamp()) {
            return "eventTime(…) found no time";
        }
        return source.timestamp()
                .map(time -> "the record's timestamp " + time + " is the broker's (LogAppendTime), not the producer's")
                .orElse("the record has no timestamp");
    }

    /** Returns where values of a record stand, as far as the decoder knows it. */
    public Map<Integer, String> places(SourceRecord source, SortedSet<Integer> indexes) {
        boolean interrupted = Thread.currentThread().isInterrupted();
        try {
            return source.value()
                    .map(value -> Map.copyOf(decoder.places(value, indexes)))
                    .orElse(Map.of());
        } catch (Throwable e) {
            HostFault.requireOwn(e);
            return Map.of();
        } finally {
            OwnThread.forgetInterrupt(interrupted);
        }
    }

    /**
     * Returns the letter of some values with an excerpt of their record; any other letter unchanged.
     *
     * @param letter a letter with the record as it lay in the log
     */
    public DeadLetter excerpt(DeadLetter letter) {
        Optional<byte[]> value = letter.source().value();
        if (!letter.isPartial() || value.isEmpty()) {
            return letter;
        }
        boolean interrupted = Thread.currentThread().isInterrupted();
        try {
            byte[] excerpt = decoder.excerpt(value.get(), new TreeSet<>(letter.indexes()));
            return new DeadLetter(
                    letter.source().withValue(excerpt), letter.stage(), letter.reasons(), letter.indexes());
        } catch (Throwable e) {
            HostFault.requireOwn(e);
            return letter;
        } finally {
            OwnThread.forgetInterrupt(interrupted);
        }
    }
}
