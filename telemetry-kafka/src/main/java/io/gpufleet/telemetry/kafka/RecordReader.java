package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.Codec;
import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.EventTime;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.Validator;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/**
 * Turns a record into a delivery or a dead letter: decodes, finds the time, validates. Whatever a host's codec or
 * validator throws about one record sets this record aside and nothing else. Thread-safe.
 */
final class RecordReader<T> {

    /** Takes what a record turned out to be. */
    interface Target<T> {
        void add(Delivery<T> delivery);

        void add(DeadLetter deadLetter);
    }

    private final Codec<T> codec;
    private final EventTime<T> eventTime;
    private final Validator<T> validator;

    RecordReader(Codec<T> codec, EventTime<T> eventTime, Validator<T> validator) {
        this.codec = codec;
        this.eventTime = eventTime;
        this.validator = validator;
    }

    /** Reads a record that has a value. */
    void read(SourcePartition partition, ConsumerRecord<byte[], byte[]> record, Target<T> target) {
        SourceRecord source = source(partition, record);
        T value;
        try {
            value = codec.decode(ByteBuffer.wrap(record.value()));
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
                refuse(target, source, DeadLetter.Stage.VALIDATE, "the record has no timestamp");
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

    private void refuse(Target<T> target, SourceRecord source, DeadLetter.Stage stage, String reason) {
        target.add(new DeadLetter(source, stage, List.of(reason)));
    }

    private static SourceRecord source(SourcePartition partition, ConsumerRecord<byte[], byte[]> record) {
        return SourceRecord.builder(partition, record.offset())
                .timestampMillis(record.timestamp())
                .key(record.key())
                .value(record.value())
                .headers(headers(record))
                .build();
    }

    private static List<SourceRecord.Header> headers(ConsumerRecord<byte[], byte[]> record) {
        List<SourceRecord.Header> headers = new ArrayList<>(0);
        for (Header header : record.headers()) {
            headers.add(new SourceRecord.Header(header.key(), header.value()));
        }
        return headers;
    }
}
