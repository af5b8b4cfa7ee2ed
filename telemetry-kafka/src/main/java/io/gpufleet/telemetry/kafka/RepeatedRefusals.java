package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.SourceRecord;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The memory of refusals whose dead letter is stored or on its way: by topic and kind of a refusal, the first record of
 * every hour of record timestamps. A refusal of the same kind in another record within an hour is a repetition.
 *
 * <p>A record that is read again after a retry, a fence or a rebalance is refused as before, so that its dead letter is
 * the same. A first record whose generation ended before it was written is no first one any more: its next owner may
 * find that it repeats another. Remembers 100,000 kinds and hours, each in 16 bytes whatever its text; the one not seen
 * for longest is forgotten first, which costs one more dead letter. Thread-safe: all lanes share one.
 */
final class RepeatedRefusals {
    private static final int MOST = 100_000;
    private static final long INTERVAL_MILLIS = Duration.ofHours(1).toMillis();

    /**
     * A kind of a topic in one hour, which holds at most one first record.
     *
     * @param high half of the hash of topic and kind
     * @param low the other half
     * @param hour the hours since 1970
     */
    private record Key(long high, long low, long hour) {
        Key plusHours(long hours) {
            return new Key(high, low, hour + hours);
        }
    }

    /** The first record of a kind in an hour. */
    private record First(Generation generation, long offset, long millis) {
        boolean isSameRecord(First other) {
            return offset == other.offset
                    && generation.partition().equals(other.generation.partition())
                    && generation.log().equals(other.generation.log());
        }

        boolean isWithinAnHourOf(First other) {
            return Math.abs(millis - other.millis) < INTERVAL_MILLIS;
        }

        boolean isLost() {
            return generation.isStale() && !generation.isWritten(offset);
        }
    }

    private final LongSupplier wallMillis;
    private final Object lock = new Object();

    @SuppressWarnings("serial") // never serialized
    private final Map<Key, First> firsts = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, First> eldest) {
            return size() > MOST;
        }
    };

    /**
     * Creates an empty memory.
     *
     * @param wallMillis the clock for records without a timestamp
     */
    RepeatedRefusals(LongSupplier wallMillis) {
        this.wallMillis = wallMillis;
    }

    /** Returns whether another record holds a refusal of this kind, and remembers this record otherwise. */
    boolean isRepeated(Generation generation, SourceRecord source, String kind) {
        long millis = source.timestamp().isPresent() ? source.timestampMillis() : wallMillis.getAsLong();
        First record = new First(generation, source.offset(), millis);
        Key key = key(source.partition().topic(), kind, Math.floorDiv(millis, INTERVAL_MILLIS));
        synchronized (lock) {
            First near = near(key, record);
            if (near == null) {
                firsts.put(key, record);
            }
            return near != null && !near.isSameRecord(record);
        }
    }

    /** Returns the record itself if it is a first one, else one within an hour of it. */
    private @Nullable First near(Key key, First record) {
        First near = null;
        for (int hours = -1; hours <= 1; hours++) {
            First first = firsts.get(key.plusHours(hours));
            if (first == null || first.isLost()) {
                continue;
            }
            if (first.isSameRecord(record)) {
                return first;
            }
            near = first.isWithinAnHourOf(record) ? first : near;
        }
        return near;
    }

    private static Key key(String topic, String kind, long hour) {
        MessageDigest digest = sha256();
        digest.update(topic.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
        ByteBuffer hash = ByteBuffer.wrap(digest.digest(kind.getBytes(StandardCharsets.UTF_8)));
        return new Key(hash.getLong(), hash.getLong(), hour);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is missing, which every Java platform has", e);
        }
    }
}
