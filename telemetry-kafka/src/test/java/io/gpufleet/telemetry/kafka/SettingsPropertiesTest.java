package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gpufleet.telemetry.BatchPolicy;
import io.gpufleet.telemetry.ResetPolicy;
import io.gpufleet.telemetry.config.ConsumerSetting;
import io.gpufleet.telemetry.config.ConsumerSettings;
import io.gpufleet.telemetry.config.SettingOrigin;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.consumer.StickyAssignor;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsPropertiesTest {
    private static final Map<String, Object> OWN = Map.of("bootstrap.servers", "localhost:1", "client.id", "c");

    private static TuningRules rules(Map<String, ?> overrides) {
        return new TuningRules(OWN, overrides, Optional.empty(), Optional.empty(), Optional.empty());
    }

    private static ConsumerSettings row(ConsumerSetting setting, Object value) {
        return ConsumerSettings.builder("s")
                .set(setting, value, SettingOrigin.ROW)
                .build();
    }

    @Test
    void of_givesKafkaEverythingThatTheTableHas() {
        Map<String, Object> properties = rules(Map.of())
                .of(row(ConsumerSetting.MAX_POLL_RECORDS, 7))
                .clientProperties()
                .consumer();

        assertThat(properties)
                .containsEntry("max.poll.records", 7)
                .containsEntry("group.id", "s-consumer-group")
                .containsEntry("session.timeout.ms", 60_000)
                .containsEntry("fetch.max.wait.ms", 500)
                .containsEntry("client.id", "c")
                .containsEntry("enable.auto.commit", false)
                .containsEntry("auto.offset.reset", "none")
                .containsEntry("isolation.level", "read_committed");
        assertThat(properties.keySet())
                .as("nothing else reaches the client")
                .allMatch(name -> ConsumerSetting.ofKafkaName(name).isPresent()
                        || OWN.containsKey(name)
                        || name.endsWith(".deserializer")
                        || name.equals("metadata.max.age.ms")
                        || name.equals("metadata.recovery.strategy")
                        || name.equals("allow.auto.create.topics"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"range", "roundrobin", "sticky", "cooperative-sticky"})
    void of_givesSettingsThatTheClientTakes(String strategy) {
        ConsumerSettings settings = row(ConsumerSetting.PARTITION_ASSIGNMENT_STRATEGY, strategy);
        for (Map<String, String> protocol : List.of(
                Map.<String, String>of(), Map.of("group.protocol", "consumer"), Map.of("group.protocol", "classic"))) {
            Map<String, Object> properties =
                    rules(protocol).of(settings).clientProperties().consumer();

            try (KafkaConsumer<byte[], byte[]> client =
                    new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
                assertThat(client.metrics()).isNotEmpty();
            }
        }
    }

    @Test
    void of_leavesOutWhatTheConsumerProtocolForbids() {
        Map<String, Object> properties = rules(Map.of("group.protocol", "consumer"))
                .of(row(ConsumerSetting.PARTITION_ASSIGNMENT_STRATEGY, "range"))
                .clientProperties()
                .consumer();

        assertThat(properties)
                .doesNotContainKeys("session.timeout.ms", "heartbeat.interval.ms", "partition.assignment.strategy")
                .containsEntry("group.remote.assignor", "range");
    }

    @Test
    void of_asksForTheUniformAssignorForTheOthers() {
        assertThat(rules(Map.of("group.protocol", "consumer"))
                        .of(row(ConsumerSetting.PARTITION_ASSIGNMENT_STRATEGY, "sticky"))
                        .clientProperties()
                        .consumer())
                .containsEntry("group.remote.assignor", "uniform");
    }

    @Test
    void settings_areWhatTheHostsCodeSays() {
        TuningRules rules = new TuningRules(
                OWN,
                Map.of(
                        "max.poll.records",
                        "20",
                        "partition.assignment.strategy",
                        StickyAssignor.class.getName(),
                        "sasl.mechanism",
                        "PLAIN"),
                Optional.of("g"),
                Optional.of(BatchPolicy.builder().linger(Duration.ofMillis(50)).build()),
                Optional.of(ResetPolicy.LATEST));

        assertThat(rules.settings())
                .containsOnly(
                        Map.entry(ConsumerSetting.CONSUMER_GROUP_ID, "g"),
                        Map.entry(ConsumerSetting.MAX_POLL_RECORDS, 20),
                        Map.entry(ConsumerSetting.PARTITION_ASSIGNMENT_STRATEGY, "sticky"),
                        Map.entry(ConsumerSetting.AUTO_OFFSET_RESET, "latest"),
                        Map.entry(ConsumerSetting.BATCH_MAX_RECORDS, 100),
                        Map.entry(ConsumerSetting.BATCH_MAX_BYTES, 4L << 20),
                        Map.entry(ConsumerSetting.BATCH_LINGER_MS, 50));
    }

    @Test
    void of_letsTheRowWinOverTheHostsCode() {
        TuningRules rules =
                rules(Map.of("max.poll.records", 20, "partition.assignment.strategy", RangeAssignor.class.getName()));
        ConsumerSettings settings = row(ConsumerSetting.MAX_POLL_RECORDS, 7).orElse(rules.settings());

        assertThat(rules.of(settings).clientProperties().consumer())
                .containsEntry("max.poll.records", 7)
                .containsEntry("partition.assignment.strategy", RangeAssignor.class.getName());
    }

    @Test
    void settings_refuseAnAssignorThatNoRowCanName() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> rules(Map.of("partition.assignment.strategy", "com.example.Mine"))
                        .settings())
                .withMessage("overrides: partition.assignment.strategy=com.example.Mine: partition_assignment_strategy:"
                        + " \"com.example.Mine\" is not one of range, roundrobin, sticky, cooperative-sticky");
    }

    @Test
    void take_keepsTheClientUnlessItNeedsAnother() {
        Tuning first = rules(Map.of()).of(row(ConsumerSetting.BATCH_MAX_RECORDS, 1));
        CurrentTuning tuning = new CurrentTuning(first);

        tuning.take(rules(Map.of()).of(row(ConsumerSetting.BATCH_MAX_RECORDS, 2)));

        assertThat(tuning.get().clientProperties()).isSameAs(first.clientProperties());
        assertThat(tuning.get().batching().maxRecords()).isEqualTo(2);

        tuning.take(rules(Map.of()).of(row(ConsumerSetting.MAX_POLL_RECORDS, 2)));

        assertThat(tuning.get().clientProperties()).isNotSameAs(first.clientProperties());

        ClientProperties second = tuning.get().clientProperties();
        tuning.refuse(first.clientProperties(), first.clientProperties(), "other");
        assertThat(tuning.get().clientProperties()).as("not what is wanted now").isSameAs(second);

        tuning.refuse(second, first.clientProperties(), "why");

        assertThat(tuning.get().clientProperties()).isSameAs(first.clientProperties());
        assertThat(tuning.refusal()).contains("why");
    }

    @Test
    void take_triesWhatWasRefusedAgainOnlyWhenItIsOther() {
        Tuning first = rules(Map.of()).of(row(ConsumerSetting.BATCH_MAX_RECORDS, 1));
        CurrentTuning tuning = new CurrentTuning(first);
        Tuning refused = rules(Map.of()).of(row(ConsumerSetting.SESSION_TIMEOUT_MS, 50_000));
        tuning.take(refused);
        tuning.refuse(refused.clientProperties(), first.clientProperties(), "why");

        tuning.take(rules(Map.of()).of(row(ConsumerSetting.SESSION_TIMEOUT_MS, 50_000)));

        assertThat(tuning.get().clientProperties()).isSameAs(first.clientProperties());
        assertThat(tuning.refusal()).contains("why");

        tuning.take(rules(Map.of()).of(row(ConsumerSetting.SESSION_TIMEOUT_MS, 60_000)));

        assertThat(tuning.refusal()).isEmpty();
    }

    @Test
    void admin_hasNothingOfTheService() {
        Map<String, Object> admin = rules(Map.of("retry.backoff.ms", 7))
                .of(row(ConsumerSetting.REQUEST_TIMEOUT_MS, 1_234))
                .clientProperties()
                .admin();

        assertThat(admin).containsEntry("retry.backoff.ms", 7).doesNotContainKey("request.timeout.ms");
    }
}
