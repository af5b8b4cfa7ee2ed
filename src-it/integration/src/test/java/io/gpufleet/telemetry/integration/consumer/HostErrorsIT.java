package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.Codec;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.Health;
import io.gpufleet.telemetry.Sink;
import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.heartbeat.HeartbeatValidator;
import io.gpufleet.telemetry.jdbc.ColumnType;
import io.gpufleet.telemetry.jdbc.PostgresTable;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.kafka.HeartbeatConsumer;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Errors of the host's own code: a record is dead-lettered, a listener is ignored, SQL ends the consumer. */
@TelemetryStackTest
final class HostErrorsIT {
    private static final byte[] DEEP = {1, 2, 3};

    /** Recurses without end at some values, like parsers of nested text. */
    private static final class RecursingCodec implements Codec<Heartbeat> {
        private final Codec<Heartbeat> delegate = BincodeHeartbeatCodec.fixed();

        @Override
        public int encodedSize(Heartbeat value) {
            return delegate.encodedSize(value);
        }

        @Override
        public void encode(Heartbeat value, ByteBuffer target) {
            delegate.encode(value, target);
        }

        @Override
        public Heartbeat decode(ByteBuffer source) {
            return source.remaining() == DEEP.length ? decode(source.duplicate()) : delegate.decode(source);
        }
    }

