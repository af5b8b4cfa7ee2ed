package io.gpufleet.telemetry.kafka.producer;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The waits of a send, and the records that are sent again. */
@Timeout(30)
class PatientProducerTest {
    private static TimeoutException noRoom() {
        return new TimeoutException("no room");
    }

    private static TimeoutException noTopic() {
        return new TimeoutException("Topic t not present", new UnknownTopicOrPartitionException());
    }

    /** A producer that fails a set number of times before it accepts a record, on the sending thread. */
    private static final class Client extends MockProducer<byte[], byte[]> {
        private final Deque<RuntimeException> failures = new ArrayDeque<>();
        private int sends;

        private Client() {
            super(false, null, new ByteArraySerializer(), new ByteArraySerializer());
        }

        @Override
        public synchronized Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> message, Callback callback) {
            sends++;
            RuntimeException failure = failures.poll();
            if (failure == null) {
                return super.send(message, callback);
            }
            callback.onCompletion(null, failure);
            return CompletableFuture.failedFuture(failure);
        }
    }

    private final Client client = new Client();
    private final Client secondClient = new Client();
    private final List<String> outcomes = new ArrayList<>();

    private static ProducerRecord<byte[], byte[]> message() {
        return new ProducerRecord<>("t", new byte[0]);
    }

    private void outcome(Exception failure) {
        outcomes.add(failure == null ? "arrived" : String.valueOf(failure.getMessage()));
    }

    private void send(long turns) {
        new PatientProducer(client, turns).send(message(), (metadata, failure) -> outcome(failure));
    }

    @Test
    void send_waitsAsLongAsItMay() {
        client.failures.addAll(List.of(noRoom(), noRoom(), noRoom()));
        send(4);
        assertThat(outcomes).isEmpty();
        client.completeNext();
        assertThat(outcomes).containsExactly("arrived");
    }

    @Test
    void send_keepsTheHeaders() {
        ProducerRecord<byte[], byte[]> message = message();
        message.headers().add("a", new byte[] {1}).add("a", new byte[] {2}).add("b", null);
        client.failures.add(noRoom());
        new PatientProducer(client, 2).send(message, (metadata, failure) -> outcome(failure));
        assertThat(client.history().get(0).headers())
                .containsExactly(message.headers().toArray());
    }

    @Test
    void send_waitsNoLonger() {
        client.failures.addAll(List.of(noRoom(), noRoom(), noRoom()));
        send(3);
        assertThat(outcomes).containsExactly("no room");
        assertThat(client.history()).isEmpty();
    }

    @Test
    void send_doesNotWaitForATopicThatIsNotThere() {
        client.failures.addAll(List.of(noRoom(), noTopic(), noRoom()));
        send(Long.MAX_VALUE);
        assertThat(outcomes).containsExactly("Topic t not present");
        assertThat(client.sends).isEqualTo(2);
    }

    @Test
    void send_doesNotWaitForWhatWasBufferedAndRanOut() {
        send(Long.MAX_VALUE);
        client.errorNext(noRoom());
        assertThat(outcomes).containsExactly("no room");
        assertThat(client.sends).isEqualTo(1);
    }

    /** The producer's thread frees the buffer: it must not wait for room. */
    @Test
    void send_fromAnOutcomeWaitsOneTurn() throws InterruptedException {
        PatientProducer producer = new PatientProducer(client, Long.MAX_VALUE);
        producer.send(message(), (metadata, failure) -> {
            client.failures.add(noRoom());
            producer.send(message(), (none, further) -> outcome(further));
        });
        Thread telling = new Thread(client::completeNext);
        telling.start();
        telling.join();
        assertThat(outcomes).containsExactly("no room");
    }

    private RecordOutbox outbox() {
        return new RecordOutbox(new PatientProducer(client, 1), () -> new PatientProducer(secondClient, 1));
    }

    @Test
    void outbox_sendsNeighboursAgainApart() {
        RecordOutbox outbox = outbox();
        for (int i = 0; i < 3; i++) {
            outbox.send(message(), (metadata, failure) -> outcome(failure));
        }
        client.errorNext(new KafkaException("part of a batch"));
        client.errorNext(new InvalidTimestampException("late"));
        client.errorNext(new KafkaException("part of a batch"));

        outbox.flush();

        assertThat(outcomes).containsExactly("late", "arrived", "arrived");
        assertThat(secondClient.history()).hasSize(2);
        outbox.close(Duration.ZERO);
        assertThat(client.closed()).isTrue();
        assertThat(secondClient.closed()).isTrue();
    }

    @Test
    void outbox_sendsAgainOnce() {
        RecordOutbox outbox = outbox();
        outbox.send(message(), (metadata, failure) -> outcome(failure));
        secondClient.failures.add(new KafkaException("again"));
        client.errorNext(new KafkaException("part of a batch"));
        outbox.flush();
        assertThat(outcomes).containsExactly("again");
        outbox.close(Duration.ZERO);
    }

    /** A close fails the remaining records, which is not a refusal. */
    @Test
    void outbox_sendsNothingAgainOnceItIsClosed() {
        RecordOutbox outbox = outbox();
        outbox.send(message(), (metadata, failure) -> outcome(failure));
        outbox.close(Duration.ZERO);
        client.errorNext(new KafkaException("closed forcefully"));
        assertThat(outcomes).containsExactly("closed forcefully");
        assertThat(secondClient.history()).isEmpty();
    }

    @Test
    void outbox_tellsThatNoSecondProducerCanBeMade() {
        RecordOutbox outbox = new RecordOutbox(new PatientProducer(client, 1), () -> {
            throw new IllegalStateException("no file of certificates");
        });
        outbox.send(message(), (metadata, failure) -> outcome(failure));
        client.errorNext(new KafkaException("part of a batch"));
        outbox.flush();
        assertThat(outcomes).containsExactly("no file of certificates");
        outbox.close(Duration.ZERO);
    }
}
