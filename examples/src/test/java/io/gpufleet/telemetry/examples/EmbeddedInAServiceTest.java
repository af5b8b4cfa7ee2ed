package io.gpufleet.telemetry.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.examples.quickstart.Query;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatInvariant;
import io.gpufleet.telemetry.kafka.HeartbeatConsumer;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.FleetGenerator;
import io.gpufleet.telemetry.testkit.FleetRecord;
import io.gpufleet.telemetry.testkit.ForkedJvm;
import io.gpufleet.telemetry.testkit.PostgresDatabase;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The code of the README as a process: killed and started again, and ended by a failure. */
@Execution(ExecutionMode.CONCURRENT)
final class EmbeddedInAServiceTest {
    /** The group removes a killed process at the end of its session, after a minute. */
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private static final List<FleetRecord> FLEET = FleetGenerator.builder()
            .clients(20)
            .startAgo(Duration.ofHours(1))
            .build()
            .records(2_000);
    private static final List<FleetRecord> DAMAGED = FleetGenerator.builder()
            .damageRate(1)
            .startAgo(Duration.ofMinutes(1))
            .build()
            .records(99);

    @Test
    void process_survivesAKillAndEndsWithACodeWhenItFails() throws SQLException {
        try (TelemetryStack stack = TelemetryStack.start()) {
            PostgresDatabase database = stack.newDatabase();
            stack.createTopic(HeartbeatConsumer.TOPIC, 2);
            stack.publish(HeartbeatConsumer.TOPIC, FLEET.subList(0, 1_500));
            try (ForkedJvm first = service(stack, database)) {
                awaitStored(database, stored -> stored >= 300);
                first.kill();
            }
            stack.publish(HeartbeatConsumer.TOPIC, FLEET.subList(1_500, 2_000));
            try (ForkedJvm second = service(stack, database)) {
                awaitStored(database, stored -> stored == FLEET.size());
                assertThat(HeartbeatInvariant.check(database.dataSource()).holds())
                        .isTrue();

                Sql.execute(database.dataSource(), "DROP TABLE heartbeat");
                stack.publish(HeartbeatConsumer.TOPIC, FLEET.subList(0, 1));

                assertThat(second.awaitExit(LIMIT)).isEqualTo(1);
            }
        }
    }

    @Test
    void process_thatIsToldToEnd_writesWhatItHasAndLeavesItsGroup_andItsLogTellsTheStory() {
        try (TelemetryStack stack = TelemetryStack.start();
                Admin admin = Admin.create(Map.of("bootstrap.servers", stack.bootstrapServers()))) {
            PostgresDatabase database = stack.newDatabase();
            stack.createTopic(HeartbeatConsumer.TOPIC, 2);
            stack.publish(HeartbeatConsumer.TOPIC, FLEET.subList(0, 300));
            try (ForkedJvm service = service(stack, database)) {
                awaitStored(database, stored -> stored == 300);
                stack.postgres().stop();
                stack.publish(HeartbeatConsumer.TOPIC, DAMAGED);
                awaitLine(service, "waits for a database connection");
                awaitLine(service, "refused");
                stack.postgres().start();
                awaitLine(service, "recovered after");
                awaitLine(service, "dead-lettered; the first is");
                assertThat(members(admin)).isOne();

                service.terminate();

                assertThat(service.awaitExit(LIMIT)).as("128 and SIGTERM").isEqualTo(143);
                assertThat(members(admin)).isZero();
                assertThat(story(service))
                        .satisfiesExactly(
                                line -> assertThat(line)
                                        .startsWith("INFO Consumer of group heartbeat-consumer-group has started:")
                                        .contains(
                                                "topics [client-heartbeats]",
                                                "1 lane into PostgreSQL tables heartbeat, "),
                                line -> assertThat(line)
                                        .endsWith("given client-heartbeats-[0..1]; it has 2 partitions now"),
                                line -> assertThat(line)
                                        .startsWith("WARN Group heartbeat-consumer-group: writing a batch has taken ")
                                        .endsWith("s so far, and waits for a database connection; 99 records wait to be"
                                                + " written"),
                                line -> assertThat(line)
                                        .startsWith("WARN Group heartbeat-consumer-group: retrying a failed write")
                                        .contains("refused")
                                        .endsWith("99 records wait to be written"),
                                line -> assertThat(line)
                                        .startsWith(
                                                "WARN Group heartbeat-consumer-group: 99 records were dead-lettered"),
                                line -> assertThat(line)
                                        .matches("INFO Group .*: store: recovered after \\d+ s, \\d+ s ago"),
                                line -> assertThat(line)
                                        .endsWith("gave back client-heartbeats-[0..1]; it has 0 partitions now"),
                                line -> assertThat(line)
                                        .startsWith("INFO Consumer of group heartbeat-consumer-group was closed: 300"
                                                + " values stored")
                                        .contains(" 99 dead letters; 0 buffered records"));
            }
        }
    }

    private static void awaitLine(ForkedJvm service, String words) {
        Await.until(
                "the log says: " + words,
                LIMIT,
                () -> story(service),
                story -> story.stream().anyMatch(line -> line.contains(words)));
    }

    /** Returns the log of the consumer: level and message. */
    private static List<String> story(ForkedJvm service) {
        return service.errors().stream()
                .filter(line -> line.contains(" io.gpufleet.telemetry.kafka.RunLog - ")
                        // Whether the start reports an unavailable database is a matter of timing.
                        && !line.contains("starting up"))
                .map(line -> line.replaceFirst("^.*?(INFO|WARN|ERROR) \\S+ - ", "$1 "))
                .toList();
    }

    private static int members(Admin admin) {
        try {
            return admin.describeConsumerGroups(List.of(HeartbeatConsumer.GROUP_ID))
                    .describedGroups()
                    .get(HeartbeatConsumer.GROUP_ID)
                    .get()
                    .members()
                    .size();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void process_withoutItsArguments_saysWhatItNeeds() {
        try (ForkedJvm service = ForkedJvm.builder(EmbeddedInAService.class)
                .arguments("localhost:9092")
                .start()) {
            assertThat(service.awaitExit(LIMIT)).isEqualTo(2);
            assertThat(service.errors())
                    .containsExactly(
                            "EmbeddedInAService: 1 arguments are not 2",
                            "usage: examples/bin/example EmbeddedInAService <brokers> <JDBC URL>");
        }
    }

    private static ForkedJvm service(TelemetryStack stack, PostgresDatabase database) {
        return ForkedJvm.builder(EmbeddedInAService.class)
                .jvmArguments(
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                        "-Dorg.slf4j.simpleLogger.log.io.gpufleet=info")
                .arguments(stack.bootstrapServers(), database.jdbcUrl())
                .start();
    }

    private static void awaitStored(PostgresDatabase database, Predicate<Long> enough) {
        Await.until(
                "heartbeats are stored",
                LIMIT,
                () -> Query.number(database.dataSource(), "SELECT count(*) FROM heartbeat"),
                enough);
    }
}
