package io.gpufleet.telemetry.examples.operator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.gpufleet.telemetry.config.ConsumerSetting;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Settings are shown and changed, and reports are shown. */
@TelemetryStackTest
final class ConfigsTest {
    private static Installation installation;

    @BeforeAll
    static void install(TelemetryStack stack) {
        installation = new Installation(stack);
    }

    @Test
    void set_makesARowAndSaysWhenItIsTaken() {
        String answer = installation
                .run("configs", "set", "new-service", "max_poll_records=50", "batch_linger_ms=20", "--create")
                .answer();

        assertThat(answer.lines().map(ConfigsTest::cells))
                .containsExactly(
                        "Changed of new-service",
                        "setting|before|now|a running consumer takes it",
                        "max_poll_records|50|at once, with a new client",
                        "batch_linger_ms|20|with the next batch");
        assertThat(installation.run("configs", "list").answer()).contains("new-service", " 50 ");
        JsonNode shown =
                installation.run("configs", "show", "new-service", "--json").json();
        assertThat(shown).anySatisfy(setting -> {
            assertThat(setting.get("setting").asText()).isEqualTo("max_poll_records");
            assertThat(setting.get("value").asInt()).isEqualTo(50);
            assertThat(setting.get("comes_from").asText()).isEqualTo("row");
        });
    }

    @Test
    void set_writesNothingButWhatIsNamed() {
        installation.run("configs", "set", "lean", "max_poll_records=50", "--create");
        installation.run("configs", "set", "lean", "batch_max_records=7");

        assertThat(installation.rows("SELECT jsonb_strip_nulls(to_jsonb(c) - 'created_at' - 'updated_at')"
                        + " FROM telemetry.pipeline_consumer_configs AS c WHERE service_name = 'lean'"))
                .containsExactly("{\"service_name\": \"lean\", \"max_poll_records\": 50, \"batch_max_records\": 7}");
    }

    @Test
    void unset_takesASettingOut() {
        installation.run("configs", "set", "undone", "max_poll_records=50", "fetch_min_bytes=9", "--create");

        JsonNode changed = installation
                .run(
                        "configs",
                        "set",
                        "undone",
                        "--unset=max_poll_records,fetch_min_bytes",
                        "retry_backoff_ms=7",
                        "--json")
                .json();

        assertThat(changed.findValuesAsText("setting"))
                .containsExactly("max_poll_records", "fetch_min_bytes", "retry_backoff_ms");
        assertThat(changed.get(0).get("before").asInt()).isEqualTo(50);
        assertThat(changed.get(0).get("now").isNull()).isTrue();
        assertThat(installation.rows("SELECT jsonb_strip_nulls(to_jsonb(c) - 'created_at' - 'updated_at')"
                        + " FROM telemetry.pipeline_consumer_configs AS c WHERE service_name = 'undone'"))
                .containsExactly("{\"service_name\": \"undone\", \"retry_backoff_ms\": 7}");
        installation
                .run("configs", "set", "undone", "retry_backoff_ms=8", "--unset", "retry_backoff_ms")
                .assertRefused(ExitCodes.USAGE, "retry_backoff_ms: cannot be both set and unset");
        installation
                .run("configs", "set", "undone", "--unset", "max.poll.records")
                .assertRefused(ExitCodes.USAGE, "\"max.poll.records\" is not a setting; the settings are");
    }

    @Test
    void anUnknownService_isNamedAndNotMade() {
        installation.run("configs", "set", "spelled-well", "max_poll_records=50", "--create");

        for (String command :
                List.of("set max_poll_records=5", "set max_poll_records=5 --dry-run", "show", "explain")) {
            List<String> words = new ArrayList<>(List.of(command.split(" ")));
            words.add(1, "speled-well");
            words.add(0, "configs");
            installation
                    .run(words.toArray(String[]::new))
                    .assertRefused(
                            ExitCodes.NOT_SO,
                            "Service \"speled-well\" has no row in pipeline_consumer_configs; those that have one:");
        }
        installation
                .run("configs", "set", "speled-well", "max_poll_records=5")
                .assertRefused(ExitCodes.NOT_SO, "--create creates one");
        assertThat(installation.rows("SELECT service_name FROM telemetry.pipeline_consumer_configs"
                        + " WHERE service_name = 'speled-well'"))
                .isEmpty();
    }

