package io.gpufleet.telemetry.examples.operator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gpufleet.telemetry.Health;
import io.gpufleet.telemetry.LogId;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.kafka.HeartbeatConsumer;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.FleetGenerator;
import io.gpufleet.telemetry.testkit.FleetRecord;
import io.gpufleet.telemetry.testkit.ForkedJvm;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The state of groups, and the reasons of each verdict; every test has its own group, with the test's name. */
@TelemetryStackTest
final class StatusTest {
    private static final String TOPIC = "operator-status";
    private static final SourcePartition P = new SourcePartition(TOPIC, 0);
    private static final int RECORDS = 20;
    private static final List<FleetRecord> FLEET = FleetGenerator.builder()
            .clients(4)
            .startAgo(Duration.ofHours(1))
            .damageRate(0.3)
            .build()
            .records(RECORDS);

    private static Installation installation;
    private static TelemetryStack servers;

    @BeforeAll
    static void publish(TelemetryStack stack) {
        servers = stack;
        installation = new Installation(stack);
        stack.createTopic(TOPIC, 1);
        stack.publish(TOPIC, FLEET);
    }

    private static OperatorRun status(String group, String... more) {
        return installation.runWithBroker(Stream.concat(Stream.of("status", "--group", group), Stream.of(more))
                .toArray(String[]::new));
    }

    /** Returns the answer, whatever the exit code. */
    private static JsonNode json(OperatorRun run) {
        try {
            return new ObjectMapper().readTree(run.out());
        } catch (JsonProcessingException e) {
            throw new AssertionError(run.out() + run.errors(), e);
        }
    }

    private static JsonNode only(OperatorRun run) {
        JsonNode groups = json(run).get("groups");
        assertThat(groups).hasSize(1);
        return groups.get(0);
    }

    @Test
    void group_withoutMembers_isDead_withTheTrueLag() {
        String group = "group_withoutMembers";
        installation.store(group, P, 5);

        OperatorRun run = status(group, "--json");

        assertThat(run.code()).isEqualTo(ExitCodes.NOT_SO);
        assertThat(only(run).get("status").asText()).isEqualTo("DEAD");
        assertThat(only(run).get("lag").asLong()).isEqualTo(RECORDS - 5);
        assertThat(only(run).get("members").asInt()).isZero();
        assertThat(only(run).get("why").asText()).isEqualTo("the group has no members");
    }

    @Test
    void group_thatConsumes_isOk_andItsDeadLettersAreSummedUp() {
        String group = "group_thatConsumes";
        try (BatchingConsumer consumer = HeartbeatConsumer.builder(
                        BincodeHeartbeatCodec.fixed(),
                        HeartbeatSink.builder(installation.dataSource())
                                .schema(Installation.SCHEMA)
                                .build())
                .bootstrapServers(servers.bootstrapServers())
                .topics(TOPIC)
                .groupId(group)
                .start()) {
            Await.until(
                    "all is consumed",
                    Duration.ofSeconds(60),
                    () -> installation.positions(group),
                    positions -> positions.equals(List.of(P + ":" + RECORDS)));

            OperatorRun run = status(group, "--json");

            assertThat(run.code()).as(run.out()).isEqualTo(ExitCodes.OK);
            assertThat(only(run).get("status").asText()).isEqualTo("OK");
            assertThat(only(run).get("members").asInt()).isOne();
            assertThat(consumer.health().status()).isEqualTo(Health.Status.UP);
            long letters = 0;
            for (JsonNode row : json(run).get("dead_letters")) {
                letters += row.get("records").asLong();
            }
            assertThat(letters)
                    .isPositive()
                    .isEqualTo(FLEET.stream()
                            .filter(record -> record.kind() == FleetRecord.Kind.DAMAGED)
                            .count());
        }
    }

    @Test
    void refusedValues_areThoseOfTheLastHour() {
        String group = "group_withRefusedValues";
        installation.store(group, P, 5);
        installation.execute("INSERT INTO telemetry.consumer_processing_metrics (service_name, consumer_group_id,"
                + " batch_size, messages_processed, processing_time_ms, samples_rejected, samples_repeated, timestamp)"
                + " SELECT 's', g, 1, 1, 1, rejected, repeated, now() - age * interval '1 minute'"
                + " FROM (VALUES ('" + group + "', 5, 3, 1), ('" + group + "', 2, 2, 50), ('" + group
                + "', 0, 0, 2), ('" + group + "', 100, 90, 61), ('another group', 7, 7, 1))"
                + " AS v(g, rejected, repeated, age)");

        JsonNode rows = json(status(group, "--json")).get("refused_values");

        assertThat(rows).hasSize(1);
        assertThat(rows.get(0).get("values").asLong()).isEqualTo(7);
        assertThat(rows.get(0).get("counted_only").asLong()).isEqualTo(5);
        assertThat(status(group).out()).contains("Values refused in the last hour", "counted only");
    }

