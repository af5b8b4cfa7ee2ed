package io.gpufleet.telemetry.examples.samples;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Set;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/** The text of a file, unpacked if it is gzip; of one that is cut off, the whole lines. Immutable. */
final class Unpacked {
    private static final int CHUNK = 64 << 10;

    private final byte[] bytes;
    private final boolean cut;

    private Unpacked(byte[] bytes, boolean cut) {
        this.bytes = bytes;
        this.cut = cut;
    }

    /** Unpacks a file, up to the size that a file may have. */
    static Unpacked of(byte[] file) {
        if (!SampleFile.isPacked(file)) {
            return new Unpacked(file, false);
        }
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try (GzipCompressorInputStream members = GzipCompressorInputStream.builder()
                .setByteArray(file)
                .setDecompressConcatenated(true)
                .get()) {
            copy(members, text);
        } catch (IOException cutOff) {
            return new Unpacked(wholeLines(text.toByteArray()), true);
        }
        return new Unpacked(text.toByteArray(), false);
    }

    /** Copies the text of all members to its end, or to where it is cut off. */
    private static void copy(GzipCompressorInputStream members, ByteArrayOutputStream text) throws IOException {
        byte[] chunk = new byte[CHUNK];
        boolean isMore = true;
        while (isMore) {
            try {
                isMore = members.read(chunk) >= 0;
            } finally {
                // What was unpacked before a fault lies in the chunk, too.
                text.write(chunk, 0, (int) members.getBytesRead() - text.size());
            }
            if (text.size() > SampleFile.MOST_BYTES) {
                throw new IOException("more than " + SampleFile.MOST_BYTES + " bytes");
            }
        }
    }

    private static byte[] wholeLines(byte[] text) {
        int end = text.length;
        while (end > 0 && text[end - 1] != '\n') {
            end--;
        }
        return Arrays.copyOf(text, end);
    }

    /** Returns the text, which is not to be changed. */
    byte[] bytes() {
        return bytes;
    }

    /** Returns whether the end of the file is missing. */
    boolean isCut() {
        return cut;
    }

    /**
     * Returns the text without some lines; its last line ends with a line feed, which files often lack.
     *
     * @param numbers their numbers, from 1
     */
    byte[] without(Set<Integer> numbers) {
        ByteArrayOutputStream kept = new ByteArrayOutputStream(bytes.length);
        int line = 1;
        for (byte character : bytes) {
            if (!numbers.contains(line)) {
                kept.write(character);
            }
            line += character == '\n' ? 1 : 0;
        }
        if (!numbers.contains(line) && bytes.length > 0 && bytes[bytes.length - 1] != '\n') {
            kept.write('\n');
        }
        return kept.toByteArray();
    }
}
