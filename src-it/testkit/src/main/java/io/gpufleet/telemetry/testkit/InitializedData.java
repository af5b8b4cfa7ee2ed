package io.gpufleet.telemetry.testkit;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The data directories that {@code initdb} has made in this JVM, one for each installation of PostgreSQL, for further
 * servers to copy: these start in 0.2 s, not in 0.5 s. Thread-safe.
 */
final class InitializedData {
    private static final Map<PostgresPrograms, Path> MADE = new HashMap<>();

    private InitializedData() {}

    /** Copies the data to a new directory, if there are some; false if the caller has to make them. */
    static synchronized boolean copyTo(Path data, PostgresPrograms programs) {
        Optional<Path> made = Optional.ofNullable(MADE.get(programs));
        made.ifPresent(original -> Directories.copy(original, data));
        return made.isPresent();
    }

    /** Keeps a copy of the data before a server runs on them. */
    static synchronized void keep(Path data, PostgresPrograms programs) {
        if (MADE.containsKey(programs)) {
            return;
        }
        Path directory = Directories.createTemporary("telemetry-postgres-initialized-");
        CloseAtExit.add(() -> Directories.delete(directory));
        Path copy = directory.resolve("data");
        Directories.copy(data, copy);
        MADE.put(programs, copy);
    }
}
