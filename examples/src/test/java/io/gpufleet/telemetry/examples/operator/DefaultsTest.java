package io.gpufleet.telemetry.examples.operator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.config.ConsumerSetting;
import io.gpufleet.telemetry.examples.Snippets;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.config.ConsumerConfigLoader;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.kafka.HeartbeatConsumer;
import io.gpufleet.telemetry.kafka.TunedConsumer;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerInterceptor;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** There is a single table of defaults, that of the code, which documents, tools and running clients repeat. */
@TelemetryStackTest
final class DefaultsTest {
    private static final String TOPIC = "defaults";
    private static final Pattern ROW =
            Pattern.compile("(?m)^\\| `([a-z_]+)` \\| (?:`([a-z.]+)`)? \\| (\\S+) \\| .* \\|$");
    private static final Pattern OF_README = Pattern.compile("`([a-z.]+)` (\\d+)(?: (s|MiB))?[,;]");
    private static final Map<String, Integer> UNITS = Map.of("s", 1000, "MiB", 1 << 20);

    /** The settings that the batching consumer always has: it reads committed records, and resets positions itself. */
    private static final Map<String, String> ALWAYS =
            Map.of("isolation.level", "read_committed", "auto.offset.reset", "none");

    private static Installation installation;

    @BeforeAll
    static void install(TelemetryStack stack) {
        installation = new Installation(stack);
        stack.createTopic(TOPIC, 1);
        installation.execute("INSERT INTO telemetry.pipeline_consumer_configs (service_name) VALUES ('unset')");
    }

    /** Keeps the settings of the created clients, by their groups. */
    public static final class Watch implements ConsumerInterceptor<byte[], byte[]> {
        private static final Map<String, ConsumerConfig> SEEN = new ConcurrentHashMap<>();

        @Override
        public void configure(Map<String, ?> settings) {
            SEEN.put(String.valueOf(settings.get("group.id")), new ConsumerConfig(new HashMap<>(settings)));
        }

        @Override
        public ConsumerRecords<byte[], byte[]> onConsume(ConsumerRecords<byte[], byte[]> records) {
            return records;
        }

        @Override
        public void onCommit(Map<TopicPartition, OffsetAndMetadata> offsets) {}

        @Override
        public void close() {}
    }

    private static Map<String, String> ofTheClients() {
        Map<String, String> expected = new HashMap<>();
        for (ConsumerSetting setting : ConsumerSetting.values()) {
            setting.kafkaName()
                    .ifPresent(name -> setting.defaultValue().ifPresent(value -> expected.put(name, value.toString())));
        }
        expected.put("partition.assignment.strategy", "[" + CooperativeStickyAssignor.class.getName() + "]");
        return expected;
    }

    private static Map<String, String> seen(String group) {
        ConsumerConfig config = Watch.SEEN.get(group);
        return ofTheClients().keySet().stream()
                .collect(Collectors.toMap(
                        name -> name, name -> String.valueOf(config.values().get(name))));
    }

    private static BatchingConsumer consumer(
            TelemetryStack stack, UnaryOperator<BatchingConsumer.Builder<Heartbeat>> more) {
        return more.apply(HeartbeatConsumer.builder(
                                BincodeHeartbeatCodec.fixed(),
                                HeartbeatSink.builder(installation.dataSource())
                                        .schema(Installation.SCHEMA)
                                        .build())
                        .bootstrapServers(stack.bootstrapServers())
                        .overrides(Map.of("interceptor.classes", Watch.class.getName()))
                        .topics(TOPIC))
                .start();
    }

    private static ConsumerConfigLoader loader() {
        return ConsumerConfigLoader.builder(installation.dataSource())
                .schema(Installation.SCHEMA)
                .build();
    }

    @Test
    void batchingConsumers_haveThemWhateverWaySettingsCome(TelemetryStack stack) {
        Map<String, String> expected = ofTheClients();
        expected.putAll(ALWAYS);
        try (ConsumerConfigLoader loader = loader()) {
            consumer(stack, builder -> builder.groupId("from-code")).close();
            consumer(stack, builder -> builder.settings(loader, "unset")).close();
            consumer(stack, builder -> builder.settings(loader, "without-row")).close();
        }

        for (String group : List.of("from-code", "unset-consumer-group", "without-row-consumer-group")) {
            assertThat(seen(group)).as(group).containsExactlyInAnyOrderEntriesOf(expected);
        }
    }

    @Test
    void tunedConsumers_haveThem(TelemetryStack stack) {
        try (ConsumerConfigLoader loader = loader()) {
            TunedConsumer.builder(new ByteArrayDeserializer(), new ByteArrayDeserializer(), loader, "polls")
                    .bootstrapServers(stack.bootstrapServers())
                    .overrides(Map.of("interceptor.classes", Watch.class.getName()))
                    .build()
                    .close();
        }

        assertThat(seen("polls-consumer-group")).containsExactlyInAnyOrderEntriesOf(ofTheClients());
    }

    @Test
    void aRowWithoutAGroup_leavesTheConsumerInItsOwn(TelemetryStack stack) {
        installation
                .run("configs", "set", "keeps-its-group", "max_poll_records=50", "--create")
                .answer();

        try (ConsumerConfigLoader loader = loader()) {
            consumer(stack, builder -> builder.groupId("mine").settings(loader, "keeps-its-group"))
                    .close();
        }

        assertThat(seen("mine")).containsEntry("max.poll.records", "50");
        assertThat(Watch.SEEN).doesNotContainKey("keeps-its-group-consumer-group");
    }

    @Test
    void configsShow_showsThem() {
        JsonNode shown = installation.run("configs", "show", "unset", "--json").json();

        assertThat(shown).hasSameSizeAs(ConsumerSetting.values()).allSatisfy(row -> {
            ConsumerSetting setting =
                    ConsumerSetting.ofColumn(row.get("setting").asText()).orElseThrow();
            assertThat(row.get("value").asText())
                    .isEqualTo(setting.defaultValue().map(Object::toString).orElse("unset-consumer-group"));
            assertThat(row.get("comes_from").asText()).isEqualTo("default");
        });
    }

    @Test
    void guide_namesThem() throws IOException {
        List<String> documented = Snippets.of("docs/guide.md").matches(ROW).stream()
                .map(row -> row.group(1) + "|" + row.group(2) + "|" + row.group(3))
                .toList();

        assertThat(documented).hasSameSizeAs(ConsumerSetting.values());
        for (ConsumerSetting setting : ConsumerSetting.values()) {
            Object value = setting.defaultValue().orElse("`<service>-consumer-group`");
            assertThat(documented)
                    .contains(setting.column() + "|" + setting.kafkaName().orElse(null) + "|" + value);
        }
    }

    @Test
    void readme_namesSomeOfThem() throws IOException {
        List<MatchResult> named = Snippets.of("README.md").matches(OF_README);

        assertThat(named).hasSizeGreaterThan(4).allSatisfy(setting -> {
            int unit = setting.group(3) == null ? 1 : UNITS.get(setting.group(3));
            assertThat(ofTheClients())
                    .containsEntry(setting.group(1), String.valueOf(Integer.parseInt(setting.group(2)) * unit));
        });
    }
}
