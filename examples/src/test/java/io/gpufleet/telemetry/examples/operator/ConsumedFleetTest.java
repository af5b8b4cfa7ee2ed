package io.gpufleet.telemetry.examples.operator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.heartbeat.HeartbeatValidator;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.kafka.HeartbeatConsumer;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.FleetGenerator;
import io.gpufleet.telemetry.testkit.FleetRecord;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import io.gpufleet.telemetry.testkit.TestRecord;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The rows of a running consumer are shown, checked, and consumed again. */
@TelemetryStackTest
final class ConsumedFleetTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String TOPIC = "operator-fleet";
    private static final int RECORDS = 200;
    private static final byte[] GARBAGE = "no \u001b[31mheartbeat".getBytes(StandardCharsets.UTF_8);

    private static final List<FleetRecord> FLEET = FleetGenerator.builder()
            .clients(10)
            .damageRate(0.02)
            .refusalRate(0.05)
            .build()
            .records(RECORDS);

    private static final long DAMAGED = count(FleetRecord.Kind.DAMAGED);
    private static final long REFUSED = count(FleetRecord.Kind.REFUSED);

    private static TelemetryStack stack;
    private static Installation installation;
    private static BatchingConsumer consumer;

    @BeforeAll
    static void consume(TelemetryStack shared) throws Exception {
        stack = shared;
        installation = new Installation(stack);
        stack.createTopic(TOPIC, 1, Map.of("retention.ms", "-1"));
        stack.publish(TOPIC, FLEET);
        publishGarbage();
        consumer = HeartbeatConsumer.builder(
                        BincodeHeartbeatCodec.fixed(),
                        HeartbeatSink.builder(installation.dataSource())
                                .schema(Installation.SCHEMA)
                                .build())
                .validator(HeartbeatValidator.builder().anyAge().build())
                .bootstrapServers(stack.bootstrapServers())
                .topics(TOPIC)
                .start();
        awaitConsumed(RECORDS + 1);
    }

    @AfterAll
    static void close() {
        if (consumer != null) {
            consumer.close();
        }
    }

    private static void publishGarbage() {
        TestRecord garbage = TestRecord.of(GARBAGE)
                .header("trace", new byte[] {1, (byte) 0xab})
                .header("none", null);
        stack.publish(TOPIC, List.of(garbage));
    }

    private static void awaitConsumed(long records) {
        Await.until(
                records + " records are consumed",
                LIMIT,
                () -> consumer.snapshot().counts().deliveriesWritten()
                        + consumer.snapshot().counts().deadLetters(),
                consumed -> consumed >= records);
    }

    private static long count(FleetRecord.Kind kind) {
        return FLEET.stream().filter(record -> record.kind() == kind).count();
    }

    private static JsonNode list(String... options) {
        Stream<String> command = Stream.of("dead-letters", "list", "--json", "--limit", "1000");
        return installation
                .run(Stream.concat(command, Stream.of(options)).toArray(String[]::new))
                .json();
    }

    private static String newestId() {
        return list().get(0).get("id").asText();
    }

    @Test
    void deadLetters_areListedByStage() {
        assertThat(list("--topic", TOPIC, "--group", HeartbeatConsumer.GROUP_ID))
                .hasSize((int) (DAMAGED + REFUSED + 1));
        assertThat(list("--stage", "decode")).hasSize((int) DAMAGED + 1);
        assertThat(list("--stage", "VALIDATE")).hasSize((int) REFUSED);
        assertThat(list("--stage", "write")).isEmpty();
        assertThat(list("--group", "another")).isEmpty();
    }

    @Test
    void deadLetters_areListedByTime() {
        assertThat(list("--since", Instant.now().minusSeconds(3600).toString())).hasSameSizeAs(list());
        assertThat(list("--since", "2100-01-01T00:00:00Z")).isEmpty();
    }

    @Test
    void deadLetters_areAlignedAndLimited() {
        List<String> lines = installation
                .run("dead-letters", "list", "--limit", "2")
                .answer()
                .lines()
                .toList();

        assertThat(lines).hasSize(4);
        assertThat(lines.get(0)).isEqualTo("Dead letters, the newest first");
        int reasons = lines.get(1).indexOf("reasons");
        assertThat(lines.subList(2, 4)).allSatisfy(line -> {
            assertThat(line.substring(reasons - 2, reasons)).isEqualTo("  ");
            assertThat(line.charAt(reasons)).isNotEqualTo(' ');
        });
        assertThat(lines.get(2)).contains(TOPIC).containsPattern(" 0 +200  decode ");
    }

    @Test
    void noDeadLetters_areNone() {
        assertThat(installation
                        .run("dead-letters", "list", "--topic", "another")
                        .answer())
                .isEqualToNormalizingNewlines("Dead letters, the newest first\n  none\n");
    }

    @Test
    void deadLetter_isShownWithItsBytes() {
        String sheet = installation.run("dead-letters", "show", newestId()).answer();

        assertThat(sheet)
                .doesNotContain("\u001b")
                .containsPattern("(?m)^  offset +200$")
                .containsPattern("(?m)^  stage +decode$")
                .containsPattern("(?m)^  trace  01ab$")
                .containsPattern("(?m)^  none$")
                .contains("Key\n  none\n")
                .contains("Value, 17 bytes\n")
                .contains("  00000000  6e 6f 20 1b 5b 33 31 6d  68 65 61 72 74 62 65 61  |no .[31mheartbea|\n")
                .contains("  00000010  74" + " ".repeat(48) + "|t|\n")
                .contains("Heartbeat\n  the value does not decode as a heartbeat\n");
    }

    @Test
    void deadLetter_inJsonHoldsTheSame() {
        JsonNode letter =
                installation.run("dead-letters", "show", "--json", newestId()).json();

        assertThat(letter.get("topic").asText()).isEqualTo(TOPIC);
        assertThat(letter.get("topic_id").asText())
                .isEqualTo(installation.log(TOPIC).topicId().toString());
        assertThat(letter.get("offset").asLong()).isEqualTo(RECORDS);
        assertThat(letter.get("reasons").get(0).asText()).contains(" at byte ");
        assertThat(letter.get("headers").toString())
                .isEqualTo("[{\"name\":\"trace\",\"value\":\"01ab\",\"text\":null},"
                        + "{\"name\":\"none\",\"value\":null,\"text\":null}]");
        assertThat(letter.get("key").isNull()).isTrue();
        assertThat(letter.get("value").asText()).isEqualTo(HexFormat.of().formatHex(GARBAGE));
        assertThat(letter.get("heartbeat").isNull()).isTrue();
    }

    @Test
    void refusedHeartbeat_isDecoded() {
        JsonNode row = list("--stage", "validate").get(0);
        FleetRecord refused = FLEET.get(row.get("offset").asInt());
        Heartbeat heartbeat = refused.heartbeat();
        String id = row.get("id").asText();

        JsonNode decoded =
                installation.run("dead-letters", "show", id, "--json").json().get("heartbeat");
        String sheet = installation.run("dead-letters", "show", id).answer();

        assertThat(decoded.get("client_id").asText())
                .isEqualTo(heartbeat.clientId().toString());
        assertThat(decoded.get("cpu_usage").asInt())
                .isEqualTo(heartbeat.systemInfo().cpuUsage());
        assertThat(decoded.get("network_rx").bigIntegerValue())
                .hasToString(Long.toUnsignedString(heartbeat.systemInfo().networkRx()));
        assertThat(decoded.get("devices")).hasSameSizeAs(heartbeat.devices());
        assertThat(decoded.get("pods")).hasSameSizeAs(heartbeat.pods());
        assertThat(sheet)
                .contains(row.get("reasons").get(0).asText())
                .containsPattern("client id +" + heartbeat.clientId())
                .contains("Pods\n", "Devices\n", "temperature");
    }

    @Test
    void unknownDeadLetter_isRefused() {
        installation.run("dead-letters", "show", "999999").assertRefused(ExitCodes.NOT_SO, "No dead letter 999999");
    }

    @Test
    void noGaps_areNone() {
        assertThat(installation.run("gaps", "--topic", TOPIC).answer()).isEqualToNormalizingNewlines("Gaps\n  none\n");
        assertThat(installation.run("gaps", "--topic", TOPIC, "--json").json()).isEmpty();
    }

    @Test
    void invariant_isCheckedAndItsDifferencesAreNamed() {
        assertThat(installation.run("invariant").answer())
                .isEqualToNormalizingNewlines("Invariant holds: heartbeats\n");
        assertThat(installation.run("invariant", "--json").json().get("holds").asBoolean())
                .isTrue();

        installation.execute("UPDATE telemetry.client_daily_stats SET sum_disk_usage = sum_disk_usage + 1"
                + " WHERE id = (SELECT min(id) FROM telemetry.client_daily_stats)");
        try {
            OperatorRun table = installation.run("invariant");
            OperatorRun json = installation.run("invariant", "--json");

            assertThat(table.code()).isEqualTo(ExitCodes.NOT_SO);
            assertThat(table.errors()).isEmpty();
            assertThat(table.out())
                    .startsWith("Invariant does not hold: 2 values differ")
                    .containsPattern("[0-9a-f]{32}  2026-01-01  sum_disk_usage  +[0-9]+ +[0-9]+");
            assertThat(json.code()).isEqualTo(ExitCodes.NOT_SO);
            assertThat(json.json().get("holds").asBoolean()).isFalse();
            assertThat(json.json().get("first")).hasSize(2);
        } finally {
            installation.execute("UPDATE telemetry.client_daily_stats SET sum_disk_usage = sum_disk_usage - 1"
                    + " WHERE id = (SELECT min(id) FROM telemetry.client_daily_stats)");
        }
    }

    /** Heartbeats that are consumed again are duplicates. */
    @Test
    void resetWhileTheConsumerRuns_isConsumedAgain() {
        long duplicates = consumer.snapshot().counts().duplicatesDropped();

        OperatorRun reset = installation.runWithBroker(
                "offsets",
                "reset",
                "--topic",
                TOPIC,
                "--group",
                HeartbeatConsumer.GROUP_ID,
                "--to-earliest",
                "--execute");
        stack.publish(
                TOPIC,
                FLEET.stream()
                        .filter(record -> record.kind() == FleetRecord.Kind.GOOD)
                        .limit(1)
                        .toList());

        assertThat(reset.answer()).contains("moved back");
        Await.until(
                "all is consumed again",
                LIMIT,
                () -> consumer.snapshot().counts().duplicatesDropped(),
                dropped -> dropped >= duplicates + RECORDS - DAMAGED - REFUSED + 1);
        assertThat(installation.run("gaps").answer()).contains("none");
        assertThat(installation.run("invariant").code()).isZero();
    }
}