    @Test
    void aGroup_isChangedWithAWarning() {
        installation.run("configs", "set", "moved", "max_poll_records=50", "--create");

        OperatorRun named = installation.run("configs", "set", "moved", "consumer_group_id=other");
        OperatorRun left = installation.run("configs", "set", "moved", "--unset=consumer_group_id");

        assertThat(named.code()).isZero();
        assertThat(named.out()).contains("consumer_group_id");
        assertThat(named.errors())
                .contains("warning: with its next start moved is in group other")
                .contains("everything is read and applied again");
        assertThat(left.errors())
                .contains("is in the group of its code, or else moved-consumer-group")
                .contains("everything is read and applied again");
    }

    private static String cells(String line) {
        return line.strip().replaceAll(" {2,}", "|");
    }

    @Test
    void dryRun_changesNothing() {
        assertThat(installation
                        .run("configs", "set", "dry", "max_poll_records=7", "--create", "--dry-run")
                        .answer())
                .contains("Would change of dry", "7");

        assertThat(installation.rows(
                        "SELECT service_name FROM telemetry.pipeline_consumer_configs WHERE service_name = 'dry'"))
                .isEmpty();
    }

    @Test
    void set_namesEverythingThatIsWrong() {
        installation
                .run(
                        "configs",
                        "set",
                        "wrong",
                        "max_poll_records=0",
                        "session_timeout_ms=30000",
                        "auto_offset_reset=first",
                        "sasl.jaas.config=hunter2",
                        "bootstrap.servers=elsewhere:9092")
                .assertRefused(
                        ExitCodes.USAGE,
                        "max_poll_records: \"0\" is not between 1 and 5000; auto_offset_reset: \"first\" is not one of"
                                + " earliest, latest, none; session_timeout_ms: 30000 is not more than 2 times"
                                + " heartbeat_interval_ms (20000); \"sasl.jaas.config\" is not a setting;"
                                + " \"bootstrap.servers\" is not a setting; the settings are consumer_group_id,");
        installation
                .run("configs", "set", "wrong", "max_poll_records=many", "session_timeout_ms=30000", "--dry-run")
                .assertRefused(
                        ExitCodes.USAGE,
                        "max_poll_records: \"many\" is not between 1 and 5000; session_timeout_ms: 30000 is not more"
                                + " than 2 times heartbeat_interval_ms (20000)");
        assertThat(installation.rows(
                        "SELECT service_name FROM telemetry.pipeline_consumer_configs WHERE service_name = 'wrong'"))
                .isEmpty();
    }

    @Test
    void set_wantsEachSettingOnceWithAValue() {
        installation
                .run("configs", "set", "wrong", "max_poll_records=10", "max_poll_records=20")
                .assertRefused(ExitCodes.USAGE, "max_poll_records is given twice");
        installation
                .run("configs", "set", "wrong", "max_poll_records")
                .assertRefused(ExitCodes.USAGE, "\"max_poll_records\" is not <setting=value>");
        assertThat(installation.rows(
                        "SELECT service_name FROM telemetry.pipeline_consumer_configs WHERE service_name = 'wrong'"))
                .isEmpty();
    }

    @Test
    void set_changesOnlyWhatIsNamed() {
        installation.execute("INSERT INTO telemetry.pipeline_consumer_configs (service_name, consumer_group_id,"
                + " max_poll_records, batch_max_bytes) VALUES ('kept', 'kept-group', 90, 5000000000)");

        JsonNode changed = installation
                .run("configs", "set", "kept", "batch_max_records=7", "max_poll_records=90", "--json")
                .json();

        assertThat(changed).singleElement().satisfies(change -> {
            assertThat(change.get("setting").asText()).isEqualTo("batch_max_records");
            assertThat(change.get("before").isNull()).isTrue();
            assertThat(change.get("now").asInt()).isEqualTo(7);
        });
        assertThat(installation.run("configs", "list", "--json").json())
                .filteredOn(row -> row.get("service").asText().equals("kept"))
                .singleElement()
                .satisfies(row -> {
                    assertThat(row.get("group").asText()).isEqualTo("kept-group");
                    assertThat(row.get("max_poll_records").asInt()).isEqualTo(90);
                    assertThat(row.get("batch_max_records").asInt()).isEqualTo(7);
                    assertThat(row.get("batch_max_bytes").asLong()).isEqualTo(5_000_000_000L);
                });
    }

