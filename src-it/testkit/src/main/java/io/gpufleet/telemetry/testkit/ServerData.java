package io.gpufleet.telemetry.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The directories in which servers keep their data.
 *
 * <p>They lie below the directory that the system property {@value #PROPERTY} names, while that one has 4 GiB free, or
 * else in the temporary directory. {@code /dev/shm}, which is memory, spares most of the time that the kernel spends on
 * the hundreds of files of each database.
 */
final class ServerData {
    static final String PROPERTY = "telemetry.testkit.data";

    private static final long ENOUGH_BYTES = 4L << 30;

    private ServerData() {}

    static Path newDirectory(String prefix) {
        String named = System.getProperty(PROPERTY, "");
        if (named.isBlank()) {
            return Directories.createTemporary(prefix);
        }
        Path directory = Path.of(named).toAbsolutePath();
        if (!Files.isDirectory(directory) || !Files.isWritable(directory)) {
            throw new IllegalStateException(PROPERTY + ": \"" + named + "\" is not a directory that can be written");
        }
        return hasRoom(directory)
                ? Directories.createTemporary(directory, prefix)
                : Directories.createTemporary(prefix);
    }

    /** Returns a directory on a disk, as far as the temporary directory is on one. */
    static Path newDurableDirectory(String prefix) {
        return Directories.createTemporary(prefix);
    }

    private static boolean hasRoom(Path directory) {
        try {
            return Files.getFileStore(directory).getUsableSpace() >= ENOUGH_BYTES;
        } catch (IOException e) {
            throw new UncheckedIOException(PROPERTY + ": cannot read the free space of " + directory, e);
        }
    }
}
