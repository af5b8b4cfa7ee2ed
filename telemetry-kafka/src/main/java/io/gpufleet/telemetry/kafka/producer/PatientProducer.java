package io.gpufleet.telemetry.kafka.producer;

import io.gpufleet.telemetry.kafka.internal.Refusal;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A producer whose {@code send} waits while no broker can be reached or the buffer is full, but not for a topic that
 * the cluster does not have: it waits in turns, each of which ends with the reason for the wait. Thread-safe.
 */
final class PatientProducer {
    private static final long TURN_MILLIS = 20_000;

    private final Producer<byte[], byte[]> producer;
    private final long turns;

    /** The thread that reports outcomes of records; without it none would leave the buffer. */
    private volatile @Nullable Thread telling;

    PatientProducer(Producer<byte[], byte[]> producer, long turns) {
        this.producer = producer;
        this.turns = turns;
    }

    /** Starts the thread of a producer; {@code max.block.ms} limits all turns together, and is unlimited by default. */
    static PatientProducer start(Map<String, Object> properties) {
        Object limit = properties.getOrDefault(ProducerConfig.MAX_BLOCK_MS_CONFIG, Long.MAX_VALUE);
        long millis = (Long) ConfigDef.parseType(ProducerConfig.MAX_BLOCK_MS_CONFIG, limit, ConfigDef.Type.LONG);
        long turns = Math.max(1, millis / TURN_MILLIS);
        Map<String, Object> inTurns = new HashMap<>(properties);
        inTurns.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, millis / turns);
        return new PatientProducer(new KafkaProducer<>(inTurns), turns);
    }

    /** Sends a record; its outcome may be reported before this returns. */
    @SuppressWarnings("FutureReturnValueIgnored") // the callback takes the outcome
    void send(ProducerRecord<byte[], byte[]> message, Callback outcome) {
        // The thread that frees room in the buffer would wait for itself.
        long allowed = Thread.currentThread() == telling ? 1 : turns;
        for (long turn = 1; turn <= allowed; turn++) {
            Turn current = new Turn(outcome, turn < allowed);
            producer.send(copy(message), current);
            if (!current.hasEnded()) {
                return;
            }
        }
    }

    /** Copies a record, because a sent one may be sealed. */
    private static ProducerRecord<byte[], byte[]> copy(ProducerRecord<byte[], byte[]> message) {
        return new ProducerRecord<>(
                message.topic(),
                message.partition(),
                message.timestamp(),
                message.key(),
                message.value(),
                message.headers());
    }

    /** Waits until the outcomes of all records are known and reported. */
    void flush() {
        producer.flush();
    }

    void close(Duration limit) {
        producer.close(limit);
    }

    /** One turn of a send: keeps the outcome that room or topic was missing, and passes every other outcome on. */
    private final class Turn implements Callback {
        private final Callback outcome;
        private final boolean mayBeFollowed;
        private final Thread sender = Thread.currentThread();
        private boolean ended;
        private boolean over;

        private Turn(Callback outcome, boolean mayBeFollowed) {
            this.outcome = outcome;
            this.mayBeFollowed = mayBeFollowed;
        }

        /** Returns whether another turn follows. Called by the sender when the producer has returned. */
        boolean hasEnded() {
            over = true;
            return ended;
        }

        @Override
        public void onCompletion(@Nullable RecordMetadata metadata, @Nullable Exception failure) {
            if (Thread.currentThread() != sender) {
                telling = Thread.currentThread();
            } else if (!over && mayBeFollowed && passes(failure)) {
                ended = true;
                return;
            }
            outcome.onCompletion(metadata, failure);
        }

        private boolean passes(@Nullable Exception failure) {
            return failure instanceof TimeoutException && !Refusal.isOfUnknownTopic(failure);
        }
    }
}
