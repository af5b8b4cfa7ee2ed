package io.gpufleet.telemetry.examples.operator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.LogId;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.SinkContext;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.TelemetryListener;
import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.testkit.FleetGenerator;
import io.gpufleet.telemetry.testkit.FleetRecord;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Letters dead-lettered by mistake are replayed from the command line. */
@TelemetryStackTest
final class ReplayDeadLettersTest {
    private static final String GROUP = "replayed";
    private static final Instant TIME = Instant.parse("2026-01-31T12:00:00.123Z");
    private static final byte[] GARBAGE = {1, 2, 3};

    private final TelemetryStack stack;
    private Installation installation;
    private long nextOffset;

    ReplayDeadLettersTest(TelemetryStack stack) {
        this.stack = stack;
    }

    @BeforeEach
    void install() {
        installation = new Installation(stack);
    }

    /** Dead-letters two good heartbeats and some garbage, in partition 1 of a topic. */
    private void setAside(String topic, LogId log) {
        SourcePartition partition = new SourcePartition(topic, 1);
        List<byte[]> values = new ArrayList<>(FleetGenerator.builder().clients(2).build().records(2).stream()
                .map(FleetRecord::heartbeat)
                .map(BincodeHeartbeatCodec.fixed()::encode)
                .toList());
        values.add(GARBAGE);
        installation.store(GROUP, partition, new Position(log, 0, -1));
        Batch.Builder<Heartbeat> batch = Batch.<Heartbeat>builder().open(partition, log, 0);
        values.forEach(value -> batch.add(letter(partition, value)));
        PostgresSink<Heartbeat> sink = HeartbeatSink.builder(installation.dataSource())
                .schema(Installation.SCHEMA)
                .build();
        sink.open(SinkContext.of(GROUP, TelemetryListener.none()));
        sink.write(batch.build());
    }

    private DeadLetter letter(SourcePartition partition, byte[] value) {
        SourceRecord record = SourceRecord.builder(partition, nextOffset++)
                .timestampMillis(TIME.toEpochMilli())
                .value(value)
                .headers(List.of(
                        new SourceRecord.Header("trace", new byte[] {1}),
                        new SourceRecord.Header("none", null),
                        new SourceRecord.Header("trace", new byte[] {2})))
                .build();
        return new DeadLetter(record, DeadLetter.Stage.DECODE, List.of(value == GARBAGE ? "garbage" : "a defect"));
    }

    private OperatorRun replay(String... options) {
        List<String> command = new ArrayList<>(List.of("dead-letters", "replay", "--group", GROUP));
        command.addAll(List.of(options));
        return installation.run(command.toArray(String[]::new));
    }

    @Test
    void dryRun_replaysNothing() {
        setAside("t", new LogId("a-cluster", new UUID(1, 2)));

        assertThat(replay("--dry-run").answer()).isEqualToNormalizingNewlines("""
                        Dead letters of group replayed, not replayed (dry run)
                          would be replayed
                                          3
                        """);
        assertThat(replay("--dry-run", "--reason", "garbage", "--json")
                        .json()
                        .get("would_be_replayed")
                        .asInt())
                .isEqualTo(1);
        assertThat(installation.rows("SELECT count(*) FROM telemetry.dead_letters WHERE replayed_at IS NULL"))
                .containsExactly("3");
    }

    @Test
    void letters_areCountedByTheirReasons() {
        setAside("t", new LogId("a-cluster", new UUID(1, 2)));

        JsonNode counted = installation
                .run("dead-letters", "list", "--by", "reason", "--json")
                .json();

        assertThat(counted.findValuesAsText("reason")).containsExactly("a defect", "garbage");
        assertThat(counted.findValuesAsText("letters")).containsExactly("2", "1");
        assertThat(counted.findValuesAsText("not_replayed")).containsExactly("2", "1");
        installation.execute("UPDATE telemetry.dead_letters SET reasons = ARRAY['offset ' || id || ' of 7 is broken']");
        assertThat(installation
                        .run("dead-letters", "list", "--by", "reason", "--json")
                        .json())
                .as("reasons that differ in numbers only")
                .singleElement()
                .satisfies(row -> assertThat(row.get("reason").asText()).isEqualTo("offset N of N is broken"));
        for (String what : List.of("stage", "topic", "group")) {
            assertThat(installation
                            .run("dead-letters", "list", "--by", what, "--json")
                            .json())
                    .singleElement()
                    .satisfies(row -> assertThat(row.get("letters").asInt()).isEqualTo(3));
        }
        assertThat(installation
                        .run("dead-letters", "list", "--by", "reason", "--topic", "other", "--json")
                        .json())
                .isEmpty();
    }

