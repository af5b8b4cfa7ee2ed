package io.gpufleet.telemetry;

import java.nio.ByteBuffer;

/**
 * A conversion of values into bytes and back: the {@link Decoder} of records with one value each.
 *
 * <p>A decoder proves that bytes exist before it reads or allocates; for any bytes, {@link #decode} throws nothing but
 * {@link CodecException}. Implementations are thread-safe.
 *
 * @param <T> the type of the values
 */
public interface Codec<T> extends Decoder<T> {

    /**
     * Returns the number of bytes that {@link #encode(Object, ByteBuffer)} will write.
     *
     * @param value the value to encode
     * @return its length in bytes
     */
    int encodedSize(T value);

    /**
     * Writes a value at the buffer's position and moves the position behind it. The buffer's byte order is neither used
     * nor changed.
     *
     * @param value the value to encode
     * @param target a buffer with at least {@link #encodedSize} bytes left
     * @throws java.nio.BufferOverflowException if the buffer has fewer bytes left; nothing is written then
     */
    void encode(T value, ByteBuffer target);

    /**
     * Returns a value's bytes in an array of exactly their length.
     *
     * @param value the value to encode
     * @return its bytes
     */
    default byte[] encode(T value) {
        byte[] bytes = new byte[encodedSize(value)];
        encode(value, ByteBuffer.wrap(bytes));
        return bytes;
    }

    /**
     * Reads one value from the bytes between the buffer's position and its limit, and moves the position behind them.
     * The buffer's byte order is neither used nor changed.
     *
     * @param source the bytes
     * @return the value
     * @throws CodecException if the bytes are not a value, with the buffer's position unspecified
     */
    T decode(ByteBuffer source);

    /**
     * Reads the one value of a record.
     *
     * @param source the bytes
     * @param values takes the value
     * @throws CodecException if the bytes are not a value
     */
    @Override
    default void decode(ByteBuffer source, Values<? super T> values) {
        values.accept(decode(source));
    }

    /**
     * Reads one value from an array, at its beginning.
     *
     * @param bytes the bytes
     * @return the value
     * @throws CodecException if the bytes are not a value
     */
    default T decode(byte[] bytes) {
        return decode(ByteBuffer.wrap(bytes));
    }

    /**
     * Reads the one value of a record, at the beginning of an array.
     *
     * @param source the bytes
     * @param values takes the value
     * @throws CodecException if the bytes are not a value
     */
    @Override
    default void decode(byte[] source, Values<? super T> values) {
        values.accept(decode(source));
    }
}
