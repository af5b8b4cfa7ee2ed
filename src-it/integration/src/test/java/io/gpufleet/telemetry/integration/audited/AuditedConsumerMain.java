package io.gpufleet.telemetry.integration.audited;

import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.BatchPolicy;
import io.gpufleet.telemetry.RetryPolicy;
import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.codec.ExpositionTextDecoder;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.heartbeat.HeartbeatValidator;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.gpu.GpuMetricsSink;
import io.gpufleet.telemetry.jdbc.gpu.GpuSampleSink;
import io.gpufleet.telemetry.jdbc.gpu.WideRows;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.kafka.GpuSampleConsumer;
import io.gpufleet.telemetry.kafka.HeartbeatConsumer;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.CodeSource;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import javax.sql.DataSource;

/**
 * The consumer under test, in a JVM of its own: heartbeats or samples, and their audit, in one transaction. Its
 * settings are the system properties that {@link AuditedConsumer} names.
 */
final class AuditedConsumerMain {
    private static final int LANES = 2;
    private static final long BUFFER_BYTES = 1 << 20;

    private AuditedConsumerMain() {}

    public static void main(String[] mutants) throws ReflectiveOperationException, URISyntaxException {
        for (String mutant : mutants) {
            CodeSource source = Mutant.find(mutant).getProtectionDomain().getCodeSource();
            System.out.println("mutant of " + Path.of(source.getLocation().toURI()));
        }
        System.out.println("java " + System.getProperty("java.version"));
        Holds holds = new Holds(Path.of(setting(AuditedConsumer.HOLDS)));
        HikariDataSource pool = pool();
        BatchingConsumer consumer = start(pool, holds);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(consumer, pool)));
        System.out.println("started at " + System.currentTimeMillis());
        PrintedHealth.of(consumer);
        consumer.termination().join();
    }

    /** Closes the consumer, and prints the threads that remain. */
    private static void end(BatchingConsumer consumer, HikariDataSource pool) {
        consumer.close();
        pool.close();
        System.out.println(AuditedConsumer.BUFFERED + consumer.snapshot().peakBufferedBytes() + " of " + BUFFER_BYTES);
        System.out.println(AuditedConsumer.LEFT_BEHIND + LeftThreads.names());
    }

    private static HikariDataSource pool() {
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl(setting(AuditedConsumer.JDBC_URL));
        pool.setMaximumPoolSize(LANES + 2);
        return pool;
    }

    private static BatchingConsumer start(DataSource pool, Holds holds) {
        PrintedEvents events = new PrintedEvents(holds);
        DataSource source = withLostReplies(pool);
        return switch (setting(AuditedConsumer.CARGO)) {
            case "heartbeats" ->
                start(
                        HeartbeatConsumer.builder(
                                        BincodeHeartbeatCodec.fixed(), audited(HeartbeatSink.builder(source), holds))
                                .validator(HeartbeatValidator.builder()
                                        .clock(MovedClock.CLOCK)
                                        .build()),
                        events);
            case "samples" ->
                start(
                        GpuSampleConsumer.builder(
                                ExpositionTextDecoder.create(), new KeptParts<>(audited(bothForms(source), holds))),
                        events);
            default ->
                throw new IllegalArgumentException(AuditedConsumer.CARGO + ": " + setting(AuditedConsumer.CARGO)
                        + " is neither heartbeats nor samples");
        };
    }

    private static DataSource withLostReplies(DataSource pool) {
        double lost = Double.parseDouble(setting(AuditedConsumer.LOST_REPLIES));
        return lost == 0
                ? pool
                : LostReplies.over(pool, lost, new Random(Long.parseLong(setting(AuditedConsumer.SEED))));
    }

    private static PostgresSink.Builder<GpuSample> bothForms(DataSource source) {
        return GpuMetricsSink.addTo(GpuSampleSink.builder(source), WideRows.ofMessages());
    }

    private static <T> PostgresSink<T> audited(PostgresSink.Builder<T> sink, Holds holds) {
        return sink.lockTimeout(duration(AuditedConsumer.LOCK_TIMEOUT))
                .idleInTransactionTimeout(duration(AuditedConsumer.IDLE_TIMEOUT))
                .inTransaction(new AuditHook<>(holds))
                .build();
    }

    private static BatchingConsumer start(BatchingConsumer.Builder<?> builder, PrintedEvents events) {
        builder.bootstrapServers(setting(AuditedConsumer.BOOTSTRAP_SERVERS))
                .topics(setting(AuditedConsumer.TOPIC))
                .groupId(setting(AuditedConsumer.GROUP))
                .concurrency(LANES)
                .bufferBytes(BUFFER_BYTES)
                .batching(BatchPolicy.builder()
                        .maxRecords(100)
                        .linger(Duration.ofMillis(50))
                        .build())
                .retry(RetryPolicy.builder()
                        .initialBackoff(Duration.ofMillis(10))
                        .maxBackoff(Duration.ofMillis(500))
                        .build())
                .listener(events)
                .overrides(Map.of(
                        "session.timeout.ms",
                        setting(AuditedConsumer.SESSION_TIMEOUT),
                        "heartbeat.interval.ms",
                        "1000"));
        return (Boolean.parseBoolean(setting(AuditedConsumer.ADOPT_GROUP_OFFSETS))
                        ? builder.adoptGroupOffsets()
                        : builder)
                .start();
    }

    private static Duration duration(String name) {
        return Duration.ofMillis(Long.parseLong(setting(name)));
    }

    private static String setting(String name) {
        return System.getProperty(name);
    }
}