    @Test
    void show_namesWhatIsWrongWithARow() {
        installation.execute(
                "ALTER TABLE telemetry.pipeline_consumer_configs DROP CONSTRAINT consumer_group_id_not_blank;"
                        + " INSERT INTO telemetry.pipeline_consumer_configs (service_name, consumer_group_id)"
                        + " VALUES ('unusable', '')");

        for (String command : List.of("show", "explain")) {
            installation
                    .run("configs", command, "unusable")
                    .assertRefused(
                            ExitCodes.NOT_SO,
                            "Settings of service \"unusable\" cannot be used: consumer_group_id: \"\" is not a text"
                                    + " that is not blank");
        }
    }

    @Test
    void explain_saysOfEverySettingWhatItDoes() {
        JsonNode explained = installation.run("configs", "explain", "--json").json();

        assertThat(explained).hasSameSizeAs(ConsumerSetting.values()).allSatisfy(setting -> {
            assertThat(setting.get("allowed").asText()).isNotEmpty();
            assertThat(setting.get("meaning").asText()).isNotEmpty();
        });
        assertThat(explained.findValuesAsText("a_change_is_taken"))
                .contains("with the next batch", "at once, with a new client", "when it starts again", "never");
        assertThat(installation.run("configs", "explain").answer().lines().map(ConfigsTest::cells))
                .contains("max_poll_records|100|default|between 1 and 5000|at once, with a new client"
                        + "|The most records that one poll hands out");
    }

    @Test
    void reports_areShownAndAskForAction(TelemetryStack stack) {
        Installation installation = new Installation(stack);
        report(installation, "good", 5, 500);
        assertThat(installation.run("alerts").code()).isEqualTo(ExitCodes.OK);

        installation.execute("INSERT INTO telemetry.pipeline_consumer_configs (service_name, consumer_group_id,"
                + " max_poll_records) VALUES ('late', 'late-group', 90)");
        report(installation, "late", 20_000, 10);

        OperatorRun alerts = installation.run("alerts", "--json");
        assertThat(alerts.code()).as("an alert needs action").isEqualTo(ExitCodes.NOT_SO);
        assertThat(alerts.json())
                .singleElement()
                .satisfies(alert -> assertThat(alert.get("action").asText()).isEqualTo("IMMEDIATE_ACTION"));
        assertThat(installation.run("lag").out().lines().map(String::strip))
                .anySatisfy(line -> assertThat(line).startsWith("late").contains("20,000", "CRITICAL"))
                .anySatisfy(line -> assertThat(line).startsWith("good").contains("HEALTHY"));
        assertThat(installation.run("advise", "settings").answer()).contains("late", "high", "increase");
    }

    @Test
    void serviceThatWentSilent_isUnknown_andNoSuccess(TelemetryStack stack) {
        Installation installation = new Installation(stack);
        report(installation, "silent", 0, 10);
        installation.execute("UPDATE telemetry.consumer_lag_history SET \"timestamp\" = now() - interval '56 seconds'"
                + " WHERE service_name = 'silent'");

        OperatorRun lag = installation.run("lag");
        OperatorRun alerts = installation.run("alerts");

        assertThat(lag.code()).isEqualTo(ExitCodes.NOT_SO);
        assertThat(lag.out().lines().map(String::strip))
                .anySatisfy(
                        line -> assertThat(line)
                                .containsPattern(
                                        "^silent +silent-group +\\? +UNKNOWN +5\\d s ago .* for 5\\d seconds; its lag was 0 at ..:..:.. UTC"));
        assertThat(alerts.code()).isEqualTo(ExitCodes.NOT_SO);
        assertThat(alerts.out()).containsPattern("silent +IMMEDIATE_ACTION +\\? +UNKNOWN");
        assertThat(only("silent", installation.run("lag", "--json")).get("lag").isNull())
                .isTrue();
        assertThat(only("silent", installation.run("alerts", "--json"))
                        .get("lag")
                        .isNull())
                .isTrue();
    }

