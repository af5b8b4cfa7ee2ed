package io.gpufleet.telemetry.codec;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Values by the bytes of a message that they were read from. Rows list the same GPUs and metrics in the same order over
 * and over, so the bytes that followed last time are tried first, before any hash. Used by one thread at a time.
 *
 * @param <T> the type of the values
 */
final class Recurring<T> {

    /** A value with its bytes, and what came after it last time. */
    static final class Item<T> {
        private final byte[] text;
        private final int from;
        private final int to;
        private final T value;
        private @Nullable Item<T> next;

        private Item(byte[] text, int from, int to, T value) {
            this.text = text;
            this.from = from;
            this.to = to;
            this.value = value;
        }

        T value() {
            return value;
        }

        /** Returns the number of its bytes. */
        int length() {
            return to - from;
        }

        private boolean is(byte[] other, int at, int end) {
            return Arrays.equals(other, at, end, text, from, to);
        }

        private boolean isAt(byte[] other, int at, int end, char behind) {
            int last = at + to - from;
            return last < end && other[last] == behind && Arrays.equals(other, at, last, text, from, to);
        }
    }

    private static final byte[] NOTHING = {};

    private Map<ByteKey, Item<T>> items = new HashMap<>();
    private final ByteKey probe = new ByteKey();
    private @Nullable Item<T> last;

    /**
     * Returns the item that stands somewhere, if it is the last one, or the one that came after the last one before.
     *
     * @param at the index of its first byte
     * @param end the index behind the last byte of the text
     * @param behind the character that must follow
     */
    @Nullable
    Item<T> again(byte[] text, int at, int end, char behind) {
        Item<T> before = last;
        if (before == null) {
            return null;
        }
        Item<T> next = before.next;
        if (next != null && next.isAt(text, at, end, behind)) {
            last = next;
            return next;
        }
        return before.isAt(text, at, end, behind) ? before : null;
    }

    /** Returns the value of some bytes, all of them, if they were put. */
    @Nullable
    T find(byte[] text, int from, int to) {
        Item<T> next = last == null ? null : last.next;
        if (next != null && next.is(text, from, to)) {
            last = next;
            return next.value;
        }
        return last != null && last.is(text, from, to) ? last.value : get(text, from, to);
    }

    /** Returns the value of some bytes, if they were put. */
    @Nullable
    T get(byte[] text, int from, int to) {
        Item<T> item = items.get(probe.set(text, from, to));
        if (item == null) {
            return null;
        }
        follow(item);
        return item.value;
    }

    /** Puts the value of bytes for which {@link #get} found none. */
    void put(byte[] text, int from, int to, T value) {
        Item<T> item = new Item<>(text, from, to, value);
        items.put(probe.set(text, from, to).copy(), item);
        follow(item);
    }

    /** Puts the value of a copy of the bytes, for longer than their text is there. */
    void keep(byte[] text, int from, int to, T value) {
        put(Arrays.copyOfRange(text, from, to), 0, to - from, value);
    }

    /** Begins a text, of which nothing came before. */
    void rewind() {
        last = null;
        probe.set(NOTHING, 0, 0);
    }

    /** Forgets all values. */
    void clear() {
        if (!items.isEmpty()) {
            items = new HashMap<>();
        }
        rewind();
    }

    private void follow(Item<T> item) {
        if (last != null) {
            last.next = item;
        }
        last = item;
    }

    /** Returns all items, in any order. */
    Iterable<Item<T>> all() {
        return items.values();
    }
}
