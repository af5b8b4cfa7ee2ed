package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.KafkaBroker;
import io.gpufleet.telemetry.testkit.PostgresDatabase;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import io.gpufleet.telemetry.testkit.faults.TcpProxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A broker outage does not fill the log, and brokers are found again at any address. */
@TelemetryStackTest
@Execution(ExecutionMode.CONCURRENT)
final class BrokerOutageIT {
    private static final Duration FIRST = Duration.ofSeconds(30);
    private static final Duration THEN = Duration.ofSeconds(12);
    private static final int MOST_AT_FIRST = 70;
    private static final int MOST_THEN = 12;

    /**
     * The promise is less than 100 lines in a minute. The waits between two attempts grow to 5 s, which they have
     * reached after 30 s: the number of lines in the next 12 s then holds for any later 12 s, and a growing rate shows.
     */
    @Test
    void brokerThatIsAway_isLoggedALittle(TelemetryStack stack) {
        PostgresDatabase database = stack.newDatabase();
        try (KafkaBroker broker = KafkaBroker.builder().forked().start()) {
            broker.createTopic("outage", 2);
            Pipeline pipeline = new Pipeline(broker, Database.install(database), "outage");
            pipeline.publish(100);
            String servers = broker.bootstrapServers();
            try (LoggingHost consumer = LoggingHost.start(LoggingHost.CONSUMER, servers, database, "outage");
                    LoggingHost publisher = LoggingHost.start(LoggingHost.PUBLISHER, servers, database, "outage")) {
                List<LoggingHost> hosts = List.of(consumer, publisher);
                hosts.forEach(LoggingHost::awaitReady);
                Await.until(
                        "all are stored",
                        Pipeline.LIMIT,
                        () -> pipeline.database().count("heartbeat") > 100);
                broker.kill();
                assertLogsLittle(hosts);
                long stored = pipeline.database().count("heartbeat");
                broker.start();
                Await.until(
                        "it goes on", Pipeline.LIMIT, () -> pipeline.database().count("heartbeat") > stored);
            }
        }
    }

    /** A consumer gives up after 20 s; a publisher, which has never reached a broker, continues. */
    @Test
    void brokerThatNeverWasThere_isLoggedALittle(TelemetryStack stack) {
        PostgresDatabase database = stack.newDatabase();
        Database.install(database);
        String nobody = "127.0.0.1:1";
        try (LoggingHost consumer = LoggingHost.start(LoggingHost.CONSUMER, nobody, database, "outage");
                LoggingHost publisher = LoggingHost.start(LoggingHost.PUBLISHER, nobody, database, "outage")) {
            List<LoggingHost> hosts = List.of(consumer, publisher);
            consumer.awaitSettings(2); // of the admin client and of the polling client
            publisher.awaitSettings(1);
            assertLogsLittle(hosts);
            assertThat(consumer.awaitExit()).isEqualTo(1);
        }
    }

    private static void assertLogsLittle(List<LoggingHost> hosts) {
        assertThat(hosts).allSatisfy(host -> assertThat(host.lines()).hasSizeLessThan(400));
        List<Integer> before = hosts.stream().map(host -> host.lines().size()).toList();
        awaitTime(FIRST);
        List<Integer> first = hosts.stream().map(host -> host.lines().size()).toList();
        awaitTime(THEN);
        for (int i = 0; i < before.size(); i++) {
            List<String> lines = hosts.get(i).lines();
            assertThat(lines.subList(before.get(i), first.get(i))).hasSizeLessThan(MOST_AT_FIRST);
            assertThat(lines.subList(first.get(i), lines.size())).hasSizeLessThan(MOST_THEN);
        }
    }

    /** The test measures this time. */
    private static void awaitTime(Duration time) {
        long begun = System.nanoTime();
        Await.until("a while", time.plusSeconds(30), () -> System.nanoTime() - begun >= time.toNanos());
    }

    /** The first address is not that of any broker, like a load balancer's. */
    @Test
    void brokersThatAllHaveOtherAddresses_areFoundByTheFirstOne(TelemetryStack stack) {
        TcpProxy before = TcpProxy.start();
        try (before;
                TcpProxy after = TcpProxy.start();
                KafkaBroker broker =
                        KafkaBroker.builder().forked().proxied(before.port()).start()) {
            before.passTo(broker.proxiedPort());
            after.passTo(broker.proxiedPort());
            broker.createTopic("other-addresses", 2);
            Pipeline pipeline = new Pipeline(broker, Database.of(stack), "other-addresses");
            pipeline.publish(100);
            try (BatchingConsumer consumer = pipeline.consumer()
                    .bootstrapServers("127.0.0.1:" + broker.proxiedPort())
                    .overrides(Map.of("session.timeout.ms", 6000))
                    .start()) {
                pipeline.awaitEnd();
                assertThat(before.connections()).as("all go through the proxy").isPositive();
                broker.kill();
                before.close();
                broker.advertise(after.port());
                broker.start();
                pipeline.publish(100);
                pipeline.awaitEnd();
                assertThat(consumer.termination()).isNotDone();
            }
            pipeline.assertApplied(200);
        }
    }
}
