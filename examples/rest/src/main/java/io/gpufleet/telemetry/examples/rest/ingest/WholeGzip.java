package io.gpufleet.telemetry.examples.rest.ingest;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * The text of all members of packed bytes; {@link #requireEnd} tells of others behind them, which the JDK hides. Not
 * thread-safe. Source: RFC 1952.
 */
final class WholeGzip extends GZIPInputStream {
    /** The JDK calls itself for each member without text. */
    private static final int MOST_EMPTY = 100;

    /** The checksum and the length of the last member, which the JDK reads and does not take away. */
    private static final int TRAILER = 8;

    private int empty;

    WholeGzip(byte[] packed) throws IOException {
        super(new ByteArrayInputStream(packed), Math.max(1, packed.length));
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (empty > MOST_EMPTY) {
            throw new ZipException("more than " + MOST_EMPTY + " members without text");
        }
        empty++;
        try {
            return super.read(target, offset, length);
        } finally {
            empty--;
        }
    }

    /**
     * Looks behind the last member; for the end of the text.
     *
     * @throws ZipException if there are bytes
     */
    void requireEnd() throws ZipException {
        if (inf.getRemaining() > TRAILER) {
            throw new ZipException("bytes behind the last member");
        }
    }
}
