package io.gpufleet.telemetry.kafka.producer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gpufleet.telemetry.Codec;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.gpu.GpuAsset;
import io.gpufleet.telemetry.gpu.MetricEvent;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class GpuAssetPublisherTest {
    private static final GpuAsset ASSET = GpuAsset.of("GPU-1", "H100", MetricEvent.Host.of("n1"));

    private final MockProducer<byte[], byte[]> producer =
            new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer()) {
                @Override
                public synchronized void flush() {}
            };
    private final GpuAssetPublisher publisher = GpuAssetPublisher.builder(new ModelCodec(), "localhost:1")
            .build(new RecordOutbox(new PatientProducer(producer, 1), () -> {
                throw new AssertionError("nothing is to be sent again");
            }));

    /** A codec that encodes nothing but the model. */
    private static final class ModelCodec implements Codec<GpuAsset> {
        @Override
        public int encodedSize(GpuAsset value) {
            return value.model().length();
        }

        @Override
        public void encode(GpuAsset value, ByteBuffer target) {
            target.put(value.model().getBytes(UTF_8));
        }

        @Override
        public GpuAsset decode(ByteBuffer source) {
            throw new UnsupportedOperationException();
        }
    }

    @Test
    void send_carriesTheUuidAndTheTimeOfSending() {
        Instant before = Instant.now();
        CompletableFuture<Void> sent = publisher.send(ASSET);

        ProducerRecord<byte[], byte[]> record = producer.history().get(0);
        assertThat(record.topic()).isEqualTo("gpu-assets");
        assertThat(new String(record.key(), UTF_8)).isEqualTo("GPU-1");
        assertThat(new String(record.value(), UTF_8)).isEqualTo("H100");
        assertThat(record.timestamp())
                .isBetween(before.toEpochMilli(), Instant.now().toEpochMilli());
        assertThat(sent).isNotDone();
        producer.completeNext();
        assertThat(sent).isCompleted();
    }

    @Test
    void remove_sendsARecordWithoutAValue() {
        CompletableFuture<Void> sent = publisher.remove("GPU-1");

        ProducerRecord<byte[], byte[]> record = producer.history().get(0);
        assertThat(new String(record.key(), UTF_8)).isEqualTo("GPU-1");
        assertThat(record.value()).isNull();
        producer.errorNext(new RecordTooLargeException("too large"));
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(sent::get)
                .withCauseInstanceOf(TelemetryException.class)
                .withMessageContaining("Removal of GPU-1 was not sent to gpu-assets: ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> publisher.remove(" "))
                .withMessageStartingWith("uuid");
    }

    @Test
    void close_countsWhatWasNotAcknowledged() {
        CompletableFuture<Void> sent = publisher.send(ASSET);
        CompletableFuture<Void> removed = publisher.remove("GPU-1");

        assertThat(publisher.close(Duration.ZERO)).isEqualTo(2);
        assertThat(List.of(sent, removed)).noneMatch(CompletableFuture::isDone);
    }
}
