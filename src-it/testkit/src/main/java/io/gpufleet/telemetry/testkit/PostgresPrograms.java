package io.gpufleet.telemetry.testkit;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * The programs of one PostgreSQL version, installed or unpacked.
 *
 * <p>They are unpacked once, into {@code telemetry-postgres-<user>-<digest>} in the temporary directory, and stay there
 * for the next JVM. The directory gets its name when it is complete, so JVMs that start at once do not meet.
 */
record PostgresPrograms(Path directory) {
    private static final int DIGEST_CHARACTERS = 16;

    /** The programs that are installed below a directory, in its {@code bin}. */
    static PostgresPrograms installed(Path directory) {
        return new PostgresPrograms(directory.toAbsolutePath());
    }

    static PostgresPrograms unpack(byte[] archive) {
        String name = "telemetry-postgres-" + System.getProperty("user.name") + "-" + digest(archive);
        Path directory = Path.of(System.getProperty("java.io.tmpdir"), name).toAbsolutePath();
        try {
            if (!Files.exists(directory)) {
                unpack(archive, directory);
            }
            requireOwn(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot unpack PostgreSQL to " + directory, e);
        }
        return new PostgresPrograms(directory);
    }

    /** The path of a program: {@code initdb}. */
    String path(String program) {
        return directory.resolve("bin").resolve(program).toString();
    }

    private static void unpack(byte[] archive, Path directory) throws IOException {
        Path unfinished = Directories.createTemporary("telemetry-postgres-");
        Files.setPosixFilePermissions(unfinished, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (TarArchiveInputStream tar =
                new TarArchiveInputStream(new XZInputStream(new ByteArrayInputStream(archive)))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                unpack(entry, tar, unfinished);
            }
        }
        publish(unfinished, directory);
    }

    private static void unpack(TarArchiveEntry entry, TarArchiveInputStream tar, Path root) throws IOException {
        Path target = root.resolve(entry.getName()).normalize();
        if (!target.startsWith(root)) {
            throw new IOException("entry outside of the archive: " + entry.getName());
        }
        if (entry.isDirectory()) {
            Files.createDirectories(target);
            return;
        }
        Files.createDirectories(target.getParent());
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
        } else {
            Files.copy(tar, target);
            Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    private static void publish(Path unfinished, Path directory) throws IOException {
        try {
            Files.move(unfinished, directory, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            Directories.delete(unfinished);
            if (!Files.exists(directory)) {
                throw e;
            }
            // Another JVM was faster, with the same bytes.
        }
    }

    /** Programs put into the shared temporary directory by another user are not run. */
    private static void requireOwn(Path directory) throws IOException {
        Path own = Directories.createTemporary("telemetry-postgres-");
        try {
            if (!Files.getOwner(directory).equals(Files.getOwner(own))) {
                throw new FileAlreadyExistsException(directory.toString(), null, "belongs to another user");
            }
        } finally {
            Directories.delete(own);
        }
    }

    private static String digest(byte[] archive) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(archive);
            return HexFormat.of().formatHex(digest).substring(0, DIGEST_CHARACTERS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
