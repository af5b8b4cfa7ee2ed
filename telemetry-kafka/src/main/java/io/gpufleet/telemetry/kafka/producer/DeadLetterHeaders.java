package io.gpufleet.telemetry.kafka.producer;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.SinkException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The headers of a {@link DeadLetterTopic} with the origin of a record and the reasons of its refusal, behind the
 * record's own headers.
 */
public enum DeadLetterHeaders {
    /**
     * {@code __dlq.errors.} with group, topic, partition, offset, message, stage and exception.class.name, and left.out
     * if a part of the record was left out; all values are UTF-8 text.
     */
    SDK {
        @Override
        Map<String, byte[]> of(DeadLetter letter, String groupId) {
            Map<String, byte[]> headers = new LinkedHashMap<>();
            headers.put("__dlq.errors.group", text(groupId));
            headers.put("__dlq.errors.topic", text(letter.partition().topic()));
            headers.put("__dlq.errors.partition", text(letter.partition().partition()));
            headers.put("__dlq.errors.offset", text(letter.offset()));
            headers.put("__dlq.errors.message", text(message(letter)));
            headers.put("__dlq.errors.stage", text(letter.stage()));
            exception(letter).ifPresent(name -> headers.put("__dlq.errors.exception.class.name", text(name)));
            return headers;
        }

        @Override
        String leftOut() {
            return "__dlq.errors.left.out";
        }
    },
    /**
     * The names of Spring for Apache Kafka's {@code DeadLetterPublishingRecoverer}: {@code kafka_dlt-original-topic}
     * and so on; numbers are big-endian integers. The SDK adds {@code kafka_dlt-left-out}, text, if a part of the
     * record was left out.
     */
    SPRING {
        @Override
        Map<String, byte[]> of(DeadLetter letter, String groupId) {
            Map<String, byte[]> headers = new LinkedHashMap<>();
            headers.put("kafka_dlt-original-topic", text(letter.partition().topic()));
            headers.put(
                    "kafka_dlt-original-partition", integer(letter.partition().partition()));
            headers.put("kafka_dlt-original-offset", number(letter.offset()));
            letter.source().timestamp().ifPresent(time -> {
                headers.put("kafka_dlt-original-timestamp", number(time.toEpochMilli()));
                headers.put("kafka_dlt-original-timestamp-type", text(timestampType(letter)));
            });
            headers.put("kafka_dlt-original-consumer-group", text(groupId));
            exception(letter).ifPresent(name -> headers.put("kafka_dlt-exception-fqcn", text(name)));
            headers.put("kafka_dlt-exception-message", text(message(letter)));
            return headers;
        }

        @Override
        String leftOut() {
            return "kafka_dlt-left-out";
        }
    },
    /**
     * The names of Kafka Connect's dead letter queue: {@code __connect.errors.topic} and so on; all values are text.
     * The SDK adds {@code __connect.errors.left.out} if a part of the record was left out.
     */
    CONNECT {
        @Override
        Map<String, byte[]> of(DeadLetter letter, String groupId) {
            Map<String, byte[]> headers = new LinkedHashMap<>();
            headers.put("__connect.errors.topic", text(letter.partition().topic()));
            headers.put("__connect.errors.partition", text(letter.partition().partition()));
            headers.put("__connect.errors.offset", text(letter.offset()));
            headers.put("__connect.errors.connector.name", text(groupId));
            headers.put("__connect.errors.stage", text(letter.stage()));
            exception(letter).ifPresent(name -> headers.put("__connect.errors.exception.class.name", text(name)));
            headers.put("__connect.errors.exception.message", text(message(letter)));
            return headers;
        }

        @Override
        String leftOut() {
            return "__connect.errors.left.out";
        }
    };

    /** Returns the headers to add for a dead letter. */
    abstract Map<String, byte[]> of(DeadLetter letter, String groupId);

    /** Returns the name of the header that lists the left-out parts of the record. */
    abstract String leftOut();

    private static String timestampType(DeadLetter letter) {
        return switch (letter.source().timestampType()) {
            case CREATE_TIME -> "CreateTime";
            case LOG_APPEND_TIME -> "LogAppendTime";
        };
    }

    private static String message(DeadLetter letter) {
        return String.join("; ", letter.reasons());
    }

    /** Returns the exception with which a stage refuses records; a validator throws none. */
    private static Optional<String> exception(DeadLetter letter) {
        return switch (letter.stage()) {
            case DECODE -> Optional.of(CodecException.class.getName());
            case VALIDATE, SAMPLE -> Optional.empty();
            case WRITE -> Optional.of(SinkException.class.getName());
        };
    }

    private static byte[] text(Object value) {
        String text =
                value instanceof DeadLetter.Stage stage ? stage.name().toLowerCase(Locale.ROOT) : value.toString();
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] integer(int value) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
    }

    private static byte[] number(long value) {
        return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
    }
}
