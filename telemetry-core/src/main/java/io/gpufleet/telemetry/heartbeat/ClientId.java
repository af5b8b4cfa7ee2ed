package io.gpufleet.telemetry.heartbeat;

import static java.util.Objects.requireNonNull;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * The id of a machine of the fleet: 16 bytes, as two longs.
 *
 * <p>Ordered as PostgreSQL orders {@code bytea}: by unsigned bytes. Immutable.
 *
 * @param high the first eight bytes, big endian
 * @param low the last eight bytes, big endian
 */
public record ClientId(long high, long low) implements Comparable<ClientId> {

    /** The length of an id in bytes. */
    public static final int BYTES = 16;

    /** The length of an id in hexadecimal characters. */
    public static final int HEX_CHARACTERS = 2 * BYTES;

    /**
     * Returns the id of 16 bytes.
     *
     * @param bytes exactly 16 bytes
     * @return the id
     */
    public static ClientId of(byte[] bytes) {
        if (requireNonNull(bytes, "bytes").length != BYTES) {
            throw new IllegalArgumentException("bytes: " + bytes.length + " bytes are not " + BYTES);
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return new ClientId(buffer.getLong(), buffer.getLong());
    }

    /**
     * Reads an id from hexadecimal characters of either case.
     *
     * @param hex exactly 32 hexadecimal characters
     * @return the id
     */
    public static ClientId parse(String hex) {
        if (requireNonNull(hex, "hex").length() != HEX_CHARACTERS
                || !hex.chars().allMatch(HexFormat::isHexDigit)) {
            throw new IllegalArgumentException(
                    "hex: \"" + hex + "\" is not " + HEX_CHARACTERS + " hexadecimal characters");
        }
        return new ClientId(
                HexFormat.fromHexDigitsToLong(hex, 0, BYTES),
                HexFormat.fromHexDigitsToLong(hex, BYTES, HEX_CHARACTERS));
    }

    /**
     * Returns the id as bytes.
     *
     * @return a new array of 16 bytes
     */
    public byte[] toBytes() {
        return ByteBuffer.allocate(BYTES).putLong(high).putLong(low).array();
    }

    @Override
    public int compareTo(ClientId other) {
        int byHigh = Long.compareUnsigned(high, other.high);
        return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
    }

    /** Returns 32 lower-case hexadecimal characters: the key of the client's records. */
    @Override
    public String toString() {
        HexFormat hex = HexFormat.of();
        return hex.toHexDigits(high) + hex.toHexDigits(low);
    }
}
