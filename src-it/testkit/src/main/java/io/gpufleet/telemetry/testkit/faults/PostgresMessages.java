package io.gpufleet.telemetry.testkit.faults;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * Finds the messages in one direction of a PostgreSQL connection, however it is split into pieces. Only their first
 * bytes are kept. Belongs to one thread.
 */
final class PostgresMessages {
    private static final int LENGTH = 4;
    private static final int SSL_REQUEST = 80_877_103;
    private static final int GSS_REQUEST = 80_877_104;

    /** Enough for the names of statements, and for COMMIT. */
    private static final int MOST_KEPT = 128;

    /** A message, with its first bytes. */
    record Message(char type, String beginning) {
        /** Returns the text at an index among those at the begin of the message, each of which ends with a zero. */
        String text(int place) {
            String[] texts = beginning.split("\0", place + 2);
            return place < texts.length ? texts[place] : "";
        }
    }

    private final Runnable encryptionAsked;
    private final AtomicInteger encryptionAnswers;
    private final byte[] kept = new byte[MOST_KEPT];

    /** False at the start: the first messages of a client have no type. */
    private boolean typed;

    private int header;
    private char type;
    private int length;
    private int read;

    private PostgresMessages(boolean typed, Runnable encryptionAsked, AtomicInteger encryptionAnswers) {
        this.typed = typed;
        this.encryptionAsked = encryptionAsked;
        this.encryptionAnswers = encryptionAnswers;
    }

    static PostgresMessages ofClient(Runnable encryptionAsked) {
        return new PostgresMessages(false, encryptionAsked, new AtomicInteger());
    }

    /** Returns the messages of a server, which answers each request for encryption with one byte, here always no. */
    static PostgresMessages ofServer(AtomicInteger encryptionAnswers) {
        return new PostgresMessages(true, () -> {}, encryptionAnswers);
    }

    /** Reads a piece, and returns whether one of the messages that end in it is wanted; it tests all of them. */
    boolean read(byte[] piece, int pieceLength, Predicate<Message> wanted) {
        boolean found = false;
        for (int i = 0; i < pieceLength; i++) {
            found |= read(piece[i], wanted);
        }
        return found;
    }

    private boolean read(byte next, Predicate<Message> wanted) {
        int headerLength = typed ? 1 + LENGTH : LENGTH;
        if (header < headerLength) {
            readHeader(next, headerLength);
        } else {
            if (read < MOST_KEPT) {
                kept[read] = next;
            }
            read++;
        }
        return header == headerLength && read == length && end(wanted);
    }

    private void readHeader(byte next, int headerLength) {
        if (typed && header == 0) {
            if (encryptionAnswers.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                return;
            }
            type = (char) next;
            length = 0;
        } else {
            length = (length << Byte.SIZE) | (next & 0xff);
        }
        header++;
        if (header == headerLength) {
            length -= LENGTH;
        }
    }

    private boolean end(Predicate<Message> wanted) {
        int bodyLength = Math.min(read, MOST_KEPT);
        header = 0;
        length = 0;
        read = 0;
        if (typed) {
            return wanted.test(new Message(type, new String(kept, 0, bodyLength, StandardCharsets.UTF_8)));
        }
        if (asksForEncryption(bodyLength)) {
            encryptionAsked.run();
        } else {
            typed = true;
        }
        return false;
    }

    private boolean asksForEncryption(int bodyLength) {
        int code = ByteBuffer.wrap(kept).getInt();
        return bodyLength == LENGTH && (code == SSL_REQUEST || code == GSS_REQUEST);
    }
}
