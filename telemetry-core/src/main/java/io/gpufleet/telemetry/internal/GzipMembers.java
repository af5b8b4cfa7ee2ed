package io.gpufleet.telemetry.internal;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;

/**
 * The text of all members of a gzip file or message. Every byte of it is accounted for: the end is told only behind the
 * trailer of a member, and nothing but another member may follow it. {@link java.util.zip.GZIPInputStream} hides a
 * second member that is cut off in its header, and any other bytes there. Not thread-safe. Source: RFC 1952.
 */
public final class GzipMembers extends InputStream {
    private static final int LARGEST_CHUNK = 64 << 10;
    private static final int DEFLATE = 8;
    private static final int HEADER_CHECKSUM = 2;
    private static final int EXTRA = 4;
    private static final int NAME = 8;
    private static final int COMMENT = 16;
    private static final int RESERVED = 0xe0;
    /** The time, the extra flags and the operating system. */
    private static final int UNUSED = 6;

    private static final long MASK = 0xffff_ffffL;

    private final InputStream packed;
    private final byte[] buffer;
    private int at;
    private int end;
    private long before;

    private final Inflater inflater = new Inflater(true);
    private final CRC32 ofText = new CRC32();
    private final CRC32 ofHeader = new CRC32();
    private boolean inMember;
    private long provedText;

    /** Reads from a source of any length, which begins with a member. */
    public GzipMembers(InputStream packed) {
        this(packed, LARGEST_CHUNK);
    }

    /** Reads from some bytes, which begin with a member. */
    public GzipMembers(byte[] packed, int from, int length) {
        this(new ByteArrayInputStream(packed, from, length), Math.min(LARGEST_CHUNK, Math.max(1, length)));
    }

    private GzipMembers(InputStream packed, int chunk) {
        this.packed = packed;
        this.buffer = new byte[chunk];
    }

    /** Returns whether bytes begin as gzip does. */
    public static boolean isPacked(byte[] bytes, int from, int to) {
        return to - from >= 2 && bytes[from] == 0x1f && bytes[from + 1] == (byte) 0x8b;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    /**
     * Reads text. All that comes before a fault is handed out before the fault is told.
     *
     * @throws EOFException if the file ends within a member
     * @throws ZipException if the file is damaged
     */
    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int read = 0;
        while (read == 0 && length > 0) {
            if (!inMember && !beginMember()) {
                return -1;
            }
            read = inflate(target, offset, length);
        }
        return read;
    }

    /** Returns the number of bytes of text of the members that were read to their end, whose checksums are right. */
    public long provedText() {
        return provedText;
    }

    private int inflate(byte[] target, int offset, int length) throws IOException {
        try {
            int read = inflater.inflate(target, offset, length);
            ofText.update(target, offset, read);
            if (read == 0) {
                goOn();
            }
            return read;
        } catch (DataFormatException e) {
            throw damaged("no valid data");
        }
    }

    private void goOn() throws IOException {
        if (inflater.finished()) {
            at = end - inflater.getRemaining();
            endMember();
        } else if (inflater.needsDictionary()) {
            throw damaged("a dictionary is asked for");
        } else {
            require();
            inflater.setInput(buffer, at, end - at);
            at = end;
        }
    }

    /** Begins a member, or returns false at the end of the file. */
    private boolean beginMember() throws IOException {
        if (!fill()) {
            return false;
        }
        ofHeader.reset();
        if (next() != 0x1f || next() != 0x8b) {
            throw damaged("no gzip member begins here");
        }
        if (next() != DEFLATE) {
            throw damaged("unknown method");
        }
        readHeader(next());
        inflater.reset();
        ofText.reset();
        inMember = true;
        return true;
    }

    private void readHeader(int flags) throws IOException {
        if ((flags & RESERVED) != 0) {
            throw damaged("unknown flags");
        }
        skip(UNUSED);
        if ((flags & EXTRA) != 0) {
            skip((int) littleEndian(2));
        }
        for (int flag : new int[] {NAME, COMMENT}) {
            while ((flags & flag) != 0 && next() != 0) {
                // Its text is of no use.
            }
        }
        long checksum = ofHeader.getValue() & 0xffff;
        if ((flags & HEADER_CHECKSUM) != 0 && littleEndian(2) != checksum) {
            throw damaged("checksum of the header is wrong");
        }
    }

    private void endMember() throws IOException {
        if (littleEndian(4) != ofText.getValue()) {
            throw damaged("checksum of the text is wrong");
        }
        if (littleEndian(4) != (inflater.getBytesWritten() & MASK)) {
            throw damaged("length of the text is wrong");
        }
        provedText += inflater.getBytesWritten();
        inMember = false;
    }

    private void skip(int bytes) throws IOException {
        for (int i = 0; i < bytes; i++) {
            next();
        }
    }

    private long littleEndian(int bytes) throws IOException {
        long number = 0;
        for (int i = 0; i < bytes; i++) {
            number |= (long) next() << (8 * i);
        }
        return number;
    }

    private int next() throws IOException {
        require();
        int value = buffer[at++] & 0xff;
        ofHeader.update(value);
        return value;
    }

    private void require() throws IOException {
        if (!fill()) {
            throw new EOFException("unexpected end of gzip data");
        }
    }

    private boolean fill() throws IOException {
        if (at < end) {
            return true;
        }
        before += end;
        at = 0;
        end = Math.max(0, packed.read(buffer));
        return end > 0;
    }

    private ZipException damaged(String fault) {
        return new ZipException("gzip data is damaged near byte " + (before + at) + " (" + fault + ")");
    }

    @Override
    public void close() throws IOException {
        inflater.end();
        packed.close();
    }
}
