package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gpufleet.telemetry.config.ConsumerSetting;
import io.gpufleet.telemetry.config.ConsumerSettings;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientPropertiesTest {
    private static final Map<String, Object> OWN = Map.of("bootstrap.servers", "a:1", "group.id", "g");

    private static Map<String, Object> consumer(Map<String, ?> overrides) {
        return ClientProperties.of(OWN, overrides).consumer();
    }

    @Test
    void consumer_hasTheDefaultsWhateverWaySettingsCome() {
        Map<String, Object> withoutARow = consumer(Map.of());
        Map<String, Object> withARow = ClientProperties.of(OWN, Map.of(), ConsumerSettings.defaults("s"))
                .consumer();

        for (ConsumerSetting setting : ConsumerSetting.values()) {
            setting.kafkaName()
                    .filter(name -> !name.equals("group.id"))
                    .ifPresent(name ->
                            assertThat(withoutARow).as(name).containsKey(name).containsEntry(name, withARow.get(name)));
        }
        assertThat(withoutARow)
                .containsAllEntriesOf(Map.ofEntries(
                        Map.entry("bootstrap.servers", "a:1"),
                        Map.entry("group.id", "g"),
                        Map.entry("session.timeout.ms", 60_000),
                        Map.entry("heartbeat.interval.ms", 20_000),
                        Map.entry("max.poll.records", 100),
                        Map.entry("max.poll.interval.ms", 300_000),
                        Map.entry("fetch.max.bytes", 52_428_800),
                        Map.entry("max.partition.fetch.bytes", 1 << 20),
                        Map.entry("request.timeout.ms", 305_000),
                        Map.entry(
                                "partition.assignment.strategy",
                                "org.apache.kafka.clients.consumer.CooperativeStickyAssignor"),
                        Map.entry("allow.auto.create.topics", false),
                        Map.entry("metadata.max.age.ms", 15_000),
                        Map.entry("metadata.recovery.strategy", "none"),
                        Map.entry("reconnect.backoff.max.ms", 5_000),
                        Map.entry("key.deserializer", "org.apache.kafka.common.serialization.ByteArrayDeserializer"),
                        Map.entry("value.deserializer", "org.apache.kafka.common.serialization.ByteArrayDeserializer"),
                        Map.entry("enable.auto.commit", false),
                        Map.entry("auto.offset.reset", "none"),
                        Map.entry("isolation.level", "read_committed")));
    }

    @ParameterizedTest
    @CsvSource({"10000, 3333", "' 45000', 15000", "60000, 20000", "90000, 20000", "2, 1", "x, 20000"})
    void consumer_saysThatItIsThereWithinASessionThatTheHostSets(String session, int heartbeat) {
        assertThat(consumer(Map.of("session.timeout.ms", session)))
                .containsEntry("session.timeout.ms", session)
                .containsEntry("heartbeat.interval.ms", heartbeat);
        assertThat(consumer(Map.of("session.timeout.ms", session, "heartbeat.interval.ms", 7)))
                .containsEntry("heartbeat.interval.ms", 7);
    }

    @Test
    void consumer_leavesTheLongestWaitToKafkaWhenTheHostSetsTheFirst() {
        assertThat(consumer(Map.of("reconnect.backoff.ms", 5_000))).doesNotContainKey("reconnect.backoff.max.ms");
    }

    @Test
    void admin_keepsToTheAddressesThatItKnows() {
        Map<String, String> overrides = Map.of("metadata.recovery.strategy", "rebootstrap");

        assertThat(consumer(overrides)).containsEntry("metadata.recovery.strategy", "rebootstrap");
        assertThat(ClientProperties.of(Map.of(), overrides).admin())
                .containsEntry("metadata.recovery.strategy", "none");
    }

    @Test
    void consumer_letsTheHostWin() {
        assertThat(consumer(Map.of("session.timeout.ms", 10_000, "bootstrap.servers", "b:2", "max.poll.records", "9")))
                .containsEntry("session.timeout.ms", 10_000)
                .containsEntry("bootstrap.servers", "b:2")
                .containsEntry("max.poll.records", "9");
    }

    @Test
    void consumer_isTakenByKafka() {
        new ConsumerConfig(new HashMap<>(consumer(Map.of())));
        new ConsumerConfig(new HashMap<>(consumer(Map.of("group.protocol", "consumer"))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"consumer", "CONSUMER", "Consumer"})
    void consumer_leavesOutWhatTheNewProtocolForbids(String protocol) {
        assertThat(consumer(Map.of("group.protocol", protocol)))
                .doesNotContainKeys("session.timeout.ms", "heartbeat.interval.ms", "partition.assignment.strategy")
                .containsEntry("max.poll.interval.ms", 300_000);
    }

    @Test
    void consumer_doesNotHideWhatTheHostSetsForTheNewProtocol() {
        assertThat(consumer(Map.of("group.protocol", "consumer", "session.timeout.ms", 10_000)))
                .containsEntry("session.timeout.ms", 10_000);
    }

    @Test
    void consumer_keepsTheClassicSettingsOfTheClassicProtocol() {
        assertThat(consumer(Map.of("group.protocol", "classic"))).containsKey("partition.assignment.strategy");
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '\"', textBlock = """
            group.id,           "use groupId(…)"
            key.deserializer,   "records are read as bytes, the codec decodes them"
            value.deserializer, "records are read as bytes, the codec decodes them"
            enable.auto.commit, "positions move with the rows, never before them"
            auto.offset.reset,  "use resetPolicy(…)"
            isolation.level,    "aborted records are never applied"
            """)
    void check_refusesWhatNobodyMaySet(String name, String reason) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ClientProperties.check(Map.of("max.poll.records", 9, name, "x")))
                .withMessage("overrides: " + name + "=x cannot be set: " + reason);
    }

    @Test
    void admin_takesAddressesAndSecurity() {
        ClientProperties properties = ClientProperties.of(
                OWN, Map.of("security.protocol", "SASL_SSL", "sasl.jaas.config", "secret", "client.id", "c"));

        assertThat(properties.admin())
                .containsEntry("bootstrap.servers", "a:1")
                .containsEntry("security.protocol", "SASL_SSL")
                .containsEntry("sasl.jaas.config", "secret")
                .containsEntry("client.id", "c")
                .doesNotContainKeys("group.id", "isolation.level", "key.deserializer", "fetch.max.bytes")
                .as("an admin client refuses a request timeout above its default.api.timeout.ms")
                .doesNotContainKeys("request.timeout.ms");
        assertThat(AdminClientConfig.configNames())
                .containsAll(properties.admin().keySet());
        assertThat(properties.bootstrapServers()).isEqualTo("a:1");
    }
}