    @Test
    void deadLettersOfSomeValues_countForEachOfTheirReasons() {
        String group = "group_withLettersOfLines";
        installation.store(group, P, 5);
        installation.execute("INSERT INTO telemetry.dead_letters (group_id, topic, cluster_id, topic_id, partition,"
                + " kafka_offset, header_names, header_values, stage, reasons)"
                + " SELECT '" + group + "', topic, cluster_id, topic_id, partition, number, '{}', '{}', stage, reasons"
                + " FROM telemetry.consumer_offsets, (VALUES"
                + " (1, 'sample', ARRAY['line 3: hot', 'line 12: hot', 'line 4: open']),"
                + " (2, 'sample', ARRAY['line 7: hot']), (3, 'validate', ARRAY['hot', 'late']))"
                + " AS v(number, stage, reasons) WHERE group_id = '" + group + "'");

        JsonNode rows = json(status(group, "--json")).get("dead_letters");

        List<String> counts = new ArrayList<>();
        rows.forEach(row -> counts.add(row.get("reason").asText() + " " + row.get("records")));
        assertThat(counts).containsExactly("line N: hot 2", "line N: open 1", "hot 1");
    }

    @Test
    void group_whoseMemberDoesNotMoveItsPosition_isStuck() {
        String group = "group_stuck";
        installation.store(group, P, 5);
        installation.execute("UPDATE telemetry.consumer_offsets SET updated_at = now() - interval '10 minutes'"
                + " WHERE group_id = '" + group + "'");
        try (KafkaConsumer<byte[], byte[]> member = member(group, TOPIC)) {
            assertThat(member.assignment()).isNotEmpty();

            OperatorRun run = status(group, "--json");

            assertThat(run.code()).isEqualTo(ExitCodes.NOT_SO);
            assertThat(only(run).get("status").asText()).isEqualTo("STUCK");
            assertThat(only(run).get("moved").asText()).isEqualTo("10 min ago");
        }
    }

    /** Returns a member of a group that consumes nothing: its position stays. */
    private static KafkaConsumer<byte[], byte[]> member(String group, String topic) {
        KafkaConsumer<byte[], byte[]> member = new KafkaConsumer<>(
                Map.of("bootstrap.servers", servers.bootstrapServers(), "group.id", group),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        member.subscribe(List.of(topic));
        Await.until(
                "the group has a member",
                Duration.ofSeconds(60),
                () -> {
                    member.poll(Duration.ofMillis(100));
                    return member.assignment();
                },
                assigned -> !assigned.isEmpty());
        return member;
    }

    @Test
    void position_ofAnotherLog_isUnknown_notZero() {
        String group = "position_ofAnotherLog";
        LogId now = installation.log(TOPIC);
        installation.store(group, P, new Position(new LogId(now.clusterId(), new UUID(1, 2)), RECORDS, 0));
        try (KafkaConsumer<byte[], byte[]> member = member(group, TOPIC)) {
            assertThat(member.assignment()).isNotEmpty();

            OperatorRun run = status(group, "--json");

            assertThat(run.code()).isEqualTo(ExitCodes.NOT_SO);
            assertThat(only(run).get("lag").isNull()).isTrue();
            assertThat(only(run).get("status").asText()).isEqualTo("UNKNOWN");
            assertThat(only(run).get("why").asText()).contains("was recreated");
        }
    }

    /** Records in a partition without a position count, although no figure of it is stored. */
    @Test
    void partition_withoutAPosition_waitsAsAWhole() {
        String group = "partition_withoutAPosition";
        String topic = "operator-status-two";
        servers.createTopic(topic, 2);
        servers.publish(topic, FLEET);
        installation.store(group, new SourcePartition(topic, 0), 0);

        JsonNode status = only(status(group, "--json"));

        assertThat(status.get("partitions").asInt()).isEqualTo(2);
        assertThat(status.get("lag").asLong()).isEqualTo(RECORDS);
    }

    /** The group is at the end of the log, but the service's own report is an alarm. */
    @Test
    void service_thatWentSilent_isNoSuccess() {
        String group = "service_thatWentSilent";
        installation.store(group, P, RECORDS);
        try (KafkaConsumer<byte[], byte[]> member = member(group, TOPIC)) {
            assertThat(member.assignment()).isNotEmpty();
            assertThat(status(group).code()).isEqualTo(ExitCodes.OK);
            installation.execute("INSERT INTO telemetry.consumer_lag_history (service_name, consumer_group_id, topic,"
                    + " partition, consumer_offset, log_end_offset, lag, \"timestamp\") VALUES ('silent', '" + group
                    + "', '" + TOPIC + "', 0, 20, 20, 0, now() - interval '56 seconds')");

            OperatorRun run = status(group, "--json");

            assertThat(run.code()).isEqualTo(ExitCodes.NOT_SO);
            JsonNode service = json(run).get("services").get(0);
            assertThat(service.get("service").asText()).isEqualTo("silent");
            assertThat(service.get("reported_lag").isNull()).isTrue();
        }
    }

    /** All requests run at once; data of the database is shown, and nothing else looks known. */
    @ParameterizedTest
    @ValueSource(strings = {"status", "offsets show"})
    void brokersThatDoNotAnswer_costTheTimeOfOneQuestion(String command, TelemetryStack stack) {
        Installation other = new Installation(stack);
        for (int i = 0; i < 6; i++) {
            other.store(
                    "away-" + i,
                    new SourcePartition("away-" + i, 0),
                    new Position(new LogId("cluster", new UUID(1, i + 1)), RECORDS, 0));
        }
        long started = System.nanoTime();

        OperatorRun run = other.run(Stream.concat(
                        Stream.of(command.split(" ")),
                        Stream.of(
                                "--bootstrap-server",
                                "127.0.0.1:1",
                                "--client-property",
                                "default.api.timeout.ms=2000",
                                "--client-property",
                                "request.timeout.ms=1000"))
                .toArray(String[]::new));

        assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(8));
        assertThat(run.code()).isNotEqualTo(ExitCodes.OK);
        if (command.equals("status")) {
            assertThat(run.out().lines().map(String::strip))
                    .anySatisfy(line ->
                            assertThat(line).containsPattern("^away-5 +away-5 +UNKNOWN +\\? +\\? +\\? +1 +\\d+ s ago"));
        }
    }