    private static JsonNode only(String service, OperatorRun run) {
        return StreamSupport.stream(run.json().spliterator(), false)
                .filter(row -> row.get("service").asText().equals(service))
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(strings = {"lag", "alerts"})
    void reports_areLookedAtAgain(String command, TelemetryStack stack) {
        Installation installation = new Installation(stack);
        report(installation, "again", 20_000, 10);

        OperatorRun run = installation.run(command, "--watch", "0s", "--looks", "3");

        assertThat(run.out().split("(Services|Alerts)\\R", -1)).hasSize(4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"lag", "alerts"})
    void noServiceAtAll_isNoSuccess(String command, TelemetryStack stack) {
        OperatorRun run = new Installation(stack).run(command);

        assertThat(run.out()).contains("none");
        run.assertFailed(ExitCodes.NOT_SO, "No service has settings or has reported");
    }

    @ParameterizedTest
    @ValueSource(strings = {"lag", "alerts"})
    void aServiceThatIsSetAndNeverReported_isNoSuccess(String command, TelemetryStack stack) {
        Installation other = new Installation(stack);
        other.execute("INSERT INTO telemetry.pipeline_consumer_configs (service_name) VALUES ('never')");

        OperatorRun run = other.run(command);

        assertThat(run.code()).isEqualTo(ExitCodes.NOT_SO);
        assertThat(run.out()).containsPattern("never .*\\? +UNKNOWN +never .*it has never reported its lag");
    }

    private static void report(Installation installation, String service, int lag, int batch) {
        installation.execute("INSERT INTO telemetry.consumer_lag_history (service_name, consumer_group_id, topic,"
                + " partition, consumer_offset, log_end_offset, lag) VALUES ('" + service + "', '" + service
                + "-group', 't', 0, 0, " + lag + ", " + lag + ")");
        installation.execute("INSERT INTO telemetry.consumer_processing_metrics (service_name, consumer_group_id,"
                + " batch_size, messages_processed, processing_time_ms) VALUES ('" + service + "', '" + service
                + "-group', " + batch + ", " + batch + ", 10)");
    }

    @Test
    void advisePartitions_measuresAndAppliesOnlyWhatItIsTold(TelemetryStack stack) {
        stack.createTopic("advised", 1);
        installation
                .runWithBroker("advise", "partitions", "advised", "--seconds", "1")
                .answer();
        installation.execute("UPDATE telemetry.kafka_topics SET consumer_replicas = 5");

        String advice = installation
                .runWithBroker("advise", "partitions", "--seconds", "1")
                .answer();

        assertThat(advice).contains("kafka-topics --alter --topic advised --partitions 5");
        assertThat(stack.kafka().endOffsets("advised")).hasSize(1);

        assertThat(installation
                        .runWithBroker("advise", "partitions", "--seconds", "1", "--apply", "advised")
                        .answer())
                .contains("Applied: advised");
        assertThat(stack.kafka().endOffsets("advised")).hasSize(5);
        assertThat(installation.rows("SELECT topic_name FROM telemetry.topic_partition_changes WHERE NOT applied"))
                .isEqualTo(List.of());
    }

    @Test
    void advisePartitions_refusesToApplyWhatItDoesNotAdvise(TelemetryStack stack) {
        stack.createTopic("fine", 3);

        OperatorRun refused = installation.runWithBroker(
                "advise", "partitions", "fine", "--seconds", "1", "--apply", "fine", "--json");

        refused.assertFailed(ExitCodes.NOT_SO, "No other number of partitions is advised for topic fine");
        assertThat(refused.json().get("applied")).isEmpty();
        assertThat(refused.json().get("measured").findValuesAsText("topic")).contains("fine");
        assertThat(stack.kafka().endOffsets("fine")).hasSize(3);
        installation
                .runWithBroker("advise", "partitions", "nowhere")
                .assertRefused(ExitCodes.NOT_SO, "Topics that do not exist cannot be watched: nowhere");
    }
}
