package io.gpufleet.telemetry.kafka.producer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.SourceRecord;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DeadLetterHeadersTest {
    private static final SourceRecord SOURCE = SourceRecord.builder(new SourcePartition("größe", 258), 4_295_000_066L)
            .timestampMillis(1_767_225_600_123L)
            .build();

    private static DeadLetter letter(DeadLetter.Stage stage) {
        return new DeadLetter(SOURCE, stage, List.of("too hot", "zu spät"));
    }

    /** Returns the headers' values: text unchanged, other bytes in hexadecimal behind {@code 0x}. */
    private static Map<String, String> of(DeadLetterHeaders names, DeadLetter letter) {
        Map<String, String> headers = new LinkedHashMap<>();
        names.of(letter, "group").forEach((name, value) -> headers.put(name, print(value)));
        return headers;
    }

    private static String print(byte[] value) {
        return value[0] < ' ' ? "0x" + HexFormat.of().formatHex(value) : new String(value, StandardCharsets.UTF_8);
    }

    @Test
    void sdk_isAllText() {
        assertThat(of(DeadLetterHeaders.SDK, letter(DeadLetter.Stage.DECODE)))
                .containsExactly(
                        Map.entry("__dlq.errors.group", "group"),
                        Map.entry("__dlq.errors.topic", "größe"),
                        Map.entry("__dlq.errors.partition", "258"),
                        Map.entry("__dlq.errors.offset", "4295000066"),
                        Map.entry("__dlq.errors.message", "too hot; zu spät"),
                        Map.entry("__dlq.errors.stage", "decode"),
                        Map.entry("__dlq.errors.exception.class.name", "io.gpufleet.telemetry.CodecException"));
    }

    @Test
    void spring_hasBigEndianNumbers() {
        assertThat(of(DeadLetterHeaders.SPRING, letter(DeadLetter.Stage.WRITE)))
                .containsExactly(
                        Map.entry("kafka_dlt-original-topic", "größe"),
                        Map.entry("kafka_dlt-original-partition", "0x00000102"),
                        Map.entry("kafka_dlt-original-offset", "0x0000000100008002"),
                        Map.entry("kafka_dlt-original-timestamp", "0x0000019b76daa87b"),
                        Map.entry("kafka_dlt-original-timestamp-type", "CreateTime"),
                        Map.entry("kafka_dlt-original-consumer-group", "group"),
                        Map.entry("kafka_dlt-exception-fqcn", "io.gpufleet.telemetry.SinkException"),
                        Map.entry("kafka_dlt-exception-message", "too hot; zu spät"));
    }

    @Test
    void spring_leavesOutATimestampThatIsNotThere() {
        SourceRecord timeless =
                SourceRecord.builder(new SourcePartition("t", 0), 0).build();

        assertThat(of(DeadLetterHeaders.SPRING, new DeadLetter(timeless, DeadLetter.Stage.VALIDATE, List.of("bad"))))
                .doesNotContainKeys("kafka_dlt-original-timestamp", "kafka_dlt-original-timestamp-type");
    }

    @Test
    void spring_saysThatATimestampIsTheBrokers() {
        SourceRecord timedByBroker = SourceRecord.builder(new SourcePartition("t", 0), 0)
                .timestampMillis(1)
                .timestampType(SourceRecord.TimestampType.LOG_APPEND_TIME)
                .build();

        assertThat(of(
                        DeadLetterHeaders.SPRING,
                        new DeadLetter(timedByBroker, DeadLetter.Stage.VALIDATE, List.of("bad"))))
                .containsEntry("kafka_dlt-original-timestamp-type", "LogAppendTime");
    }

    @Test
    void connect_isAllText() {
        assertThat(of(DeadLetterHeaders.CONNECT, letter(DeadLetter.Stage.WRITE)))
                .containsExactly(
                        Map.entry("__connect.errors.topic", "größe"),
                        Map.entry("__connect.errors.partition", "258"),
                        Map.entry("__connect.errors.offset", "4295000066"),
                        Map.entry("__connect.errors.connector.name", "group"),
                        Map.entry("__connect.errors.stage", "write"),
                        Map.entry("__connect.errors.exception.class.name", "io.gpufleet.telemetry.SinkException"),
                        Map.entry("__connect.errors.exception.message", "too hot; zu spät"));
    }

    @Test
    void of_namesNoExceptionOfAValidator() {
        DeadLetter refused = letter(DeadLetter.Stage.VALIDATE);

        assertThat(of(DeadLetterHeaders.SDK, refused))
                .containsEntry("__dlq.errors.stage", "validate")
                .doesNotContainKey("__dlq.errors.exception.class.name");
        assertThat(of(DeadLetterHeaders.SPRING, refused)).doesNotContainKey("kafka_dlt-exception-fqcn");
        assertThat(of(DeadLetterHeaders.CONNECT, refused)).doesNotContainKey("__connect.errors.exception.class.name");
    }
}
