package io.gpufleet.telemetry.jdbc.gpu;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** The SHA-256 of all whole records of a text. Not thread-safe. */
final class RecordChecksum {
    private MessageDigest digest = sha256();
    /** The digest before the record, while it is read and already part of {@link #digest}. */
    private @Nullable MessageDigest beforeRecord;

    /**
     * Adds a byte of a record that is too long to be kept.
     *
     * @param record the first bytes of the record
     * @param kept the number of these
     */
    void add(byte[] record, int kept, byte character) {
        if (beforeRecord == null) {
            beforeRecord = copy(digest);
            digest.update(record, 0, kept);
        }
        digest.update(character);
    }

    /** Ends a record, whose kept bytes are the first ones or all of them. */
    void end(byte[] record, int kept) {
        if (beforeRecord == null) {
            digest.update(record, 0, kept);
        }
        beforeRecord = null;
    }

    /** Returns the checksum of the records that have ended. */
    String hex() {
        return HexFormat.of()
                .formatHex(copy(beforeRecord == null ? digest : beforeRecord).digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static MessageDigest copy(MessageDigest digest) {
        try {
            return (MessageDigest) digest.clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("SHA-256 of every Java can be copied", e);
        }
    }
}
