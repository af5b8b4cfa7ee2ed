package io.gpufleet.telemetry.examples.samples;

import io.gpufleet.telemetry.TelemetryException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/** A file of GPU samples, read as a whole: at least one byte, and the time of its last change. */
final class SampleFile {
    /** The largest file, as large as a decoder takes a message. */
    static final int MOST_BYTES = 256 << 20;

    private static final String STANDARD_INPUT = "-";

    private final byte[] bytes;
    private final Instant time;

    private SampleFile(byte[] bytes, Instant time) {
        this.bytes = bytes;
        this.time = time;
    }

    /**
     * Reads a file.
     *
     * @param name its path, or a hyphen for the standard input
     * @throws TelemetryException if there is nothing to read
     */
    static SampleFile read(String name) {
        try {
            SampleFile file = name.equals(STANDARD_INPUT)
                    ? new SampleFile(System.in.readNBytes(MOST_BYTES + 1), Instant.now())
                    : read(name, PathOption.of(name));
            requireSize(name, file.bytes.length);
            return file;
        } catch (IOException e) {
            throw new TelemetryException(name + ": cannot be read", e);
        }
    }

    private static SampleFile read(String name, Path path) throws IOException {
        if (Files.isDirectory(path)) {
            throw new TelemetryException(name + ": is a directory, not a file");
        }
        if (!Files.exists(path)) {
            throw new TelemetryException(name + ": no such file");
        }
        if (Files.isRegularFile(path)) {
            requireSize(name, Files.size(path));
        }
        return new SampleFile(
                Files.readAllBytes(path), Files.getLastModifiedTime(path).toInstant());
    }

    private static void requireSize(String name, long bytes) {
        if (bytes == 0) {
            throw new TelemetryException(name + ": is empty");
        }
        if (bytes > MOST_BYTES) {
            throw new TelemetryException(name + ": has " + bytes + " bytes, the limit is " + MOST_BYTES);
        }
    }

    /** Returns whether bytes begin as gzip does. */
    static boolean isPacked(byte[] bytes) {
        return bytes.length >= 2 && bytes[0] == 0x1f && bytes[1] == (byte) 0x8b;
    }

    /** Returns the content, which is not to be changed. */
    byte[] bytes() {
        return bytes;
    }

    /** Returns the time of the last change; of the standard input, that of its reading. */
    Instant time() {
        return time;
    }
}
