package io.gpufleet.telemetry.testkit;

import io.gpufleet.telemetry.heartbeat.Heartbeat;
import java.time.Instant;

/**
 * A record of a simulated fleet as sent to Kafka, with its expected result at a consumer.
 *
 * <p>The arrays are not copied and must not be changed. Immutable under that rule.
 */
public final class FleetRecord implements TestRecord {
    /** The expected result at a consumer. */
    public enum Kind {
        /** It decodes and validates: stored. */
        GOOD,
        /** Its bytes do not decode: a dead letter. */
        DAMAGED,
        /** It decodes, and a validator refuses it: a dead letter. */
        REFUSED
    }

    private final Kind kind;
    private final byte[] key;
    private final byte[] value;
    private final Instant timestamp;
    private final Heartbeat heartbeat;

    FleetRecord(Kind kind, byte[] key, byte[] value, Instant timestamp, Heartbeat heartbeat) {
        this.kind = kind;
        this.key = key;
        this.value = value;
        this.timestamp = timestamp;
        this.heartbeat = heartbeat;
    }

    /**
     * Returns the record's expected result at a consumer.
     *
     * @return the kind
     */
    public Kind kind() {
        return kind;
    }

    /**
     * Returns the record's key: the client's id in 32 lower-case hexadecimal characters, unless the record is refused
     * for a wrong key.
     *
     * @return the bytes themselves
     */
    @Override
    public byte[] key() {
        return key;
    }

    /**
     * Returns the record's value.
     *
     * @return the bytes themselves, as sent
     */
    @Override
    public byte[] value() {
        return value;
    }

    /**
     * Returns the record's timestamp, the heartbeat's time.
     *
     * @return a time in whole milliseconds
     */
    @Override
    public Instant timestamp() {
        return timestamp;
    }

    /**
     * Returns the encoded heartbeat, as it was before any damage to the bytes.
     *
     * @return the heartbeat
     */
    public Heartbeat heartbeat() {
        return heartbeat;
    }

    @Override
    public String toString() {
        return kind + " of " + heartbeat.clientId() + " at " + timestamp;
    }
}
