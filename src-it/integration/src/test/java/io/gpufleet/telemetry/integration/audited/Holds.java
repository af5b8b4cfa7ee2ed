package io.gpufleet.telemetry.integration.audited;

import io.gpufleet.telemetry.testkit.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;

/**
 * Places at which a consumer in another JVM stops while a file with the place's name exists. The test sets and releases
 * them. Thread-safe.
 */
public final class Holds {
    /** In the transaction, after all writes and before the commit. */
    public static final String COMMIT = "commit";

    /** On the poll thread, after a poll that returned records. */
    public static final String POLL = "poll";

    private static final Duration LIMIT = Duration.ofMinutes(5);

    private final Path directory;

    Holds(Path directory) {
        this.directory = directory;
    }

    static Holds create() throws IOException {
        return new Holds(Files.createTempDirectory("telemetry-holds-"));
    }

    Path directory() {
        return directory;
    }

    void set(String place) throws IOException {
        Files.createFile(directory.resolve(place));
    }

    void release(String place) throws IOException {
        Files.delete(directory.resolve(place));
    }

    /** Leaves a message for the consumer, atomically. */
    void write(String name, String message) throws IOException {
        Path written = Files.writeString(directory.resolve(name + ".new"), message);
        Files.move(written, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Stops here if the test wants it, and prints that it does. */
    void pass(String place) {
        Path file = directory.resolve(place);
        if (Files.exists(file)) {
            System.out.println("held " + place + " at " + System.currentTimeMillis());
            Await.until("the end of the hold " + place, LIMIT, () -> !Files.exists(file));
        }
    }

    void delete() throws IOException {
        Files.deleteIfExists(directory.resolve(COMMIT));
        Files.deleteIfExists(directory.resolve(POLL));
        Files.deleteIfExists(directory.resolve(MovedClock.OFFSET));
        Files.delete(directory);
    }
}
