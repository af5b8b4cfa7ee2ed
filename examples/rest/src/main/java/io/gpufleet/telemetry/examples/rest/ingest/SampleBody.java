package io.gpufleet.telemetry.examples.rest.ingest;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.ZipException;

/** The bytes of a body, within a limit that holds packed and unpacked. */
final class SampleBody {
    /** The most bytes of a body. */
    static final int MOST_BYTES = 1 << 20;

    private SampleBody() {}

    /**
     * Reads a body, and not much more than the limit of one that is larger.
     *
     * @param length the length that the sender names; negative if it does not
     * @throws RefusedBodyException if it is larger than the limit, or is no gzip
     */
    static byte[] read(InputStream body, long length, boolean isPacked) throws IOException, RefusedBodyException {
        if (length > MOST_BYTES) {
            throw tooLarge("has " + length + " bytes");
        }
        byte[] sent = within(body, "has more bytes");
        return isPacked ? unpack(sent) : sent;
    }

    private static byte[] unpack(byte[] packed) throws IOException, RefusedBodyException {
        try (WholeGzip unpacking = new WholeGzip(packed)) {
            byte[] body = within(unpacking, "has more bytes unpacked");
            unpacking.requireEnd();
            return body;
        } catch (EOFException e) {
            throw RefusedBodyException.unreadable("body is gzip that is cut off");
        } catch (ZipException e) {
            throw RefusedBodyException.unreadable("body is no gzip, or damaged gzip");
        }
    }

    private static byte[] within(InputStream source, String what) throws IOException, RefusedBodyException {
        byte[] read = source.readNBytes(MOST_BYTES + 1);
        if (read.length > MOST_BYTES) {
            throw tooLarge(what);
        }
        return read;
    }

    private static RefusedBodyException tooLarge(String what) {
        return RefusedBodyException.tooLarge(
                "body " + what + "; allowed: " + MOST_BYTES + " bytes, also unpacked; send several requests");
    }
}
