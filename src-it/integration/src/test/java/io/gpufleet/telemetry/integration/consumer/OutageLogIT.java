package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.KafkaBroker;
import io.gpufleet.telemetry.testkit.PostgresDatabase;
import io.gpufleet.telemetry.testkit.PostgresServer;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The log of a host reports an outage soon, and its cause as soon as it is known. */
@TelemetryStackTest
final class OutageLogIT {
    /** Sooner than the failure of the first attempt to connect, which has the reason. */
    private static final Duration SOON = Duration.ofSeconds(8);

    @Test
    void databaseThatIsAway_isToldSoon_andWithItsReason(TelemetryStack stack) {
        stack.createTopic("log-of-a-database", 1);
        try (PostgresServer postgres = PostgresServer.builder().start()) {
            PostgresDatabase created = postgres.newDatabase();
            Pipeline pipeline = new Pipeline(stack.kafka(), Database.install(created), "log-of-a-database");
            pipeline.publish(10);
            try (LoggingHost host = LoggingHost.start(
                    LoggingHost.POOLED_CONSUMER, stack.bootstrapServers(), created, pipeline.topic())) {
                pipeline.awaitEnd();
                postgres.stop();
                pipeline.publish(10);
                awaitLine("the outage", host, SOON, "and waits for a database connection; 10 records wait");
                awaitLine("its reason", host, Pipeline.LIMIT, "refused");
                postgres.start();
                awaitLine("the end", host, Pipeline.LIMIT, "store: recovered after");
                pipeline.awaitEnd();

                List<String> warnings = warnings(host);
                assertThat(warnings)
                        .filteredOn(line -> line.contains("waits for"))
                        .hasSize(1);
                assertThat(warnings)
                        .filteredOn(line -> line.contains("refused"))
                        .hasSize(1);
            }
        }
    }

    @Test
    void brokersThatAreAway_areToldSoon(TelemetryStack stack) {
        try (KafkaBroker broker = KafkaBroker.builder().forked().start()) {
            broker.createTopic("log-of-a-broker", 1);
            PostgresDatabase created = stack.newDatabase();
            Pipeline pipeline = new Pipeline(broker, Database.install(created), "log-of-a-broker");
            pipeline.publish(10);
            try (LoggingHost host =
                    LoggingHost.start(LoggingHost.CONSUMER, broker.bootstrapServers(), created, pipeline.topic())) {
                pipeline.awaitEnd();
                broker.kill();
                awaitLine("the outage", host, SOON, "no connection to any broker");
                broker.start();
                awaitLine("the end", host, Pipeline.LIMIT, "brokers: recovered after");

                assertThat(warnings(host)).hasSize(1);
            }
        }
    }

    private static List<String> story(LoggingHost host) {
        return host.lines().stream().filter(line -> line.contains("RunLog")).toList();
    }

    private static List<String> warnings(LoggingHost host) {
        return story(host).stream().filter(line -> line.contains("WARN")).toList();
    }

    private static void awaitLine(String what, LoggingHost host, Duration limit, String words) {
        Await.until(what, limit, () -> story(host), lines -> lines.stream().anyMatch(line -> line.contains(words)));
    }
}
