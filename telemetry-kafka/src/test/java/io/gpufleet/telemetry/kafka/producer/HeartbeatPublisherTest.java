package io.gpufleet.telemetry.kafka.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gpufleet.telemetry.Codec;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.heartbeat.ClientId;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.heartbeat.SystemInfo;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeartbeatPublisherTest {
    private static final ClientId CLIENT = ClientId.parse("6e1131b49c014b7da25f1077deadbeef");
    private static final Instant TIME = Instant.ofEpochMilli(1_767_225_600_123L);

    private final AtomicBoolean flushes = new AtomicBoolean(true);
    private final MockProducer<byte[], byte[]> producer =
            new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer()) {
                @Override
                public synchronized void flush() {
                    if (flushes.get()) {
                        super.flush();
                    }
                }
            };
    private final HeartbeatPublisher publisher =
            builder().topic("beats").build(outbox(new PatientProducer(producer, 1)));

    /** A codec that encodes nothing but the temperature. */
    private static final class OneByteCodec implements Codec<Heartbeat> {
        @Override
        public int encodedSize(Heartbeat value) {
            return 1;
        }

        @Override
        public void encode(Heartbeat value, ByteBuffer target) {
            target.put((byte) 7);
        }

        @Override
        public Heartbeat decode(ByteBuffer source) {
            throw new UnsupportedOperationException();
        }
    }

    private static RecordOutbox outbox(PatientProducer first) {
        return new RecordOutbox(first, () -> {
            throw new AssertionError("nothing is to be sent again");
        });
    }

    private static HeartbeatPublisher.Builder builder() {
        return HeartbeatPublisher.builder(new OneByteCodec(), "localhost:1");
    }

    private static Heartbeat heartbeat() {
        return new Heartbeat(CLIENT, new SystemInfo(45, 60, 30, 1000, 2000), 24, 1, 82, List.of());
    }

    private CompletableFuture<Void> send() {
        return publisher.send(heartbeat(), TIME);
    }

    @Test
    void send_carriesClientAndTime() {
        assertThat(send()).isNotDone();

        ProducerRecord<byte[], byte[]> sent = producer.history().get(0);
        assertThat(sent.topic()).isEqualTo("beats");
        assertThat(new String(sent.key(), StandardCharsets.US_ASCII)).isEqualTo("6e1131b49c014b7da25f1077deadbeef");
        assertThat(sent.timestamp()).isEqualTo(1_767_225_600_123L);
        assertThat(sent.value()).containsExactly(7);
        assertThat(sent.partition()).isNull();
    }

    @Test
    void send_completesWhenItIsAcknowledged() {
        CompletableFuture<Void> sent = send();
        assertThat(sent).isNotDone();

        producer.completeNext();

        assertThat(sent).isCompleted();
        assertThat(publisher.close(Duration.ZERO)).isZero();
    }

    @Test
    void send_failsWhenTheBrokerRefuses() {
        CompletableFuture<Void> sent = send();

        producer.errorNext(new RecordTooLargeException("too large"));

        assertFailed(sent, "too large");
    }

    @Test
    void send_failsWhenTheProducerThrows() {
        producer.sendException = new IllegalStateException("closed");

        assertFailed(send(), "closed");
        assertThat(publisher.close(Duration.ZERO)).isZero();
    }

    private static void assertFailed(CompletableFuture<Void> sent, String why) {
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(sent::get)
                .havingCause()
                .isInstanceOf(TelemetryException.class)
                .withMessage("Heartbeat of " + CLIENT + " was not sent to beats: " + why);
    }

    @Test
    void send_refusesATimeBefore1970() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> publisher.send(heartbeat(), Instant.ofEpochMilli(-1)))
                .withMessage("time: 1969-12-31T23:59:59.999Z is before 1970");
    }

    @Test
    void close_sendsWhatIsBuffered() {
        CompletableFuture<Void> sent = send();

        assertThat(publisher.close(Duration.ofSeconds(10))).isZero();

        assertThat(sent).isCompleted();
        assertThat(producer.closed()).isTrue();
    }

    @Test
    void close_waitsForAsLongAsADurationCanSay() {
        CompletableFuture<Void> sent = send();

        assertThat(publisher.close(Duration.ofSeconds(Long.MAX_VALUE))).isZero();

        assertThat(sent).isCompleted();
    }

    /** The host's work may fill the common pool. */
    @Test
    void close_needsNoThreadOfOthers() {
        CompletableFuture<Void> sent = send();
        CountDownLatch end = new CountDownLatch(1);
        for (int i = 0; i < ForkJoinPool.getCommonPoolParallelism(); i++) {
            ForkJoinPool.commonPool().execute(() -> awaitQuietly(end));
        }
        try {
            assertThat(publisher.close(Duration.ofSeconds(10))).isZero();
        } finally {
            end.countDown();
        }
        assertThat(sent).isCompleted();
    }

    private static void awaitQuietly(CountDownLatch end) {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void close_countsWhatIsNotAcknowledged() {
        flushes.set(false);
        CompletableFuture<Void> first = send();
        CompletableFuture<Void> second = send();
        producer.completeNext();

        assertThat(first).isCompleted();
        assertThat(second).isNotDone();
        assertThat(publisher.close(Duration.ofSeconds(10))).isEqualTo(1);
    }

    @Test
    void close_doesNotCountWhatTheHostGaveUpAndTheBrokerTook() {
        flushes.set(false);
        CompletableFuture<Void> sent = send();
        sent.cancel(false);
        producer.completeNext();

        assertThat(publisher.close(Duration.ofSeconds(10))).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"acks", "enable.idempotence", "key.serializer", "value.serializer"})
    void overrides_refuseWhatKeepsHeartbeatsSafe(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().overrides(Map.of(name, "x")))
                .withMessage("overrides: " + name
                        + "=x cannot be set: records are sent as bytes, idempotently, with acks=all");
    }

    @Test
    void properties_areSafeWhateverTheHostSets() {
        assertThat(ProducerProperties.of("a:1", Map.of("max.block.ms", 5L), Map.of("max.block.ms", 9L, "linger.ms", 1)))
                .containsAllEntriesOf(Map.of(
                        "bootstrap.servers",
                        "a:1",
                        "max.block.ms",
                        9L,
                        "linger.ms",
                        1,
                        "acks",
                        "all",
                        "enable.idempotence",
                        true,
                        "key.serializer",
                        ByteArraySerializer.class.getName(),
                        "value.serializer",
                        ByteArraySerializer.class.getName()));
    }

    @Test
    void close_refusesALimitBelowZero() {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> publisher.close(Duration.ofSeconds(Long.MIN_VALUE)))
                .withMessage("limit: " + Duration.ofSeconds(Long.MIN_VALUE) + " is negative, but must be 0 or more");
    }

    @Test
    void send_refusesATimeThatNoTimestampHolds() {
        for (Instant time : List.of(Instant.MIN, Instant.MAX)) {
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> publisher.send(heartbeat(), time))
                    .withMessageStartingWith("time: " + time + " is ");
        }
    }
}
