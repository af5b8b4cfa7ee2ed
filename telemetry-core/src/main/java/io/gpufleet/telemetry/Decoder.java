package io.gpufleet.telemetry;

import java.nio.ByteBuffer;
import java.util.SortedSet;
import java.util.function.Consumer;

/**
 * Reads the values of a record: none, one, or many. {@link Codec} is its form for records of exactly one.
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
 * <p>A decoder proves that bytes exist before it reads or allocates. What it cannot read of a record it
 * {@linkplain Values#refuse refuses}, value by value, and goes on; a {@link CodecException} says that nothing more of
 * the record can be read, and leaves the values that were read before valid. Implementations are thread-safe.
 *
 * @param <T> the type of the values
 */
@FunctionalInterface
public interface Decoder<T> {

    /**
     * Takes the values of one record in their order. Each call, of {@link #accept} or {@link #refuse}, is about the
     * next value of the record: the first has the index 0, which is {@link Delivery#index()}. Valid during one call of
     * {@link Decoder#decode(ByteBuffer, Values)}, by its thread.
     *
     * @param <T> the type of the values
     */
    interface Values<T> extends Consumer<T> {

        /**
         * Takes the next value.
         *
         * @param value a value of the record
         */
        @Override
        void accept(T value);

        /**
         * Takes the next value as unreadable; the values around it are readable.
         *
         * @param reason what is wrong and where: {@code line 7: "abc" is not a number}
         */
        void refuse(String reason);
    }

    /**
     * Reads all values between the buffer's position and its limit. The buffer's byte order is neither used nor
     * changed; its position afterwards is unspecified.
     *
     * @param source the bytes of a record
     * @param values takes the values
     * @throws CodecException if the bytes, or what is left of them, are no values
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
     * Reads all values of a record of which every one can be read.
     *
     * @param source the bytes of a record
     * @param values takes the values
     * @throws CodecException if one value cannot be read; values before it were handed out
     */
    default void decode(ByteBuffer source, Consumer<? super T> values) {
        decode(source, new StrictValues<>(values));
    }

    /**
     * Reads all values of an array of which every one can be read.
     *
     * @param source the bytes of a record
     * @param values takes the values
     * @throws CodecException if one value cannot be read; values before it were handed out
     */
    default void decode(byte[] source, Consumer<? super T> values) {
        decode(source, new StrictValues<>(values));
    }

    /**
     * Returns the bytes of a dead letter for a record whose other values are stored: a record from which this decoder
     * reads the refused values again, and of the others as few as it can.
     *
     * @param source the bytes of the record, which was decoded before
     * @param indexes the indexes of the refused values, at least one; for a record that broke off, the last one is that
     *     of the value behind those that were handed out
     * @return the bytes of a record (default: all of {@code source})
     */
    default byte[] excerpt(byte[] source, SortedSet<Integer> indexes) {
        return source;
    }
}
