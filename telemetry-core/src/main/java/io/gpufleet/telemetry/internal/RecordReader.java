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

/**
 * Turns a record into a delivery or a dead letter: decodes, finds the time, validates. Whatever a host's codec or
 * validator throws about one record sets this record aside and nothing else. Thread-safe.
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
    }

    private final Codec<T> codec;
    private final EventTime<T> eventTime;
    private final Validator<T> validator;

    public RecordReader(Codec<T> codec, EventTime<T> eventTime, Validator<T> validator) {
        this.codec = codec;
        this.eventTime = eventTime;
        this.validator = validator;
    }

    /**
     * Reads a record.
     *
     * @param source a record that has a value
     * @param target takes it
     */
    public void read(SourceRecord source, Target<T> target) {
        T value;
        try {
            value = codec.decode(source.value().orElseThrow());
        } catch (CodecException e) {
            refuse(target, source, DeadLetter.Stage.DECODE, e.reason() + " at byte " + e.offset());
            return;
        } catch (RuntimeException e) {
            refuse(target, source, DeadLetter.Stage.DECODE, e.toString());
            return;
        }
        validate(value, source, target);
    }

    private void validate(T value, SourceRecord source, Target<T> target) {
        try {
            Optional<Instant> time = eventTime.of(value, source);
            if (time.isEmpty()) {
                refuse(target, source, DeadLetter.Stage.VALIDATE, whyWithoutTime(source));
                return;
            }
            Delivery<T> delivery = Delivery.of(value, time.get(), source);
            List<String> reasons = validator.validate(delivery);
            if (reasons.isEmpty()) {
                target.add(delivery);
            } else {
                target.add(new DeadLetter(source, DeadLetter.Stage.VALIDATE, reasons));
            }
        } catch (RuntimeException e) {
            refuse(target, source, DeadLetter.Stage.VALIDATE, e.toString());
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

    private void refuse(Target<T> target, SourceRecord source, DeadLetter.Stage stage, String reason) {
        target.add(new DeadLetter(source, stage, List.of(reason)));
    }
}
