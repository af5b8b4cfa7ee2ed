package io.gpufleet.telemetry;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An undecoded record of a log: its partition, offset, timestamp, key, value and headers.
 *
 * <p>The arrays are handed out without a copy and must not be changed. Immutable under that rule.
 */
public final class SourceRecord {

    /**
     * A header of a record. The array is not copied.
     *
     * @param key the header's name
     * @param value its bytes, or null: Kafka distinguishes an absent value from an empty one
     */
    @SuppressWarnings("ArrayRecordComponent") // headers are carried, never compared
    public record Header(String key, byte @Nullable [] value) {

        /**
         * Checks the components.
         *
         * @param key as the component
         * @param value as the component
         */
        public Header {
            requireNonNull(key, "key");
        }
    }

    /** The clock of a record's timestamp, as Kafka keeps it with the record. */
    public enum TimestampType {
        /** The producer's: the time of the value, as far as the producer sets it. */
        CREATE_TIME,
        /** The broker's: the time at which the record was appended to the log, so that neighbours share a timestamp. */
        LOG_APPEND_TIME
    }

    /** The timestamp of a record that has none, as Kafka writes it. */
    public static final long NO_TIMESTAMP = -1;

    private final SourcePartition partition;
    private final long offset;
    private final long timestampMillis;
    private final TimestampType timestampType;
    private final byte @Nullable [] key;
    private final byte @Nullable [] value;
    private final List<Header> headers;

    private SourceRecord(Builder builder) {
        this.partition = builder.partition;
        this.offset = builder.offset;
        this.timestampMillis = builder.timestampMillis;
        this.timestampType = builder.timestampType;
        this.key = builder.key;
        this.value = builder.value;
        this.headers = builder.headers;
    }

    /**
     * Returns this record with another value.
     *
     * @param bytes the value
     * @return a record of the same place, time, key and headers
     */
    public SourceRecord withValue(byte[] bytes) {
        return builder(partition, offset)
                .timestampMillis(timestampMillis)
                .timestampType(timestampType)
                .key(key)
                .value(bytes)
                .headers(headers)
                .build();
    }

    /**
     * Returns the builder of a record without timestamp, key, value and headers.
     *
     * @param partition its partition
     * @param offset its offset there, 0 or more
     * @return a builder
     */
    public static Builder builder(SourcePartition partition, long offset) {
        return new Builder(partition, offset);
    }

    /**
     * Returns the partition of the record.
     *
     * @return topic and partition
     */
    public SourcePartition partition() {
        return partition;
    }

    /**
     * Returns the record's offset in its partition.
     *
     * @return 0 or more
     */
    public long offset() {
        return offset;
    }

    /**
     * Returns the record's timestamp.
     *
     * @return the time in milliseconds, absent if the record has none
     */
    public Optional<Instant> timestamp() {
        return timestampMillis == NO_TIMESTAMP ? Optional.empty() : Optional.of(Instant.ofEpochMilli(timestampMillis));
    }

    /**
     * Returns the record's timestamp as a number.
     *
     * @return milliseconds since 1970, or {@link #NO_TIMESTAMP}
     */
    public long timestampMillis() {
        return timestampMillis;
    }

    /**
     * Returns the clock of the timestamp.
     *
     * @return the type; {@link TimestampType#CREATE_TIME} if there is no timestamp
     */
    public TimestampType timestampType() {
        return timestampType;
    }

    /**
     * Returns the record's key.
     *
     * @return the bytes themselves, absent if the key is null
     */
    public Optional<byte[]> key() {
        return Optional.ofNullable(key);
    }

    /**
     * Returns the record's value.
     *
     * @return the bytes themselves, absent for a tombstone
     */
    public Optional<byte[]> value() {
        return Optional.ofNullable(value);
    }

    /**
     * Returns the record's headers in their order; names may repeat.
     *
     * @return an immutable list
     */
    public List<Header> headers() {
        return headers;
    }

    /**
     * Returns the size of key, value and headers.
     *
     * @return bytes, 0 or more
     */
    public int sizeInBytes() {
        int size = length(key) + length(value);
        for (Header header : headers) {
            size += header.key().getBytes(StandardCharsets.UTF_8).length + length(header.value());
        }
        return size;
    }

    private static int length(byte @Nullable [] bytes) {
        return bytes == null ? 0 : bytes.length;
    }

    /** Returns the record's place, without its contents. */
    @Override
    public String toString() {
        return partition + "@" + offset;
    }

    /** Builds a {@link SourceRecord}. Not thread-safe. */
    public static final class Builder {
        private final SourcePartition partition;
        private final long offset;
        private long timestampMillis = NO_TIMESTAMP;
        private TimestampType timestampType = TimestampType.CREATE_TIME;
        private byte @Nullable [] key;
        private byte @Nullable [] value;
        private List<Header> headers = List.of();

        private Builder(SourcePartition partition, long offset) {
            this.partition = requireNonNull(partition, "partition");
            if (offset < 0) {
                throw new IllegalArgumentException("offset: " + offset + " is not 0 or more");
            }
            this.offset = offset;
        }

        /**
         * Sets the timestamp.
         *
         * @param millis milliseconds since 1970, or {@link #NO_TIMESTAMP} (the default)
         * @return this
         */
        public Builder timestampMillis(long millis) {
            this.timestampMillis = millis;
            return this;
        }

        /**
         * Sets the clock of the timestamp.
         *
         * @param type the type (default: {@link TimestampType#CREATE_TIME})
         * @return this
         */
        public Builder timestampType(TimestampType type) {
            this.timestampType = requireNonNull(type, "type");
            return this;
        }

        /**
         * Sets the key.
         *
         * @param bytes the key, or null (the default)
         * @return this
         */
        public Builder key(byte @Nullable [] bytes) {
            this.key = bytes;
            return this;
        }

        /**
         * Sets the value.
         *
         * @param bytes the value, or null (the default) for a tombstone
         * @return this
         */
        public Builder value(byte @Nullable [] bytes) {
            this.value = bytes;
            return this;
        }

        /**
         * Sets the headers.
         *
         * @param list the headers in their order (default: none)
         * @return this
         */
        public Builder headers(List<Header> list) {
            this.headers = List.copyOf(list);
            return this;
        }

        /**
         * Builds the record.
         *
         * @return an immutable record
         */
        public SourceRecord build() {
            return new SourceRecord(this);
        }
    }
}
