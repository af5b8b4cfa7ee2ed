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

/**
 * The memory of refusals whose dead letter is stored or on its way: by topic and kind of a refusal, the times of its
 * latest refusals and the record that has their dead letter. A refusal repeats one of its kind in another record that
 * was refused less than an hour before or after it by record timestamps, and whose letter is less than a day away. So a
 * fault of every record has one letter a day, and a fault that returns after a pause has one at once.
 *
 * <p>A record that is read again after a retry, a fence or a rebalance is refused as before, so that its dead letter is
 * the same. A record with a letter whose generation ended before it was written has none any more: its next owner may
 * find that it repeats another. Remembers 100,000 kinds and hours, each in 16 bytes whatever its text; the one not seen
 * for longest is forgotten first, which costs one more dead letter, as a restart does. Thread-safe: all lanes share
 * one.
 */
final class RepeatedRefusals {
    private static final int MOST = 100_000;
    private static final long PAUSE_MILLIS = Duration.ofHours(1).toMillis();
    private static final long LETTER_MILLIS = Duration.ofDays(1).toMillis();

    /**
     * A kind of a topic in one hour.
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

    /** A record with a refusal, which its dead letter holds unless it is a repetition. */
    private record Refused(Generation generation, long offset, long millis) {
        boolean isSameRecord(Refused other) {
            return offset == other.offset
                    && generation.partition().equals(other.generation.partition())
                    && generation.log().equals(other.generation.log());
        }

        boolean isLost() {
            return generation.isStale() && !generation.isWritten(offset);
        }
    }

    /**
     * The refusals of a kind in one hour.
     *
     * @param letter the record with their dead letter
     * @param first the earliest time of them
     * @param last the latest
     */
    private record Seen(Refused letter, long first, long last) {
        Seen(Refused letter, long millis) {
            this(letter, millis, millis);
        }

        Seen with(long millis) {
            return new Seen(letter, Math.min(first, millis), Math.max(last, millis));
        }

        boolean isRepeatedBy(Refused record) {
            return record.millis - last < PAUSE_MILLIS && first - record.millis < PAUSE_MILLIS && counts(record);
        }

        /** Returns whether the letter can stand for a record. */
        boolean counts(Refused record) {
            return !letter.isLost() && Math.abs(letter.millis - record.millis) < LETTER_MILLIS;
        }
    }

    private final LongSupplier wallMillis;
    private final Object lock = new Object();

    @SuppressWarnings("serial") // never serialized
    private final Map<Key, Seen> hours = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Seen> eldest) {
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

    /** Returns whether another record has the dead letter of this kind, and remembers this record. */
    boolean isRepeated(Generation generation, SourceRecord source, String kind) {
        long millis = source.timestamp().isPresent() ? source.timestampMillis() : wallMillis.getAsLong();
        Refused record = new Refused(generation, source.offset(), millis);
        Key key = key(source.partition().topic(), kind, Math.floorDiv(millis, PAUSE_MILLIS));
        synchronized (lock) {
            Refused letter = letter(key, record);
            hours.compute(
                    key,
                    (hour, seen) ->
                            seen == null || !seen.counts(record) ? new Seen(letter, millis) : seen.with(millis));
            return !letter.isSameRecord(record);
        }
    }

    /** Returns the record with the dead letter of a refusal: the record itself, unless it repeats another. */
    private Refused letter(Key key, Refused record) {
        Refused letter = record;
        for (int distance = -1; distance <= 1; distance++) {
            Seen seen = hours.get(key.plusHours(distance));
            if (seen == null || !seen.isRepeatedBy(record)) {
                continue;
            }
            if (seen.letter.isSameRecord(record)) {
                return seen.letter;
            }
            letter = seen.letter;
        }
        return letter;
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
