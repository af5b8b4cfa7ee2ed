package io.gpufleet.telemetry.integration.consumer;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.Codec;
import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.heartbeat.HeartbeatValidator;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.kafka.HeartbeatConsumer;
import io.gpufleet.telemetry.kafka.producer.HeartbeatPublisher;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.FleetGenerator;
import io.gpufleet.telemetry.testkit.FleetRecord;
import io.gpufleet.telemetry.testkit.ForkedJvm;
import io.gpufleet.telemetry.testkit.PostgresDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** A host's program that logs everything from INFO on, like a new program; its standard error is the log. */
final class LoggingHost implements AutoCloseable {
    static final String CONSUMER = "consumer";

    /** Its pool gives up a connection after 5 s. */
    static final String POOLED_CONSUMER = "pooled";

    static final String PUBLISHER = "publisher";

    private static final String READY = "ready";
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final ForkedJvm jvm;

    private LoggingHost(ForkedJvm jvm) {
        this.jvm = jvm;
    }

    /** Starts the program without waiting. */
    static LoggingHost start(String role, String servers, PostgresDatabase database, String topic) {
        return new LoggingHost(ForkedJvm.builder(LoggingHost.class)
                .jvmArguments("-Xmx128m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=info")
                .arguments(role, servers, database.jdbcUrl(), topic)
                .start());
    }

    void awaitReady() {
        jvm.awaitLine(READY, LIMIT);
    }

    /**
     * Waits until a number of clients have logged their settings, dozens of lines that do not depend on the brokers.
     */
    void awaitSettings(int clients) {
        Await.until(
                "settings",
                LIMIT,
                () -> lines().stream()
                                .filter(line -> line.contains("Kafka version"))
                                .count()
                        >= clients);
    }

    /** Waits for the end of a program that could not start. */
    int awaitExit() {
        return jvm.awaitExit(LIMIT);
    }

    /** Returns the whole log. */
    List<String> lines() {
        return jvm.errors();
    }

    @Override
    public void close() {
        jvm.close();
    }

    public static void main(String[] arguments) throws InterruptedException {
        String topic = arguments[3];
        switch (arguments[0]) {
            case CONSUMER -> consume(arguments, database(arguments[2]), topic + "-group", 4);
            case POOLED_CONSUMER -> consume(arguments, pool(arguments[2]), topic + "-group", 1);
            case PUBLISHER -> publish(arguments[1], topic);
            default -> throw new IllegalArgumentException(arguments[0]);
        }
        System.out.println(READY);
        Thread.currentThread().join();
    }

    private static DataSource database(String jdbcUrl) {
        PGSimpleDataSource database = new PGSimpleDataSource();
        database.setURL(jdbcUrl);
        return database;
    }

    private static DataSource pool(String jdbcUrl) {
        HikariConfig pool = new HikariConfig();
        pool.setJdbcUrl(jdbcUrl);
        pool.setMaximumPoolSize(3);
        pool.setConnectionTimeout(5_000);
        return new HikariDataSource(pool);
    }

    private static void consume(String[] arguments, DataSource database, String group, int lanes) {
        HeartbeatConsumer.builder(BincodeHeartbeatCodec.fixed(), HeartbeatSink.create(database))
                .validator(HeartbeatValidator.builder().anyAge().build())
                .bootstrapServers(arguments[1])
                .topics(arguments[3])
                .groupId(group)
                .concurrency(lanes)
                .start();
    }

    /** Sends a heartbeat twenty times a second, for as long as the JVM runs. */
    @SuppressWarnings("FutureReturnValueIgnored") // the publisher waits for the broker by itself
    private static void publish(String servers, String topic) {
        Codec<Heartbeat> codec = BincodeHeartbeatCodec.fixed();
        Iterator<FleetRecord> fleet = FleetGenerator.builder().build().stream()
                .filter(machine -> machine.kind() == FleetRecord.Kind.GOOD)
                .iterator();
        HeartbeatPublisher publisher =
                HeartbeatPublisher.builder(codec, servers).topic(topic).build();
        Executors.newSingleThreadScheduledExecutor()
                .scheduleWithFixedDelay(
                        () -> publisher.send(codec.decode(fleet.next().value()), Instant.now()),
                        0,
                        50,
                        TimeUnit.MILLISECONDS);
    }
}