    @Test
    void replay_throughThePipeline() {
        setAside("t", new LogId("a-cluster", new UUID(1, 2)));

        OperatorRun replay = replay();

        assertThat(replay.errors()).isEmpty();
        assertThat(replay.code()).isEqualTo(ExitCodes.NOT_SO);
        assertThat(replay.out().lines().toList())
                .startsWith(
                        "Dead letters of group replayed, through the pipeline",
                        "  replayed  duplicates  still refused",
                        "         2           0              1",
                        "Reasons of these refusals, the most frequent first",
                        "  letters  reason")
                .anyMatch(line -> line.startsWith("        1  ") && line.contains(" at byte "))
                .contains("Letters refused again, the first 100", "  topic  partition  offset  reason")
                .last()
                .asString()
                .startsWith("  t              1")
                .contains(" at byte ");
        assertThat(installation.rows("SELECT count(*) FROM telemetry.heartbeat"))
                .containsExactly("2");
        assertThat(installation.run("invariant").code()).isZero();
        JsonNode letters = installation.run("dead-letters", "list", "--json").json();
        assertThat(letters.get(0).get("replayed_at").isNull()).isTrue();
        assertThat(letters.get(1).get("replayed_at").asText()).startsWith("20");
        assertThat(installation
                        .run("dead-letters", "show", letters.get(1).get("id").asText())
                        .answer())
                .containsPattern("(?m)^  replayed at +20");
    }

    @Test
    void replay_ofASelectionInJson() {
        setAside("t", new LogId("a-cluster", new UUID(1, 2)));

        OperatorRun first = replay("--reason", "a defect", "--stage", "decode", "--topic", "t", "--json");
        JsonNode again = replay("--reason", "a defect", "--json").json();

        assertThat(first.code()).isZero();
        assertThat(first.json())
                .hasToString("{\"replayed\":2,\"duplicates\":0,\"still_refused\":0,\"reasons\":[],\"refusals\":[]}");
        assertThat(again.get("replayed").asInt()).isZero();
    }

    @Test
    void replay_byTimeAndNumber() {
        setAside("t", new LogId("a-cluster", new UUID(1, 2)));
        String id =
                installation.rows("SELECT min(id) FROM telemetry.dead_letters").get(0);

        assertThat(replay("--since", "2100-01-01T00:00:00Z").answer()).contains("\n         0 ");
        assertThat(replay("--until", "2026-01-01T00:00:00Z").answer()).contains("\n         0 ");
        assertThat(replay("--id", id).answer()).contains("\n         1 ");
        replay("--id", id).assertRefused(ExitCodes.NOT_SO, "No dead letter " + id + " of group replayed to replay;");
    }

    @Test
    void replay_backToTheTopic() {
        stack.createTopic("back", 2, Map.of("retention.ms", "-1"));
        setAside("back", installation.log("back"));

        OperatorRun replay = replay("--to-topic", "--bootstrap-server", stack.bootstrapServers());

        assertThat(replay.answer().lines().toList())
                .containsExactly(
                        "Dead letters of group replayed, back to their topics",
                        "  replayed  duplicates  still refused",
                        "         3           0              0");
        List<ConsumerRecord<byte[], byte[]>> records = records("back");
        assertThat(records).hasSize(3).allSatisfy(record -> {
            assertThat(record.partition()).isEqualTo(1);
            assertThat(record.timestamp()).isEqualTo(TIME.toEpochMilli());
            assertThat(record.key()).isNull();
            assertThat(record.headers()).extracting(Header::key).containsExactly("trace", "none", "trace");
            assertThat(record.headers()).extracting(Header::value).containsExactly(new byte[] {1}, null, new byte[] {2
            });
        });
        assertThat(records.get(2).value()).isEqualTo(GARBAGE);
        assertThat(installation.rows("SELECT count(*) FROM telemetry.dead_letters WHERE replayed_at IS NULL"))
                .containsExactly("0");
        assertThat(installation.rows("SELECT count(*) FROM telemetry.heartbeat"))
                .containsExactly("0");
    }

    private List<ConsumerRecord<byte[], byte[]>> records(String topic) {
        ByteArrayDeserializer bytes = new ByteArrayDeserializer();
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, stack.bootstrapServers()), bytes, bytes)) {
            List<TopicPartition> partitions = List.of(new TopicPartition(topic, 0), new TopicPartition(topic, 1));
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long ends = consumer.endOffsets(partitions).values().stream()
                    .mapToLong(Long::longValue)
                    .sum();
            while (records.size() < ends) {
                consumer.poll(Duration.ofSeconds(1)).forEach(records::add);
            }
        }
        return records;
    }

    @Test
    void replay_toATopicThatIsGone() {
        setAside("gone", new LogId("a-cluster", new UUID(1, 2)));

        OperatorRun replay = replay("--to-topic", "--bootstrap-server", stack.bootstrapServers());

        assertThat(replay.code()).isEqualTo(ExitCodes.NOT_SO);
        assertThat(replay.out().lines().toList())
                .contains("         0           0              3", "        3  topic gone does not exist any more");
        assertThat(installation.rows("SELECT count(*) FROM telemetry.dead_letters WHERE replayed_at IS NULL"))
                .containsExactly("3");
    }

    @Test
    void replay_toAPartitionThatIsGone() {
        stack.createTopic("narrow", 1, Map.of("retention.ms", "-1"));
        setAside("narrow", installation.log("narrow"));

        OperatorRun replay = replay("--to-topic", "--bootstrap-server", stack.bootstrapServers());

        assertThat(replay.code()).isEqualTo(ExitCodes.NOT_SO);
        assertThat(replay.out())
                .contains("         0           0              3\n")
                .contains("partition 1 of topic narrow does not exist any more; it has 0 to 0");
    }
}
