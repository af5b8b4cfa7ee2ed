package io.gpufleet.telemetry.codec;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A key that is a part of some bytes, which do not change meanwhile. It is comparable, so that a map stays fast for
 * keys that were chosen to have one hash. Immutable but for {@link #set}, which makes one key the probe of many
 * look-ups.
 */
final class ByteKey implements Comparable<ByteKey> {
    private static final byte[] NOTHING = {};

    private byte[] bytes = NOTHING;
    private int from;
    private int to;
    private int hash;

    /** Makes this the key of a part of some bytes. */
    ByteKey set(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.from = from;
        this.to = to;
        int sum = 1;
        for (int i = from; i < to; i++) {
            sum = 31 * sum + bytes[i];
        }
        this.hash = sum;
        return this;
    }

    /** Returns a key that stays as this one is now. */
    ByteKey copy() {
        ByteKey copy = new ByteKey();
        copy.bytes = bytes;
        copy.from = from;
        copy.to = to;
        copy.hash = hash;
        return copy;
    }

    /** Returns the bytes as UTF-8. */
    String text() {
        return new String(bytes, from, to - from, StandardCharsets.UTF_8);
    }

    @Override
    public int compareTo(ByteKey other) {
        return Arrays.compare(bytes, from, to, other.bytes, other.from, other.to);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ByteKey key
                && hash == key.hash
                && Arrays.equals(bytes, from, to, key.bytes, key.from, key.to);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
