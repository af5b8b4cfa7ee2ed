package io.gpufleet.telemetry.testkit;

import io.gpufleet.telemetry.heartbeat.Heartbeat;
import java.time.Instant;

/**
 * A record of a simulated fleet as it goes to Kafka, with its expected fate at a consumer.
 *
 * <p>The arrays are handed out as they are, not copied; they must not be changed. Immutable under that rule.
 */
public final class FleetRecord implements TestRecord {
    /** What a consumer must make of a record. */
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
     * Returns the record's expected fate at a consumer.
     *
     * @return the kind
     */
    public Kind kind() {
        return kind;
    }

    /**
     * Returns the record's key: the client's id in 32 lower-case hexadecimal characters, unless a wrong key is what the
     * record is refused for.
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
     * @return the bytes themselves, on the wire as they are here
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
     * Returns what was encoded, before the bytes were damaged, if they were.
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
