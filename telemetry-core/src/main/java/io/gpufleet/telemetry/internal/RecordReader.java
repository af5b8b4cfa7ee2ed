package io.gpufleet.telemetry.internal;

import io.gpufleet.telemetry.Codec;
import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.EventTime;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.Validator;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Turns a record into a delivery or a dead letter: decodes, finds the time, filters, validates. Whatever a host's
 * codec, extractor, filter or validator throws about one record, an {@code Error} of its own too, sets this record
 * aside and nothing else; an interrupt that it leaves on a thread of ours is forgotten. Thread-safe.
 *
 * @param <T> the type of the values
 */
public final class RecordReader<T> {

    /**
     * Takes what a record turned out to be.
     *
     * @param <T> the type of the values
     */
    public interface Target<T> {
        /** Takes a good value. */
        void add(Delivery<T> delivery);

        /** Takes a record that is to be set aside. */
        void add(DeadLetter deadLetter);

        /** Passes over a value that the host does not want. */
        default void skip() {}
    }

    private final Codec<T> codec;
    private final EventTime<T> eventTime;
    private final Predicate<Delivery<T>> filter;
    private final Validator<T> validator;

    public RecordReader(Codec<T> codec, EventTime<T> eventTime, Validator<T> validator) {
        this(codec, eventTime, delivery -> true, validator);
    }

    public RecordReader(Codec<T> codec, EventTime<T> eventTime, Predicate<Delivery<T>> filter, Validator<T> validator) {
        this.codec = codec;
        this.eventTime = eventTime;
        this.filter = filter;
        this.validator = validator;
    }

    /**
     * Reads a record.
     *
     * @param source a record that has a value
     * @param target takes it
     */
    public void read(SourceRecord source, Target<T> target) {
        boolean interrupted = Thread.currentThread().isInterrupted();
        try {
            decode(source, target);
        } finally {
            OwnThread.forgetInterrupt(interrupted);
        }
    }

    private void decode(SourceRecord source, Target<T> target) {
        T value;
        try {
            value = codec.decode(source.value().orElseThrow());
        } catch (CodecException e) {
            refuse(target, source, DeadLetter.Stage.DECODE, List.of(e.reason() + " at byte " + e.offset()));
            return;
        } catch (Throwable e) {
            refuse(target, source, DeadLetter.Stage.DECODE, List.of(HostFault.describe(e)));
            return;
        }
        validate(value, source, target);
    }

    private void validate(T value, SourceRecord source, Target<T> target) {
        Delivery<T> delivery;
        List<String> reasons;
        try {
            Optional<Instant> time = eventTime.of(value, source);
            if (time.isEmpty()) {
                refuse(target, source, DeadLetter.Stage.VALIDATE, List.of(whyWithoutTime(source)));
                return;
            }
            delivery = Delivery.of(value, time.get(), source);
            if (!filter.test(delivery)) {
                target.skip();
                return;
            }
            reasons = List.copyOf(validator.validate(delivery));
        } catch (Throwable e) {
            refuse(target, source, DeadLetter.Stage.VALIDATE, List.of(HostFault.describe(e)));
            return;
        }
        if (reasons.isEmpty()) {
            target.add(delivery);
        } else {
            refuse(target, source, DeadLetter.Stage.VALIDATE, reasons);
        }
    }

    private String whyWithoutTime(SourceRecord source) {
        if (!eventTime.equals(EventTime.recordTimestamp())) {
            return "eventTime(…) found no time";
        }
        return source.timestamp()
                .map(time -> "the record's timestamp " + time + " is the broker's (LogAppendTime), not the producer's")
                .orElse("the record has no timestamp");
    }

    private void refuse(Target<T> target, SourceRecord source, DeadLetter.Stage stage, List<String> reasons) {
        target.add(new DeadLetter(source, stage, reasons));
    }
}
