package io.gpufleet.telemetry.examples.rest.stream;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * The way to a client, with comments while nothing else goes there. The empty line behind a comment follows a second
 * later: a client that has left refuses the comment, which is known only then. Used by one thread.
 */
final class EventOutput {
    private static final long ECHO_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Exchange exchange;
    private final long commentNanos;
    private long writtenAt = System.nanoTime();
    private boolean isComment;

    EventOutput(Exchange exchange, long commentNanos) {
        this.exchange = exchange;
        this.commentNanos = commentNanos;
    }

    void comment() throws IOException {
        write(Frames.COMMENT);
        isComment = true;
    }

    /** Sends events, each whole. */
    void write(byte[] events) throws IOException {
        exchange.write(events);
        writtenAt = System.nanoTime();
        isComment = false;
    }

    /** Sends a comment, or the line behind it, if it is time. */
    void keepAlive() throws IOException {
        if (nanosToNext() > 0) {
            return;
        }
        if (isComment) {
            write(Frames.EMPTY_LINE);
        } else {
            comment();
        }
    }

    /** Returns the time for which nothing needs to be sent. */
    long nanosToNext() {
        long pause = isComment ? ECHO_NANOS : commentNanos - ECHO_NANOS;
        return Math.max(0, pause - (System.nanoTime() - writtenAt));
    }
}