    @Test
    void codecThatOverflowsTheStack_setsTheRecordAside(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "deep-records", 1);
        pipeline.publish(100);
        pipeline.send(1, number -> DEEP);
        pipeline.publish(100);
        try (BatchingConsumer consumer = HeartbeatConsumer.builder(
                        new RecursingCodec(), pipeline.sink().build())
                .bootstrapServers(stack.bootstrapServers())
                .topics(pipeline.topic())
                .groupId(pipeline.group())
                .validator(HeartbeatValidator.builder().anyAge().build())
                .start()) {
            pipeline.awaitEnd();
            assertThat(consumer.health().status()).isEqualTo(Health.Status.UP);
        }
        pipeline.assertApplied(200);
        assertThat(pipeline.database().rows("SELECT kafka_offset, stage, reasons FROM dead_letters"))
                .containsExactly("100 decode {java.lang.StackOverflowError}");
    }

    /** Throws an undeclared exception, and leaves the thread interrupted after every value. */
    private static final class RudeCodec implements Codec<Heartbeat> {
        private final Codec<Heartbeat> delegate = BincodeHeartbeatCodec.fixed();

        @Override
        public int encodedSize(Heartbeat value) {
            return delegate.encodedSize(value);
        }

        @Override
        public void encode(Heartbeat value, ByteBuffer target) {
            delegate.encode(value, target);
        }

        @Override
        public Heartbeat decode(ByteBuffer source) {
            Thread.currentThread().interrupt();
            return switch (source.remaining()) {
                case 1 -> sneak(new InterruptedException("of the host"));
                case 2 ->
                    throw new IllegalStateException() {
                        private static final long serialVersionUID = 1L;

                        @Override
                        @SuppressWarnings({"ToStringReturnsNull", "OverrideThrowableToString"}) // a host's mistakes
                        public String toString() {
                            return null;
                        }
                    };
                default -> delegate.decode(source);
            };
        }

        @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // as in other JVM languages
        private static <R, E extends Throwable> R sneak(Throwable thrown) throws E {
            throw (E) thrown;
        }
    }

    @Test
    void hostCodeThatLeavesItsThreadInterrupted_endsNothing(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "interrupted-lanes", 1);
        pipeline.publish(100);
        pipeline.send(2, number -> new byte[number + 1]);
        pipeline.publish(100);
        Sink<Heartbeat> sink = pipeline.sink()
                .inTransaction((connection, batch) -> Thread.currentThread().interrupt())
                .build();
        try (BatchingConsumer consumer = HeartbeatConsumer.builder(new RudeCodec(), sink)
                .bootstrapServers(stack.bootstrapServers())
                .topics(pipeline.topic())
                .groupId(pipeline.group())
                .validator(HeartbeatValidator.builder().anyAge().build())
                .listener(event -> Thread.currentThread().interrupt())
                .start()) {
            // This thread belongs to the host, and keeps the state in which the host's listener has left it.
            assertThat(Thread.interrupted()).isTrue();
            pipeline.awaitEnd();
            pipeline.publish(50);
            pipeline.awaitEnd();
            assertThat(consumer.health().reasons()).isEmpty();
        }
        pipeline.assertApplied(250);
        assertThat(pipeline.database().rows("SELECT kafka_offset, stage FROM dead_letters ORDER BY kafka_offset"))
                .containsExactly("100 decode", "101 decode");
    }

    @Test
    void listenerThatCannotBeLinked_changesNothingAndLeavesNothingOpen(TelemetryStack stack) throws Exception {
        Pipeline pipeline = Pipeline.create(stack, "unlinked-listener", 1);
        pipeline.publish(100);
        BatchingConsumer consumer = pipeline.consumer()
                .listener(event -> {
                    throw new NoClassDefFoundError("a class of the host");
                })
                .start();
        try (consumer) {
            pipeline.awaitEnd();
            assertThat(consumer.health().status()).isEqualTo(Health.Status.UP);
        }
        consumer.termination().get(10, TimeUnit.SECONDS);
        pipeline.assertApplied(100);
    }

    @Test
    void listenerWithoutMemory_endsTheConsumer(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "listener-without-memory", 1);
        pipeline.publish(100);
        OutOfMemoryError full = new OutOfMemoryError("the heap is full");
        try (BatchingConsumer consumer = pipeline.consumer()
                .listener(event -> {
                    if (event instanceof TelemetryEvent.ConsumerStopped
                            || event instanceof TelemetryEvent.RecordsPolled) {
                        throw full;
                    }
                })
                .start()) {
            assertThatThrownBy(() -> consumer.termination().get(30, TimeUnit.SECONDS))
                    .cause()
                    .isSameAs(full);
            assertThat(consumer.health().reasons()).singleElement().asString().contains("the heap is full");
        }
    }

    @Test
    void hookThatThrowsAnError_endsTheConsumerAndLeaksNothing(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "hook-with-an-error", 1);
        pipeline.publish(100);
        NoClassDefFoundError error = new NoClassDefFoundError("a class of the host");
        try (HikariDataSource pool = new HikariDataSource()) {
            pool.setDataSource(pipeline.database().source());
            pool.setMaximumPoolSize(3);
            try (BatchingConsumer consumer = pipeline.consumer(HeartbeatSink.builder(pool)
                            .inTransaction((connection, batch) -> {
                                throw error;
                            })
                            .build())
                    .start()) {
                assertThatThrownBy(() -> consumer.termination().get(30, TimeUnit.SECONDS))
                        .cause()
                        .isSameAs(error);
                assertThat(consumer.health().reasons())
                        .singleElement()
                        .asString()
                        .contains("NoClassDefFoundError: a class of the host");
            }
            assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
            assertThat(pool.getHikariPoolMXBean().getTotalConnections()).isPositive();
        }
        assertThat(pipeline.database().count("heartbeat")).isZero();
        assertThat(pipeline.positions()).isEqualTo(Map.of(0, 0L));
    }

    @Test
    void extractorThatFailsOnOneRecord_setsItAside(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "failing-extractor", 1);
        pipeline.database().execute("CREATE TABLE host_rows (kafka_offset bigint PRIMARY KEY)");
        pipeline.publish(100);
        try (BatchingConsumer consumer = pipeline.consumer(
                        pipeline.sink().insertOnce(failingAt(17)).build())
                .start()) {
            pipeline.awaitEnd();
            assertThat(consumer.health().status()).isEqualTo(Health.Status.UP);
        }
        assertThat(pipeline.database().count("host_rows")).isEqualTo(99);
        assertThat(pipeline.database().rows("SELECT kafka_offset, stage, reasons FROM dead_letters"))
                .containsExactly("17 write {\"table \\\"host_rows\\\": java.lang.StackOverflowError\"}");
        pipeline.assertApplied(99);
    }

    private static PostgresTable<Delivery<Heartbeat>> failingAt(long offset) {
        return PostgresTable.<Delivery<Heartbeat>>builder("host_rows")
                .key("kafka_offset", ColumnType.BIGINT, delivery -> {
                    if (delivery.offset() == offset) {
                        throw new StackOverflowError();
                    }
                    return delivery.offset();
                })
                .build();
    }

    @Test
    void listenerThatFailsInTheEnd_leavesNothingOpen(TelemetryStack stack) throws Exception {
        Pipeline pipeline = Pipeline.create(stack, "assertion-at-the-end", 1);
        BatchingConsumer consumer = pipeline.consumer()
                .listener(event -> {
                    if (event instanceof TelemetryEvent.ConsumerStopped) {
                        throw new AssertionError("a test of the host");
                    }
                })
                .start();
        assertThat(consumer.close(Duration.ofSeconds(10))).isZero();
        consumer.termination().get(10, TimeUnit.SECONDS);
    }

    @Test
    void closeOnAnInterruptedThread_beginsTheEndAndDoesNotWait(TelemetryStack stack) throws Exception {
        Pipeline pipeline = Pipeline.create(stack, "interrupted-close", 1);
        pipeline.publish(500);
        BatchingConsumer consumer = pipeline.consumer().start();
        Thread.currentThread().interrupt();

        consumer.close();

        assertThat(Thread.interrupted()).as("the thread stays interrupted").isTrue();
        assertThat(consumer.health().status()).isEqualTo(Health.Status.DOWN);
        consumer.termination().get(30, TimeUnit.SECONDS);
        assertThat(consumer.close(Duration.ZERO))
                .as("all that was handed out is written")
                .isZero();
    }
}