    @Test
    void brokersThatDoNotAnswer_areUnknown() {
        String group = "brokers_away";
        installation.store(group, P, RECORDS);

        OperatorRun run = installation.run(
                "status",
                "--json",
                "--group",
                group,
                "--bootstrap-server",
                "127.0.0.1:1",
                "--client-property",
                "default.api.timeout.ms=600",
                "--client-property",
                "request.timeout.ms=500");

        assertThat(run.code()).isEqualTo(ExitCodes.NOT_SO);
        assertThat(only(run).get("status").asText()).isEqualTo("UNKNOWN");
        assertThat(only(run).get("lag").isNull()).isTrue();
        assertThat(only(run).get("held_back").isNull()).isTrue();
        assertThat(only(run).get("why").asText()).contains("127.0.0.1:1");
    }

    @Test
    void nothingStored_isSaid_andNoSuccess() {
        OperatorRun run = status("absent");

        run.assertFailed(ExitCodes.NOT_SO, "No position of group absent is stored");
    }

    @Test
    void watch_looksAgain() {
        String group = "watched";
        installation.store(group, P, 5);

        OperatorRun run = status(group, "--watch", "0s", "--looks", "3");

        assertThat(run.out().split("State at ", -1)).hasSize(4);
        assertThat(run.code()).isEqualTo(ExitCodes.NOT_SO);
    }

    /** Numbers stay complete; only texts are cut. */
    @ParameterizedTest
    @ValueSource(ints = {80, 120})
    void tables_fitTheTerminal(int columns) {
        String group = "tables_fitTheTerminal" + "_and_this_name_is_long".repeat(5);
        installation.store(group, P, 5);
        try (ForkedJvm process = ForkedJvm.builder(Operator.class)
                .environment("COLUMNS", Integer.toString(columns))
                .arguments(installation.withBroker("status", "--group", group))
                .start()) {
            assertThat(process.awaitExit(Duration.ofSeconds(60))).isEqualTo(ExitCodes.NOT_SO);
            List<String> table = process.output().stream()
                    .dropWhile(line -> !line.equals("Groups"))
                    .toList();
            assertThat(table).isNotEmpty().allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(columns));
            assertThat(table.get(2)).contains("tables_fit", "DEAD");
            assertThat(table).anyMatch(line -> line.strip().equals("the group has no members"));
        }
    }
}
