package io.gpufleet.telemetry.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gpufleet.telemetry.BatchPolicy;
import io.gpufleet.telemetry.ResetPolicy;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConsumerSettingsTest {
    private static ConsumerSettings.Builder row(ConsumerSetting setting, Object value) {
        return ConsumerSettings.builder("s").set(setting, value, SettingOrigin.ROW);
    }

    @Test
    void defaults_areThoseOfTheTable() {
        ConsumerSettings settings = ConsumerSettings.defaults("speech");

        assertThat(settings.serviceName()).isEqualTo("speech");
        assertThat(settings.groupId()).isEqualTo("speech-consumer-group");
        assertThat(settings.maxPollRecords()).isEqualTo(100);
        assertThat(settings.sessionTimeout()).isEqualTo(Duration.ofMinutes(1));
        assertThat(settings.maxPollInterval()).isEqualTo(Duration.ofMinutes(5));
        assertThat(settings.heartbeatInterval()).isEqualTo(Duration.ofSeconds(20));
        assertThat(settings.partitionAssignmentStrategy()).isEqualTo(AssignmentStrategy.COOPERATIVE_STICKY);
        assertThat(settings.enableAutoCommit()).isFalse();
        assertThat(settings.autoCommitInterval()).isEqualTo(Duration.ofSeconds(5));
        assertThat(settings.autoOffsetReset()).isEqualTo(ResetPolicy.EARLIEST);
        assertThat(settings.fetchMinBytes()).isEqualTo(1);
        assertThat(settings.fetchMaxBytes()).isEqualTo(52_428_800);
        assertThat(settings.fetchMaxWait()).isEqualTo(Duration.ofMillis(500));
        assertThat(settings.maxPartitionFetchBytes()).isEqualTo(1_048_576);
        assertThat(settings.requestTimeout()).isEqualTo(Duration.ofSeconds(305));
        assertThat(settings.retryBackoff()).isEqualTo(Duration.ofMillis(100));
        assertThat(settings.reconnectBackoff()).isEqualTo(Duration.ofMillis(50));
        assertThat(settings.reconnectBackoffMax()).isEqualTo(Duration.ofSeconds(5));
        assertThat(settings.connectionsMaxIdle()).isEqualTo(Duration.ofMinutes(9));
        assertThat(settings.isolationLevel()).isEqualTo(IsolationLevel.READ_UNCOMMITTED);
        assertThat(settings.batchMaxRecords()).isEmpty();
        assertThat(settings.batchMaxBytes()).isEmpty();
        assertThat(settings.batchLinger()).isEmpty();
        assertThat(settings.description()).isEmpty();
        assertThat(settings.explain())
                .hasSize(ConsumerSetting.values().length)
                .extracting(SettingExplanation::origin)
                .containsOnly(SettingOrigin.DEFAULT);
    }

    @Test
    void build_namesEverythingThatIsWrong() {
        assertThatExceptionOfType(InvalidSettingsException.class)
                .isThrownBy(() -> row(ConsumerSetting.MAX_POLL_RECORDS, 0)
                        .set(ConsumerSetting.SESSION_TIMEOUT_MS, 40_000)
                        .set(ConsumerSetting.MAX_POLL_INTERVAL_MS, 40_000)
                        .set(ConsumerSetting.AUTO_OFFSET_RESET, "first")
                        .set(ConsumerSetting.RECONNECT_BACKOFF_MS, 6_000)
                        .set(ConsumerSetting.CONSUMER_GROUP_ID, " ")
                        .build())
                .satisfies(e -> assertThat(e.serviceName()).isEqualTo("s"))
                .satisfies(e -> assertThat(e.violations())
                        .containsExactlyInAnyOrder(
                                "max_poll_records: 0 is not between 1 and 5000",
                                "auto_offset_reset: \"first\" is not one of earliest, latest, none",
                                "consumer_group_id: \" \" is not a text that is not blank",
                                "session_timeout_ms: 40000 is not more than 2 times heartbeat_interval_ms (20000)",
                                "max_poll_interval_ms: 40000 is not more than session_timeout_ms (40000)",
                                "reconnect_backoff_max_ms: 5000 is not at least reconnect_backoff_ms (6000)"))
                .withMessageStartingWith("Settings of service \"s\" cannot be used: ");
    }

    @Test
    void validate_takesTheValuesAtTheEdges() {
        assertThat(ConsumerSettings.validate(Map.of(
                        ConsumerSetting.MAX_POLL_RECORDS, 5000,
                        ConsumerSetting.HEARTBEAT_INTERVAL_MS, 20_000,
                        ConsumerSetting.SESSION_TIMEOUT_MS, 40_001,
                        ConsumerSetting.MAX_POLL_INTERVAL_MS, 40_002,
                        ConsumerSetting.RECONNECT_BACKOFF_MS, 1_000)))
                .isEmpty();
        assertThat(ConsumerSettings.validate(Map.of(ConsumerSetting.MAX_POLL_RECORDS, 5001)))
                .hasSize(1);
        assertThat(ConsumerSettings.validate(Map.of(ConsumerSetting.MAX_POLL_RECORDS, "100")))
                .as("a text is no number")
                .hasSize(1);
    }

    @Test
    void orElse_letsTheRowWinOverTheBuilderAndTheBuilderOverTheDefault() {
        ConsumerSettings settings = row(ConsumerSetting.MAX_POLL_RECORDS, 50)
                .build()
                .orElse(Map.of(ConsumerSetting.MAX_POLL_RECORDS, 70, ConsumerSetting.BATCH_MAX_RECORDS, 7));

        assertThat(settings.maxPollRecords()).isEqualTo(50);
        assertThat(settings.origin(ConsumerSetting.MAX_POLL_RECORDS)).isEqualTo(SettingOrigin.ROW);
        assertThat(settings.batchMaxRecords()).hasValue(7);
        assertThat(settings.origin(ConsumerSetting.BATCH_MAX_RECORDS)).isEqualTo(SettingOrigin.BUILDER);
        assertThat(settings.origin(ConsumerSetting.FETCH_MIN_BYTES)).isEqualTo(SettingOrigin.DEFAULT);
    }

    @Test
    void orElse_refusesWhatDoesNotFitTogether() {
        ConsumerSettings settings =
                row(ConsumerSetting.SESSION_TIMEOUT_MS, 45_000).build();

        assertThatExceptionOfType(InvalidSettingsException.class)
                .isThrownBy(() -> settings.orElse(Map.of(ConsumerSetting.HEARTBEAT_INTERVAL_MS, 25_000)))
                .withMessageContaining("session_timeout_ms: 45000");
    }

    @Test
    void takenBy_keepsWhatOnlyAStartCanChange() {
        ConsumerSettings running = row(ConsumerSetting.CONSUMER_GROUP_ID, "a").build();
        ConsumerSettings newer = row(ConsumerSetting.CONSUMER_GROUP_ID, "b")
                .set(ConsumerSetting.PARTITION_ASSIGNMENT_STRATEGY, "range")
                .set(ConsumerSetting.ISOLATION_LEVEL, "read_committed")
                .set(ConsumerSetting.MAX_POLL_RECORDS, 1)
                .build();

        ConsumerSettings taken = newer.takenBy(running);

        assertThat(running.changesTo(taken))
                .extracting(SettingChange::toString)
                .containsExactly("max_poll_records: 100 -> 1");
        assertThat(running.changesTo(newer))
                .extracting(SettingChange::setting)
                .containsExactly(
                        ConsumerSetting.CONSUMER_GROUP_ID,
                        ConsumerSetting.MAX_POLL_RECORDS,
                        ConsumerSetting.PARTITION_ASSIGNMENT_STRATEGY,
                        ConsumerSetting.ISOLATION_LEVEL);
    }

    @Test
    void batching_fillsInWhatIsNotSet() {
        BatchPolicy own = BatchPolicy.builder()
                .maxRecords(1)
                .maxValues(4)
                .maxBytes(2)
                .linger(Duration.ofMillis(3))
                .build();

        BatchPolicy policy = row(ConsumerSetting.BATCH_LINGER_MS, 50).build().batching(own);

        assertThat(policy.maxRecords()).isEqualTo(1);
        assertThat(policy.maxValues()).isEqualTo(4);
        assertThat(policy.maxBytes()).isEqualTo(2);
        assertThat(policy.linger()).isEqualTo(Duration.ofMillis(50));
    }

    @Test
    void toBuilder_keepsValuesAndOrigins() {
        ConsumerSettings settings =
                row(ConsumerSetting.BATCH_MAX_BYTES, 9L).description("text").build();

        assertThat(settings.toBuilder().build()).isEqualTo(settings).hasSameHashCodeAs(settings);
        assertThat(settings.toBuilder().description(null).build()).isNotEqualTo(settings);
    }

    @Test
    void parse_readsWhatAPersonHasWritten() {
        assertThat(ConsumerSetting.MAX_POLL_RECORDS.parse(" 50 ")).isEqualTo(50);
        assertThat(ConsumerSetting.BATCH_MAX_BYTES.parse("5000000000")).isEqualTo(5_000_000_000L);
        assertThat(ConsumerSetting.ENABLE_AUTO_COMMIT.parse("true")).isEqualTo(true);
        assertThat(ConsumerSetting.PARTITION_ASSIGNMENT_STRATEGY.parse("sticky"))
                .isEqualTo("sticky");
        assertRefused(ConsumerSetting.MAX_POLL_RECORDS, "many", "\"many\" is not between 1 and 5000");
        assertRefused(ConsumerSetting.ENABLE_AUTO_COMMIT, "yes", "\"yes\" is not true or false");
        assertRefused(
                ConsumerSetting.PARTITION_ASSIGNMENT_STRATEGY,
                "com.example.Assignor",
                "\"com.example.Assignor\" is not one of range, roundrobin, sticky, cooperative-sticky");
    }

    private static void assertRefused(ConsumerSetting setting, String text, String end) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> setting.parse(text))
                .withMessage(setting.column() + ": " + end);
    }

    @Test
    void settings_areFoundByColumnAndByKafkasName() {
        assertThat(Arrays.stream(ConsumerSetting.values()))
                .allMatch(setting -> ConsumerSetting.ofColumn(setting.column()).equals(Optional.of(setting)));
        assertThat(ConsumerSetting.ofKafkaName("max.poll.records")).contains(ConsumerSetting.MAX_POLL_RECORDS);
        assertThat(List.of("", "bootstrap.servers", "sasl.jaas.config", "interceptor.classes"))
                .allMatch(name -> ConsumerSetting.ofKafkaName(name).isEmpty());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            FETCH_MAX_WAIT_MS       | 2147483647 | fetch_max_wait_ms: 2147483647 is not between 0 and 30000
            RETRY_BACKOFF_MS        | 2147483647 | retry_backoff_ms: 2147483647 is not between 0 and 60000
            RETRY_BACKOFF_MS        | 30000      | session_timeout_ms: 60000 is not more than 2 times retry_backoff_ms (30000)
            RECONNECT_BACKOFF_MAX_MS| 2147483647 | reconnect_backoff_max_ms: 2147483647 is not between 0 and 60000
            RECONNECT_BACKOFF_MS    | 2147483647 | reconnect_backoff_ms: 2147483647 is not between 0 and 60000
            FETCH_MIN_BYTES         | 1048577    | max_partition_fetch_bytes: 1048576 is not at least fetch_min_bytes (1048577)
            FETCH_MAX_BYTES         | 0          | fetch_max_bytes: 0 is not between 1 and 2147483647
            REQUEST_TIMEOUT_MS      | 500        | request_timeout_ms: 500 is not more than fetch_max_wait_ms (500)
            CONNECTIONS_MAX_IDLE_MS | 1          | connections_max_idle_ms: 1 is not more than fetch_max_wait_ms (500)
            """)
    void validate_refusesWhatAClientStandsStillWith(ConsumerSetting setting, int value, String violation) {
        assertThat(ConsumerSettings.validate(Map.of(setting, value))).containsExactly(violation);
    }

    /** The broker would wait for more bytes than it may collect. */
    @Test
    void validate_refusesAFetchThatCannotBeFilled() {
        assertThat(ConsumerSettings.validate(
                        Map.of(ConsumerSetting.FETCH_MIN_BYTES, 1_000, ConsumerSetting.FETCH_MAX_BYTES, 999)))
                .containsExactly("fetch_max_bytes: 999 is not at least fetch_min_bytes (1000)");
        assertThat(ConsumerSettings.validate(
                        Map.of(ConsumerSetting.FETCH_MIN_BYTES, 1_000, ConsumerSetting.FETCH_MAX_BYTES, 1_000)))
                .isEmpty();
    }

    @Test
    void usable_hasTheDefaultsOfWhatIsWrongAndTheHostsOwn() {
        InvalidSettingsException refused = refusal(row(ConsumerSetting.FETCH_MIN_BYTES, Integer.MAX_VALUE)
                .set(ConsumerSetting.MAX_PARTITION_FETCH_BYTES, 9)
                .set(ConsumerSetting.BATCH_MAX_RECORDS, 0, SettingOrigin.ROW)
                .set(ConsumerSetting.CONSUMER_GROUP_ID, "g"));

        ConsumerSettings usable = refused.orElse(Map.of(ConsumerSetting.BATCH_MAX_RECORDS, 7))
                .usable()
                .orElseThrow();

        assertThat(usable.fetchMinBytes()).isEqualTo(1);
        assertThat(usable.maxPartitionFetchBytes()).isEqualTo(1_048_576);
        assertThat(usable.batchMaxRecords()).hasValue(7);
        assertThat(usable.groupId()).isEqualTo("g");
        assertThat(usable.origin(ConsumerSetting.FETCH_MIN_BYTES)).isEqualTo(SettingOrigin.DEFAULT);
    }

    @Test
    void usable_hasNoOtherGroup() {
        assertThat(refusal(row(ConsumerSetting.CONSUMER_GROUP_ID, " ")).usable())
                .isEmpty();
    }

    @Test
    void usable_fitsTogetherWithTheHostsOwn() {
        InvalidSettingsException refused =
                refusal(row(ConsumerSetting.MAX_POLL_RECORDS, 0).set(ConsumerSetting.SESSION_TIMEOUT_MS, 45_000));

        assertThat(refused.orElse(Map.of(ConsumerSetting.HEARTBEAT_INTERVAL_MS, 25_000))
                        .usable())
                .map(ConsumerSettings::heartbeatInterval)
                .contains(Duration.ofSeconds(20));
    }

    private static InvalidSettingsException refusal(ConsumerSettings.Builder builder) {
        return catchThrowableOfType(InvalidSettingsException.class, builder::build);
    }

    @Test
    void setValues_areThoseThatAreNoDefaults() {
        ConsumerSettings settings = row(ConsumerSetting.ENABLE_AUTO_COMMIT, true)
                .set(ConsumerSetting.MAX_POLL_RECORDS, 100)
                .description("speech to text")
                .build();

        assertThat(settings.setValues())
                .containsOnly(
                        Map.entry(ConsumerSetting.ENABLE_AUTO_COMMIT, true),
                        Map.entry(ConsumerSetting.MAX_POLL_RECORDS, 100));
        assertThat(settings.values())
                .containsAllEntriesOf(settings.setValues())
                .containsEntry(ConsumerSetting.FETCH_MIN_BYTES, 1);
        assertThat(settings.enableAutoCommit()).isTrue();
        assertThat(settings.description()).contains("speech to text");
    }

    @Test
    void settings_nameTheServiceAndWhatIsNoDefault() {
        assertThat(row(ConsumerSetting.MAX_POLL_RECORDS, 50).build())
                .hasToString("ConsumerSettings[s, {max_poll_records=50}]");
    }

    @Test
    void usable_keepsWhereTheRestComesFrom() {
        InvalidSettingsException refused = refusal(
                row(ConsumerSetting.MAX_POLL_RECORDS, 0).set(ConsumerSetting.BATCH_MAX_RECORDS, 7, SettingOrigin.ROW));

        ConsumerSettings usable = refused.usable().orElseThrow();

        assertThat(usable.batchMaxRecords()).hasValue(7);
        assertThat(usable.origin(ConsumerSetting.BATCH_MAX_RECORDS)).isEqualTo(SettingOrigin.ROW);
        assertThat(usable.origin(ConsumerSetting.MAX_POLL_RECORDS)).isEqualTo(SettingOrigin.DEFAULT);
    }

    @Test
    void orElse_ofARefusalSaysWhereTheSettingsWereRefused() {
        InvalidSettingsException refused = refusal(row(ConsumerSetting.MAX_POLL_RECORDS, 0));

        assertThat(refused.orElse(Map.of()).getStackTrace()).isEqualTo(refused.getStackTrace());
    }

    @Test
    void everySetting_hasAMeaning() {
        assertThat(ConsumerSetting.values())
                .allSatisfy(setting -> assertThat(setting.meaning()).isNotBlank());
    }

    @Test
    void choices_areWrittenAsInTheRow() {
        assertThat(IsolationLevel.READ_COMMITTED.text()).isEqualTo("read_committed");
        assertThat(AssignmentStrategy.COOPERATIVE_STICKY.text()).isEqualTo("cooperative-sticky");
        assertThat(RowText.all(ResetPolicy.class)).containsExactly("earliest", "latest", "none");
    }
}
