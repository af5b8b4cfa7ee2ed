package io.gpufleet.telemetry.testkit;

import static java.util.Objects.requireNonNull;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * A real Kafka broker for tests: one KRaft node on a new log directory, reachable from this machine only.
 *
 * <pre>{@code
 * try (KafkaBroker broker = KafkaBroker.builder().start()) {
 *     broker.createTopic("jobs", 2);
 * }
 * }</pre>
 *
 * <p>It runs in this JVM, or in a JVM of its own ({@link Builder#forked()}), where it can be killed and suspended.
 * Topics are not created by themselves, and records are kept whatever their time. {@link #close()} and a shutdown hook
 * end it and delete its data. Its port stays the same over restarts. Thread-safe.
 */
public final class KafkaBroker implements KafkaTopics, AutoCloseable {
    private static final int NO_PORT = 0;

    private final Object lock = new Object();
    private final String clientServers;
    private final String kitServers;
    private final int proxiedPort;
    private final BrokerFiles files;
    private final BrokerRuns runs;
    private final Runnable closeAtExit = this::close;

    private @Nullable BrokerAdmin admin;

    private KafkaBroker(
            BrokerFiles files, String clientServers, String kitServers, int proxiedPort, Supplier<BrokerRun> launch) {
        this.clientServers = clientServers;
        this.kitServers = kitServers;
        this.proxiedPort = proxiedPort;
        this.files = files;
        this.runs = new BrokerRuns(toString(), files, launch);
        CloseAtExit.add(closeAtExit);
    }

    /**
     * Returns a builder with the defaults: a broker in this JVM.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public String bootstrapServers() {
        return clientServers;
    }

    /**
     * Returns the port that a proxy passes its connections to, see {@link Builder#proxied}.
     *
     * @return the same port over all restarts
     * @throws IllegalStateException if the broker was not made to be reached through a proxy
     */
    public int proxiedPort() {
        if (proxiedPort == NO_PORT) {
            throw new IllegalStateException(this + " is not reached through a proxy: proxied(port) makes it so");
        }
        return proxiedPort;
    }

    @Override
    public void createTopic(String topic, int partitions, Map<String, String> configuration) {
        admin().createTopic(topic, partitions, configuration);
    }

    @Override
    public void addPartitions(String topic, int total) {
        admin().addPartitions(topic, total);
    }

    @Override
    public void deleteTopic(String topic) {
        admin().deleteTopic(topic);
    }

    @Override
    public void deleteRecordsBefore(String topic, int partition, long offset) {
        admin().deleteRecordsBefore(new TopicPartition(topic, partition), offset);
    }

    @Override
    public void publish(String topic, Iterable<? extends TestRecord> records) {
        admin().requireTopic(topic);
        new BrokerPublisher(kitServers).publish(topic, records);
    }

    @Override
    public Map<Integer, Long> endOffsets(String topic) {
        return admin().ends(topic);
    }

    @Override
    public long committedLag(String group, String topic) {
        return admin().committedLag(group, topic);
    }

    /**
     * Returns whether the broker lives; a suspended one does.
     *
     * @return false once it has ended
     */
    public boolean isRunning() {
        return runs.isRunning();
    }

    /**
     * Starts the broker again on its data and its port, after {@link #stop()} or {@link #kill()}.
     *
     * @throws IllegalStateException if it is running or closed, or does not start
     */
    public void start() {
        runs.begin();
        runs.awaitStarted();
    }

    /**
     * Sends clients of a proxy to another one, from the next {@link #start()} on: for them the broker then has another
     * address.
     *
     * @param port the other proxy's port on the loopback address, 1 to 65535
     * @throws IllegalStateException if the broker was not made to be reached through a proxy
     */
    public void advertise(int port) {
        requirePort(port);
        proxiedPort();
        Properties properties = files.read();
        String advertised = properties.getProperty(BrokerProperties.ADVERTISED);
        properties.setProperty(
                BrokerProperties.ADVERTISED, advertised.replaceAll("PROXIED://.*", BrokerProperties.proxied(port)));
        files.write(properties);
    }

    /** Stops the broker in order. Without effect when it is not running. */
    public void stop() {
        closeAdmin();
        runs.stop();
    }

    /**
     * Ends a forked broker at once (SIGKILL).
     *
     * @throws IllegalStateException if it is not forked, or not running
     */
    public void kill() {
        runs.requireRunning("kill").kill();
        closeAdmin();
    }

    /**
     * Stops a forked broker where it is (SIGSTOP), until {@link #resume()}.
     *
     * @throws IllegalStateException if it is not forked, or not running
     */
    public void suspend() {
        runs.requireRunning("suspend").suspend();
    }

    /**
     * Resumes a suspended broker (SIGCONT).
     *
     * @throws IllegalStateException if it is not forked, or not running
     */
    public void resume() {
        runs.requireRunning("resume").resume();
    }

    /** Ends the broker and deletes its data. */
    @Override
    public void close() {
        closeAdmin();
        runs.close();
        CloseAtExit.remove(closeAtExit);
    }

    @Override
    public String toString() {
        return "Kafka broker at " + bootstrapServers();
    }

    private static void requirePort(int port) {
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("port: " + port + " is not between 1 and 65535");
        }
    }

    private BrokerAdmin admin() {
        synchronized (lock) {
            runs.requireRunning("use");
            if (admin == null) {
                admin = new BrokerAdmin(kitServers);
            }
            return admin;
        }
    }

    private void closeAdmin() {
        synchronized (lock) {
            if (admin != null) {
                admin.close();
                admin = null;
            }
        }
    }

    /** Builds a {@link KafkaBroker}. Not thread-safe. */
    public static final class Builder {
        private final Map<String, String> settings = new TreeMap<>();
        private final List<String> jvmArguments = new ArrayList<>(List.of("-Xmx512m"));
        private Optional<Path> binaries = Optional.empty();
        private Optional<TestCertificates.ServerCertificate> certificate = Optional.empty();
        private final Map<String, String> passwords = new TreeMap<>();
        private boolean forked;
        private int advertisedPort = NO_PORT;

        private Builder() {}

        /**
         * Admits clients over TLS only. What this class does itself goes over a plain listener of its own.
         *
         * @param own what the broker shows; valid for {@code localhost} if clients shall accept it
         * @return this
         */
        public Builder tls(TestCertificates.ServerCertificate own) {
            this.certificate = Optional.of(own);
            return this;
        }

        /**
         * Adds a user: clients then need SASL_SSL with SCRAM-SHA-512.
         *
         * @param user a name without comma
         * @param password a password without comma and quotation mark
         * @return this
         */
        public Builder scram(String user, String password) {
            passwords.put(scramText("user", user), scramText("password", password));
            return this;
        }

        private static String scramText(String name, String text) {
            if (text.isEmpty() || text.contains(",") || text.contains("\"")) {
                throw new IllegalArgumentException(name + ": empty, or with a comma or a quotation mark");
            }
            return text;
        }

        /**
         * Runs the broker in a JVM of its own, not in this one.
         *
         * @return this
         */
        public Builder forked() {
            this.forked = true;
            return this;
        }

        /**
         * Makes the broker reachable through a proxy as well: clients of {@link KafkaBroker#proxiedPort} are sent to
         * the proxy's port, not to the broker's own.
         *
         * @param port the proxy's port on the loopback address, 1 to 65535
         * @return this
         */
        public Builder proxied(int port) {
            requirePort(port);
            this.advertisedPort = port;
            return this;
        }

        /**
         * Sets where the jars of a forked broker are, to run another version.
         *
         * @param directory a directory with the jar {@code kafka_2.13} of Kafka 3.9 or later, and with all that it
         *     needs (default: those on the class path)
         * @return this
         */
        public Builder binaries(Path directory) {
            if (!Files.isDirectory(directory)) {
                throw new IllegalArgumentException("binaries: " + directory + " is not a directory");
            }
            this.binaries = Optional.of(directory);
            return this;
        }

        /**
         * Adds options of the JVM of a forked broker.
         *
         * @param options as on the command line (default: {@code -Xmx512m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC},
         *     which starts in half the time); a later option wins
         * @return this
         */
        public Builder jvmArguments(String... options) {
            jvmArguments.addAll(List.of(options));
            return this;
        }

        /**
         * Sets a setting of the broker.
         *
         * @param name its name in {@code server.properties}
         * @param value its value
         * @return this
         */
        public Builder setting(String name, String value) {
            settings.put(requireNonNull(name, "name"), requireNonNull(value, "value"));
            return this;
        }

        /**
         * Makes a log directory and starts the broker on it.
         *
         * @return the running broker
         * @throws IllegalStateException if binaries were set for a broker in this JVM, or users without TLS; if the
         *     broker does not start
         */
        public KafkaBroker start() {
            if (binaries.isPresent() && !forked) {
                throw new IllegalStateException(
                        "binaries: " + binaries.get() + " need a broker of its own JVM: forked()");
            }
            if (!passwords.isEmpty() && certificate.isEmpty()) {
                throw new IllegalStateException("scram: passwords need a listener with TLS: tls(…)");
            }
            if (certificate.isPresent() && advertisedPort != NO_PORT) {
                throw new IllegalStateException("proxied: a listener with TLS is not reached through a proxy");
            }
            BrokerSecurity security = new BrokerSecurity(certificate, Map.copyOf(passwords));
            BrokerFiles files = new BrokerFiles();
            int port = LoopbackPort.free();
            int kitPort = security.isOn() ? LoopbackPort.free() : port;
            int controllerPort = LoopbackPort.free();
            int proxiedPort = advertisedPort == NO_PORT ? NO_PORT : LoopbackPort.free();
            Map<String, String> all = new TreeMap<>(forked ? BrokerProperties.shortSession() : Map.of());
            all.putAll(security.properties(port, kitPort, controllerPort));
            if (proxiedPort != NO_PORT) {
                all.putAll(BrokerProperties.proxied(port, controllerPort, proxiedPort, advertisedPort));
            }
            all.putAll(settings);
            files.write(BrokerProperties.alone(files.data(), port, controllerPort, all));
            files.writeScram(security.formatArguments());
            files.writeCluster(Uuid.randomUuid().toString());
            KafkaBroker broker = new KafkaBroker(
                    files, security.host() + ":" + port, LoopbackPort.HOST + ":" + kitPort, proxiedPort, launch(files));
            try {
                broker.start();
            } catch (RuntimeException | Error e) {
                broker.close();
                throw e;
            }
            return broker;
        }

        private Supplier<BrokerRun> launch(BrokerFiles files) {
            List<String> arguments = List.copyOf(jvmArguments);
            Optional<String> classPath =
                    binaries.map(directory -> directory.resolve("*").toString());
            return forked
                    ? () -> ForkedBroker.start(files.serverProperties(), arguments, classPath)
                    : () -> InProcessBroker.start(files.serverProperties());
        }
    }
}
