package io.gpufleet.telemetry.kafka.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.gpufleet.telemetry.Codec;
import io.gpufleet.telemetry.TelemetryException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** Publishing of values that are not heartbeats; {@link HeartbeatPublisherTest} covers the rest. */
class TelemetryPublisherTest {
    private static final Instant TIME = Instant.parse("2026-03-01T12:00:00.123Z");
    private static final Door DOOR = new Door("Nürnberg/3", TIME, 17);

    private final MockProducer<byte[], byte[]> producer =
            new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());

    private record Door(String name, Instant openedAt, int opened) {}

    private static final class DoorCodec implements Codec<Door> {
        @Override
        public int encodedSize(Door value) {
            return 1;
        }

        @Override
        public void encode(Door value, ByteBuffer target) {
            target.put((byte) value.opened());
        }

        @Override
        public Door decode(ByteBuffer source) {
            throw new UnsupportedOperationException();
        }
    }

    private static TelemetryPublisher.Builder<Door> builder() {
        return TelemetryPublisher.builder(new DoorCodec(), "localhost:1", "doors");
    }

    private TelemetryPublisher<Door> publisher(UnaryOperator<TelemetryPublisher.Builder<Door>> options) {
        return options.apply(builder()).build(new RecordOutbox(new PatientProducer(producer, 1), () -> {
            throw new AssertionError("nothing is to be sent again");
        }));
    }

    @Test
    void send_takesKeyAndTimeFromTheValue() {
        TelemetryPublisher<Door> publisher =
                publisher(options -> options.key(Door::name).time(Door::openedAt));

        CompletableFuture<Void> sent = publisher.send(DOOR);

        ProducerRecord<byte[], byte[]> record = producer.history().get(0);
        assertThat(record.topic()).isEqualTo("doors");
        assertThat(new String(record.key(), StandardCharsets.UTF_8)).isEqualTo("Nürnberg/3");
        assertThat(record.timestamp()).isEqualTo(TIME.toEpochMilli());
        assertThat(record.value()).containsExactly(17);
        assertThat(record.partition()).isNull();
        assertThat(publisher.close(Duration.ofSeconds(10))).isZero();
        assertThat(sent).isCompleted();
    }

    @Test
    void send_takesATimeBesideTheValue() {
        assertThat(publisher(options -> options).send(DOOR, TIME.plusSeconds(1)))
                .isNotDone();

        assertThat(producer.history().get(0).key()).isNull();
        assertThat(producer.history().get(0).timestamp())
                .isEqualTo(TIME.plusSeconds(1).toEpochMilli());
    }

    @Test
    void send_namesWhatWasNotSent() {
        assertRefused(publisher(options -> options.key(Door::name)), "Record of Nürnberg/3 was not sent to doors: ");
        assertRefused(publisher(options -> options), "Record at " + TIME + " was not sent to doors: ");
    }

    private void assertRefused(TelemetryPublisher<Door> publisher, String why) {
        CompletableFuture<Void> sent = publisher.send(DOOR, TIME);
        producer.errorNext(new RecordTooLargeException("too large"));

        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(sent::get)
                .havingCause()
                .isInstanceOf(TelemetryException.class)
                .withMessage(why + "too large");
    }

    @Test
    void send_throwsWhatTheHostsFunctionThrows() {
        TelemetryPublisher<Door> publisher = publisher(options -> options.key(door -> {
            throw new UnsupportedOperationException("no key");
        }));

        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> publisher.send(DOOR, TIME))
                .withMessage("no key");
        assertThat(publisher.close(Duration.ZERO)).isZero();
    }

    @Test
    void send_needsATime() {
        assertThatIllegalStateException()
                .isThrownBy(() -> publisher(options -> options.key(Door::name)).send(DOOR))
                .withMessage("time: no function is set; send(value, time) takes the time beside the value");
    }

    @Test
    void throughput_isLessThanAnOverrideAndAsSafe() {
        assertThat(builder().throughput().overrides(Map.of("linger.ms", 7)).properties())
                .containsAllEntriesOf(Map.of(
                        "linger.ms",
                        7,
                        "batch.size",
                        65_536,
                        "compression.type",
                        "lz4",
                        "delivery.timeout.ms",
                        Integer.MAX_VALUE,
                        "acks",
                        "all",
                        "enable.idempotence",
                        true));
        assertThat(builder().properties()).doesNotContainKeys("linger.ms", "batch.size", "compression.type");
    }
}
