package io.gpufleet.telemetry.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The directory of one server: its data, its log and the snapshots of its data; and the programs that work on it. */
final class PostgresFiles {
    private static final String PREFIX = "telemetry-postgres-server-";
    private static final Duration INITDB_LIMIT = Duration.ofMinutes(2);
    private static final int LOG_TAIL = 30;

    private static final String TLS_ONLY = """
            host    all postgres 127.0.0.1/32 trust
            hostssl all all      127.0.0.1/32 scram-sha-256
            """;

    private final PostgresPrograms programs;
    private final Path directory;
    private final Privileges privileges;

    private PostgresFiles(PostgresPrograms programs, Path directory, Privileges privileges) {
        this.programs = programs;
        this.directory = directory;
        this.privileges = privileges;
        privileges.own(directory);
    }

    static PostgresFiles create(PostgresPrograms programs) {
        return of(programs, ServerData.newDirectory(PREFIX));
    }

    /** Files that survive a crash of the machine, as far as the server syncs them. */
    static PostgresFiles createDurable(PostgresPrograms programs) {
        return of(programs, ServerData.newDurableDirectory(PREFIX));
    }

    static PostgresFiles create(PostgresPrograms programs, Privileges privileges) {
        return new PostgresFiles(programs, ServerData.newDirectory(PREFIX), privileges);
    }

    private static PostgresFiles of(PostgresPrograms programs, Path directory) {
        return new PostgresFiles(programs, directory, Privileges.of(directory));
    }

    Path directory() {
        return directory;
    }

    Path data() {
        return directory.resolve("data");
    }

    /** Names the process that runs on the data, and how far its start is. */
    Path pidFile() {
        return data().resolve("postmaster.pid");
    }

    /** Returns the version of the data: 18. */
    int majorVersion() {
        Path version = data().resolve("PG_VERSION");
        try {
            return Integer.parseInt(Files.readString(version).strip());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + version, e);
        }
    }

    /** Makes the data directory. */
    void initialize() {
        if (InitializedData.copyTo(data(), programs)) {
            privileges.own(data());
            return;
        }
        runInitdb();
        InitializedData.keep(data(), programs);
    }

    private void runInitdb() {
        List<String> arguments = List.of(
                "--pgdata=" + data(),
                "--username=postgres",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync");
        int code = ChildProcess.awaitExit(run("initdb", arguments), INITDB_LIMIT);
        if (code != 0) {
            throw new IllegalStateException("initdb ended with code " + code + ":\n" + logTail());
        }
    }

    /** Makes the server show a certificate, and refuse roles other than the superuser without TLS and password. */
    void requireTls(TestCertificates.ServerCertificate certificate) {
        try {
            Files.copy(certificate.pem(), data().resolve("server.crt"));
            Path key = Files.copy(certificate.keyPem(), data().resolve("server.key"));
            Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
            Files.writeString(data().resolve("pg_hba.conf"), TLS_ONLY, StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot prepare " + data() + " for TLS", e);
        }
        privileges.own(data());
    }

    Map<String, String> tlsSettings() {
        return Map.of(
                "ssl", "on",
                "ssl_cert_file", data().resolve("server.crt").toString(),
                "ssl_key_file", data().resolve("server.key").toString());
    }

    /** Starts a program; what it prints goes to the log. */
    Process run(String program, List<String> arguments) {
        ProcessBuilder builder = new ProcessBuilder(privileges.command(programs.path(program), arguments));
        builder.redirectErrorStream(true);
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
        builder.directory(directory.toFile());
        // What the environment says of another PostgreSQL does not concern this one.
        builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
        try {
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + builder.command(), e);
        }
    }

    String logTail() {
        try {
            List<String> lines = Files.readAllLines(log(), StandardCharsets.UTF_8);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_TAIL), lines.size()));
        } catch (IOException e) {
            return "(no log: " + e + ")";
        }
    }

    /** Copies the data to a new place in this directory. */
    Path copyData() {
        try {
            Path copy = Files.createTempDirectory(directory, "snapshot-").resolve("data");
            Directories.copy(data(), copy);
            return copy;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot copy " + data(), e);
        }
    }

    /** Puts a copy in the place of the data. */
    void replaceData(Path copy) {
        Directories.delete(data());
        Directories.copy(copy, data());
        privileges.own(data());
    }

    void delete() {
        Directories.delete(directory);
    }

    private Path log() {
        return directory.resolve("server.log");
    }
}
