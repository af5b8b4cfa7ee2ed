package io.gpufleet.telemetry;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.SortedSet;
import java.util.function.Consumer;

/**
 * A reader of the values of a record: none, one, or many. {@link Codec} is its form for records of exactly one value.
 *
 * <pre>{@code
 * Decoder<String> lines = (source, values) -> StandardCharsets.UTF_8.decode(source).toString().lines().forEach(line -> {
 *     if (line.isBlank()) {
 *         values.refuse("a blank line");
 *     } else {
 *         values.accept(line);
 *     }
 * });
 * }</pre>
 *
 * <p>A decoder proves that bytes exist before it reads or allocates. It {@linkplain Values#refuse(String) refuses}
 * unreadable values one by one and goes on; a {@link CodecException} means that the rest of the record is unreadable,
 * and leaves the values read before valid. Implementations are thread-safe.
 *
 * @param <T> the type of the values
 */
@FunctionalInterface
public interface Decoder<T> {

    /**
     * A receiver of the values of one record, in their order. Each call, of {@link #accept} or {@link #refuse(String)},
     * is about the next value of the record: the first has the index 0, which is {@link Delivery#index()}. Valid during
     * one call of {@link Decoder#decode(SourceRecord, Values)}, by its thread.
     *
     * @param <T> the type of the values
     */
    interface Values<T> extends Consumer<T> {
        /** The name under which rows are {@linkplain #count counted} whose source has no value to report. */
        String NO_VALUE = "no value";

        /**
         * Accepts the next value.
         *
         * @param value a value of the record
         */
        @Override
        void accept(T value);

        /**
         * Refuses the next value as unreadable; the values around it are readable.
         *
         * @param reason the fault and its place: {@code line 7: "abc" is not a number}
         */
        void refuse(String reason);

        /**
         * Refuses the next value as unreadable, with the kind of its fault. A fault that stands in every record must
         * not fill the store with dead letters: a consumer whose sink stores parts of records stores a kind once a day
         * and after each pause of an hour, by record timestamps, and counts its repetitions.
         *
         * @param reason the fault and its place, as for {@link #refuse(String)}
         * @param kind a text of any length that the same fault of the same source has in every record, without its
         *     place and time: {@code GPU-5fd1…, DCGM_FI_DEV_COMPUTE_PIDS, not a number}
         */
        default void refuse(String reason, String kind) {
            refuse(reason);
        }

        /**
         * Counts parts of the record that are neither a value nor a fault, such as rows {@linkplain #NO_VALUE without a
         * value}. The numbers of a batch come with the event {@link TelemetryEvent.SamplesWritten}.
         *
         * @param what their name, one of few
         * @param number how many of them, 1 or more
         */
        default void count(String what, int number) {}
    }

    /**
     * Reads all values of a record; the consumer and the replay of dead letters call this method. For decoders that
     * need a record's headers or its timestamp, not only its value.
     *
     * @param source a record that has a value; one without, if this decoder {@linkplain #readsTombstones() reads} those
     * @param values takes the values
     * @throws CodecException if the value, or the rest of it, is not values
     * @throws java.util.NoSuchElementException if the record has no value
     */
    default void decode(SourceRecord source, Values<? super T> values) {
        decode(source.value().orElseThrow(), values);
    }

    /**
     * Returns whether {@link #decode(SourceRecord, Values)} also reads records without a value, such as those that
     * remove a key from a compacted topic. Asked once, before the first record.
     *
     * @return true if such records are decoded; false (the default) if they are counted and skipped
     */
    default boolean readsTombstones() {
        return false;
    }

    /**
     * Reads all values between the buffer's position and its limit. The buffer's byte order is neither used nor
     * changed; its position afterwards is unspecified.
     *
     * @param source the bytes of a record
     * @param values takes the values
     * @throws CodecException if the bytes, or the rest of them, are not values
     */
    void decode(ByteBuffer source, Values<? super T> values);

    /**
     * Reads all values of an array.
     *
     * @param source the bytes of a record
     * @param values takes the values
     * @throws CodecException as {@link #decode(ByteBuffer, Values)}
     */
    default void decode(byte[] source, Values<? super T> values) {
        decode(ByteBuffer.wrap(source), values);
    }

    /**
     * Reads all values of a record, and fails at the first unreadable one.
     *
     * @param source the bytes of a record
     * @param values takes the values
     * @throws CodecException if a value cannot be read; the values before it were handed out
     */
    default void decode(ByteBuffer source, Consumer<? super T> values) {
        decode(source, new StrictValues<>(values));
    }

    /**
     * Reads all values of an array, and fails at the first unreadable one.
     *
     * @param source the bytes of a record
     * @param values takes the values
     * @throws CodecException if a value cannot be read; the values before it were handed out
     */
    default void decode(byte[] source, Consumer<? super T> values) {
        decode(source, new StrictValues<>(values));
    }

    /**
     * Returns the bytes of a dead letter for a record whose other values are stored: a record from which this decoder
     * reads the refused values again, and as few of the others as possible.
     *
     * @param source the bytes of the record, which was decoded before
     * @param indexes the indexes of the refused values, at least one; for a record that ended in a
     *     {@link CodecException}, the last one is the index behind the values handed out
     * @return the bytes of a record (default: all of {@code source})
     */
    default byte[] excerpt(byte[] source, SortedSet<Integer> indexes) {
        return source;
    }

    /**
     * Returns where values stand in a record, for the reasons against values that could be read and are refused by a
     * validator. Called once for a record, if there are such values and it has several.
     *
     * @param source the bytes of the record, which was decoded before
     * @param indexes the indexes of the values, at least one
     * @return {@code line 7} by the index of the value; values whose place is not known are left out (default: all)
     */
    default Map<Integer, String> places(byte[] source, SortedSet<Integer> indexes) {
        return Map.of();
    }
}
