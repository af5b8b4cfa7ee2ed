package io.gpufleet.telemetry.jdbc.query;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.TimeUnit;

/**
 * The contents of a cursor: the bounds of the first page, and the last sample that was handed out. The text begins with
 * a digest of the contents and the question, so that a changed letter and another question are seen. Immutable.
 *
 * @param range both bounds of the question, as of its first page
 * @param last the last sample of the page
 */
record Bookmark(TimeRange range, SamplePosition last) {
    private static final int DIGEST = 8;
    private static final int CONTENTS = 3 * Long.BYTES + Integer.BYTES + Long.BYTES;

    Cursor cursor(String question) {
        byte[] contents = contents();
        ByteBuffer bytes = ByteBuffer.allocate(DIGEST + CONTENTS)
                .put(digest(question, contents))
                .put(contents);
        return Cursor.of(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array()));
    }

    private byte[] contents() {
        return ByteBuffer.allocate(CONTENTS)
                .putLong(micros(range.start()))
                .putLong(micros(range.end()))
                .putLong(micros(last.time()))
                .putInt(last.metric())
                .putLong(last.series())
                .array();
    }

    /**
     * Reads the cursor of a question.
     *
     * @throws InvalidQueryException if the cursor belongs to another question, or is none
     */
    static Bookmark of(Cursor cursor, String question) {
        byte[] bytes = bytes(cursor);
        byte[] contents = Arrays.copyOfRange(bytes, Math.min(DIGEST, bytes.length), bytes.length);
        if (contents.length != CONTENTS
                || !Arrays.equals(bytes, 0, DIGEST, digest(question, contents), 0, DIGEST)
                || !read(contents).cursor(question).equals(cursor)) {
            throw new InvalidQueryException("cursor", "cursor does not belong to this question");
        }
        return read(contents);
    }

    private static Bookmark read(byte[] contents) {
        ByteBuffer buffer = ByteBuffer.wrap(contents);
        TimeRange range = TimeRange.between(instant(buffer.getLong()), instant(buffer.getLong()));
        return new Bookmark(range, new SamplePosition(instant(buffer.getLong()), buffer.getInt(), buffer.getLong()));
    }

    private static byte[] bytes(Cursor cursor) {
        try {
            return Base64.getUrlDecoder().decode(cursor.toString());
        } catch (IllegalArgumentException e) {
            return new byte[0];
        }
    }

    private static byte[] digest(String question, byte[] contents) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(question.getBytes(StandardCharsets.UTF_8));
            return Arrays.copyOf(sha.digest(contents), DIGEST);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }

    /** A difference of times is counted in nanoseconds, of which no long holds more than 292 years. */
    private static long micros(Instant time) {
        return TimeUnit.SECONDS.toMicros(time.getEpochSecond()) + time.getNano() / 1_000;
    }

    private static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }
}
