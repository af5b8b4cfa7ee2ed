package io.gpufleet.telemetry.integration.consumer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A copy of a directory, to be restored. Immutable. */
record DirectoryCopy(Path original, Path copy) {

    static DirectoryCopy of(Path original, Path copy) {
        copyAll(original, copy);
        return new DirectoryCopy(original, copy);
    }

    void putBack() {
        tree(original).stream().sorted(Comparator.reverseOrder()).forEach(DirectoryCopy::delete);
        copyAll(copy, original);
    }

    private static void copyAll(Path from, Path to) {
        tree(from).forEach(path -> {
            try {
                Files.copy(path, to.resolve(from.relativize(path)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static void delete(Path path) {
        try {
            Files.delete(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The directory and all below it, parents first. */
    private static List<Path> tree(Path directory) {
        try (Stream<Path> paths = Files.walk(directory)) {
            return paths.toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
