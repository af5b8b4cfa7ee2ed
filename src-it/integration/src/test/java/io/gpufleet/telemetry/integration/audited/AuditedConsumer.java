package io.gpufleet.telemetry.integration.audited;

import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.ForkedJvm;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A running {@link AuditedConsumerMain}, which a test can hold, suspend and kill. Belongs to the thread of the test.
 */
public final class AuditedConsumer implements AutoCloseable {
    public static final String BOOTSTRAP_SERVERS = "consumer.bootstrap-servers";
    public static final String JDBC_URL = "consumer.jdbc-url";
    public static final String TOPIC = "consumer.topic";
    public static final String CARGO = "consumer.cargo";
    public static final String GROUP = "consumer.group";
    public static final String HOLDS = "consumer.holds";
    public static final String SESSION_TIMEOUT = "consumer.session-timeout";
    public static final String LOCK_TIMEOUT = "consumer.lock-timeout";
    public static final String IDLE_TIMEOUT = "consumer.idle-timeout";
    public static final String LOST_REPLIES = "consumer.lost-replies";
    public static final String SEED = "consumer.seed";
    public static final String ADOPT_GROUP_OFFSETS = "consumer.adopt-group-offsets";

    /** The begin of the last line, about the most buffered bytes and the budget. */
    public static final String BUFFERED = "buffered at most ";

    /** The begin of the line about an assignment with partitions. */
    public static final String GIVEN = "given partitions";

    /** The begin of the last line, about the remaining threads. */
    public static final String LEFT_BEHIND = "left behind: ";

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int LAST_LINES = 40;

    private final ForkedJvm jvm;
    private final Holds holds;
    private final long startedNanos = System.nanoTime();

    private AuditedConsumer(ForkedJvm jvm, Holds holds) {
        this.jvm = jvm;
        this.holds = holds;
    }

    /**
     * Creates a builder with a session of 4 seconds and the timeouts of the product.
     *
     * @param owner gets the started consumer, to close it
     */
    public static Builder builder(Consumer<AuditedConsumer> owner) {
        return new Builder(owner);
    }

    /** Returns its number in the audit. */
    public long writer() {
        return jvm.pid();
    }

    /** Waits for the first line of a kind, and returns its time. */
    public long await(String event) {
        String line = jvm.awaitLine(event + " at ", LIMIT);
        return Long.parseLong(line.substring(line.lastIndexOf(' ') + 1));
    }

    /** Waits for the first line with this begin. */
    public void awaitLine(String prefix) {
        jvm.awaitLine(prefix, LIMIT);
    }

    /** Waits for a number of lines with this begin. */
    public void awaitCount(String prefix, long count) {
        Await.until(count + " lines of " + prefix, LIMIT, () -> count(prefix) >= count);
    }

    /** Returns the number of lines with this begin. */
    public long count(String prefix) {
        return jvm.output().stream().filter(line -> line.startsWith(prefix)).count();
    }

    /** Returns whether a line contains this text. */
    public boolean hasPrinted(String text) {
        return jvm.output().stream().anyMatch(line -> line.contains(text));
    }

    /** Returns the first line with this begin, without the begin. */
    public String line(String prefix) {
        return jvm.awaitLine(prefix, LIMIT).substring(prefix.length());
    }

    /** Sets the clock of the JVM ahead of the right time, which needs {@link Mutant#withJumpingClock}. */
    public void setClock(Duration ahead) throws IOException {
        holds.write(MovedClock.OFFSET, Long.toString(ahead.toMillis()));
        awaitLine(MovedClock.MOVED + ahead.toMillis());
    }

    public void hold(String place) throws IOException {
        holds.set(place);
    }

    public void release(String place) throws IOException {
        holds.release(place);
    }

    public void suspend() {
        jvm.suspend();
    }

    public void resume() {
        jvm.resume();
    }

    /** Kills it, and waits for the rest of its log. */
    public void kill() {
        jvm.kill();
        jvm.awaitExit(LIMIT);
    }

    /** Returns whether it has not ended. */
    public boolean isAlive() {
        return jvm.isAlive();
    }

    /** Returns the time since its start. */
    public Duration age() {
        return Duration.ofNanos(System.nanoTime() - startedNanos);
    }

    /** Returns its whole log. */
    public List<String> log() {
        return jvm.errors();
    }

    /** Returns its last output, for the report of a failure. */
    public String lastWords() {
        return "process " + jvm.pid() + ":\n" + last(jvm.output()) + "\n" + last(jvm.errors());
    }

    private static String last(List<String> lines) {
        return String.join("\n", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
    }

    /** Closes it: buffered records are written, and the group's offsets are committed. */
    public void stop() {
        jvm.terminate();
        jvm.awaitExit(LIMIT);
    }

    @Override
    public void close() throws IOException {
        jvm.close();
        holds.delete();
    }

    /** Builds and starts a consumer. Not thread-safe. */
    public static final class Builder {
        private final Map<String, String> settings = new LinkedHashMap<>(Map.of(
                CARGO, "heartbeats",
                SESSION_TIMEOUT, "4000",
                LOCK_TIMEOUT, "10000",
                IDLE_TIMEOUT, "20000",
                LOST_REPLIES, "0",
                SEED, "1",
                ADOPT_GROUP_OFFSETS, "false"));
        private final Consumer<AuditedConsumer> owner;
        private Optional<Mutant> mutant = Optional.empty();
        private Optional<Path> javaHome = Optional.empty();

        private Builder(Consumer<AuditedConsumer> owner) {
            this.owner = owner;
        }

        public Builder set(String name, Object value) {
            settings.put(name, value.toString());
            return this;
        }

        /** Removes a guard. */
        public Builder mutant(Optional<Mutant> without) {
            this.mutant = without;
            return this;
        }

        /** Runs it on another JDK. */
        public Builder javaHome(Path directory) {
            this.javaHome = Optional.of(directory);
            return this;
        }

        public AuditedConsumer start() throws IOException {
            Holds holds = Holds.create();
            set(HOLDS, holds.directory());
            ForkedJvm.Builder jvm = ForkedJvm.builder(AuditedConsumerMain.class)
                    .jvmArguments("-Xmx256m")
                    .jvmArguments("-Duser.timezone=America/St_Johns", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn")
                    .jvmArguments("-Dorg.slf4j.simpleLogger.log.io.gpufleet.telemetry.kafka=info");
            settings.forEach((name, value) -> jvm.jvmArguments("-D" + name + "=" + value));
            javaHome.ifPresent(jvm::javaHome);
            mutant.ifPresent(without -> jvm.arguments(without.className())
                    .classPath(without.directory() + File.pathSeparator + System.getProperty("java.class.path")));
            AuditedConsumer consumer = new AuditedConsumer(jvm.start(), holds);
            owner.accept(consumer);
            mutant.ifPresent(without -> consumer.awaitLine("mutant of " + without.directory()));
            return consumer;
        }
    }
}
