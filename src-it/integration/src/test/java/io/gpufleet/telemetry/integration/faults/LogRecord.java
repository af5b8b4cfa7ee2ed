package io.gpufleet.telemetry.integration.faults;

import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** A record in the log. The arrays are never changed. Immutable under that rule. */
final class LogRecord {

    /** A partition of a topic that was not recreated. Immutable. */
    record Log(UUID topicId, int partition) {

        /** Returns a place in it as text, in the form of the tables' queries. */
        String place(long offset) {
            return topicId + " " + partition + " " + offset;
        }
    }

    private final Log log;
    private final ConsumerRecord<byte[], byte[]> source;

    LogRecord(UUID topicId, ConsumerRecord<byte[], byte[]> source) {
        this.log = new Log(topicId, source.partition());
        this.source = source;
    }

    Log log() {
        return log;
    }

    long offset() {
        return source.offset();
    }

    long timestampMillis() {
        return source.timestamp();
    }

    /** Returns the key; null if there is none. */
    byte[] key() {
        return source.key();
    }

    byte[] value() {
        return source.value();
    }

    /** Returns its place as text, in the form of the tables' queries. */
    String place() {
        return log.place(offset());
    }
}
