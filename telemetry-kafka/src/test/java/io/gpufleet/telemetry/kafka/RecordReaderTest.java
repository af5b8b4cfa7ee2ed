package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.EventTime;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.Validator;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class RecordReaderTest {
    private final List<Delivery<String>> deliveries = new ArrayList<>();
    private final List<DeadLetter> deadLetters = new ArrayList<>();

    private final RecordReader.Target<String> target = new RecordReader.Target<>() {
        @Override
        public void add(Delivery<String> delivery) {
            deliveries.add(delivery);
        }

        @Override
        public void add(DeadLetter deadLetter) {
            deadLetters.add(deadLetter);
        }
    };

    private void read(EventTime<String> time, Validator<String> validator, ConsumerRecord<byte[], byte[]> record) {
        new RecordReader<>(new TextCodec(), time, validator).read(Logs.partition(0), record, target);
    }

    private void read(ConsumerRecord<byte[], byte[]> record) {
        read(EventTime.recordTimestamp(), Validator.acceptAll(), record);
    }

    private void assertRefused(DeadLetter.Stage stage, String... reasons) {
        assertThat(deliveries).isEmpty();
        assertThat(deadLetters).hasSize(1);
        assertThat(deadLetters.get(0).stage()).isEqualTo(stage);
        assertThat(deadLetters.get(0).reasons()).containsExactly(reasons);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void read_carriesTheWholeRecord() {
        RecordHeaders headers = new RecordHeaders();
        headers.add("trace", bytes("1")).add("trace", null);
        ConsumerRecord<byte[], byte[]> record = new ConsumerRecord<>(
                "t",
                0,
                42,
                1_234,
                TimestampType.CREATE_TIME,
                3,
                4,
                bytes("key"),
                bytes("text"),
                headers,
                Optional.empty());

        read(record);

        Delivery<String> delivery = deliveries.get(0);
        assertThat(delivery.value()).isEqualTo("text");
        assertThat(delivery.time()).isEqualTo(Instant.ofEpochMilli(1_234));
        assertThat(delivery.offset()).isEqualTo(42);
        assertThat(delivery.source().key()).contains(bytes("key"));
        assertThat(delivery.source().value()).contains(bytes("text"));
        assertThat(delivery.source().headers())
                .extracting(SourceRecord.Header::key)
                .containsExactly("trace", "trace");
        assertThat(delivery.source().headers().get(1).value()).isNull();
        assertThat(deadLetters).isEmpty();
    }

    @Test
    void read_refusesWhatDoesNotDecode() {
        read(Logs.record(0, 5, "damaged"));

        assertRefused(DeadLetter.Stage.DECODE, "no text at byte 7");
        assertThat(deadLetters.get(0).source().value()).contains(bytes("damaged"));
        assertThat(deadLetters.get(0).offset()).isEqualTo(5);
    }

    @Test
    void read_refusesWhatACodecFailsOn() {
        read(Logs.record(0, 5, "explodes"));

        assertRefused(DeadLetter.Stage.DECODE, "java.lang.IllegalStateException: a defect");
    }

    @Test
    void read_refusesWhatDoesNotValidate() {
        read(EventTime.recordTimestamp(), delivery -> List.of("too hot", "too late"), Logs.record(0, 5));

        assertRefused(DeadLetter.Stage.VALIDATE, "too hot", "too late");
    }

    @Test
    void read_refusesWhatAValidatorFailsOn() {
        Validator<String> failing = delivery -> {
            throw new IllegalStateException("a defect");
        };

        read(EventTime.recordTimestamp(), failing, Logs.record(0, 5));

        assertRefused(DeadLetter.Stage.VALIDATE, "java.lang.IllegalStateException: a defect");
    }

    @Test
    void read_refusesWhatNobodyJudges() {
        read(EventTime.recordTimestamp(), delivery -> null, Logs.record(0, 5));

        assertThat(deliveries).isEmpty();
        assertThat(deadLetters).extracting(DeadLetter::stage).containsExactly(DeadLetter.Stage.VALIDATE);
    }

    @Test
    void read_refusesARecordWithoutATime() {
        ConsumerRecord<byte[], byte[]> record = new ConsumerRecord<>(
                "t",
                0,
                5,
                ConsumerRecord.NO_TIMESTAMP,
                TimestampType.NO_TIMESTAMP_TYPE,
                -1,
                4,
                null,
                bytes("text"),
                new RecordHeaders(),
                Optional.empty());

        read(record);

        assertRefused(DeadLetter.Stage.VALIDATE, "the record has no timestamp");
    }

    @Test
    void read_takesTheTimeOfTheHost() {
        Instant time = Instant.parse("2026-01-01T00:00:00Z");

        read((value, source) -> Optional.of(time), Validator.acceptAll(), Logs.record(0, 5));

        assertThat(deliveries).extracting(Delivery::time).containsExactly(time);
    }

    @Test
    void read_refusesWhatAnExtractorFailsOn() {
        EventTime<String> failing = (value, source) -> {
            throw new IllegalStateException("a defect");
        };

        read(failing, Validator.acceptAll(), Logs.record(0, 5));

        assertRefused(DeadLetter.Stage.VALIDATE, "java.lang.IllegalStateException: a defect");
    }

    @Test
    void read_doesNotHideAnError() {
        Validator<String> failing = delivery -> {
            throw new AssertionError("the JVM is in trouble");
        };

        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> read(EventTime.recordTimestamp(), failing, Logs.record(0, 5)));
    }

    @Test
    void recordSize_isKeyValueAndHeaders() {
        RecordHeaders headers = new RecordHeaders();
        headers.add("größe", bytes("12345")).add("null", null);
        ConsumerRecord<byte[], byte[]> record = new ConsumerRecord<>(
                "t", 0, 42, 0, TimestampType.CREATE_TIME, 3, 4, bytes("key"), bytes("text"), headers, Optional.empty());

        assertThat(RecordSize.of(record)).isEqualTo(3 + 4 + 7 + 5 + 4);
        assertThat(RecordSize.of(Logs.record(0, 0, null))).isZero();
        assertThat(RecordSize.of(List.of(record, record))).isEqualTo(2 * 23L);
    }
}
