package io.gpufleet.telemetry.jdbc.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The life of advice on partitions. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class PartitionChangesTest {
    private static Database database;

    @Parameter
    PostgresVersion version;

    @BeforeParameterizedClassInvocation
    static void install(PostgresVersion version) {
        database = version.database();
    }

    @BeforeEach
    void empty() {
        database.execute("TRUNCATE kafka_topics, topic_partition_changes");
    }

    @ParameterizedTest
    @CsvSource({
        "5, 50, 1, 5, f",
        "5, 50.001, 1, 6, t",
        "5, 95, 3, 10, t",
        "5, 95, 11, 11, t",
        "1, 1, 2, 3, f",
        "1, 1, 3, 3, t",
        "2, 0, 4, 4, f",
        "2, 0, 5, 5, t",
        "1, 11, 0, 3, t",
        "2147483647, 0, 0, 3, f",
        "1, 99999999999999, 0, 2147483647, t"
    })
    void efficiency_hasItsEdges(int partitions, String rate, int replicas, int ideal, String needsMore) {
        topic("t", partitions, rate, replicas);

        assertThat(database.row("SELECT ideal_partitions, needs_more, recommendation LIKE 'More partitions:%',"
                        + " recommendation = 'Fine' FROM v_partition_efficiency"))
                .isEqualTo(ideal + "|" + needsMore + "|" + needsMore + "|" + (needsMore.equals("t") ? "f" : "t"));
        assertThat(recommend()).isEqualTo(needsMore.equals("t") ? "1" : "0");
    }

    @Test
    void aTopic_goesFromAdviceToAppliedChange() {
        topic("device.sensor.accelerometer.raw", 5, "95", 1);
        topic("calm", 3, "30", 6);
        topic("off", 1, "1000", 9);
        database.execute("UPDATE kafka_topics SET is_active = false WHERE topic_name = 'off'");

        assertThat(recommend()).isEqualTo("1");
        assertThat(database.row("SELECT topic_name, current_partitions, recommended_partitions, reason, applied_at"
                        + " FROM topic_partition_changes WHERE applied = false"))
                .isEqualTo("device.sensor.accelerometer.raw|5|10|More partitions: 95.0 events a second on 5 partitions"
                        + " are more than 10 each|null");
        assertThat(script())
                .containsExactly("kafka-topics --alter --topic device.sensor.accelerometer.raw --partitions 10");
        assertThat(database.row("SELECT mark_partition_changes_applied()")).isEqualTo("1");
        assertThat(database.row(
                        "SELECT applied, now() - applied_at < interval '1 minute' FROM topic_partition_changes"))
                .isEqualTo("t|t");
        assertThat(script()).isEmpty();
        assertThat(recommend()).isEqualTo("0");
        assertThat(database.row("SELECT partitions FROM kafka_topics WHERE topic_name LIKE 'device%'"))
                .isEqualTo("10");
    }

    @Test
    void mark_ofOneTopicLeavesTheOthersOpen() {
        topic("a", 1, "95", 1);
        topic("b", 1, "50", 1);
        assertThat(recommend()).isEqualTo("2");
        assertThat(database.row("SELECT mark_partition_changes_applied('a')")).isEqualTo("1");
        assertThat(database.row("SELECT mark_partition_changes_applied('a')")).isEqualTo("0");
        assertThat(database.row("SELECT mark_partition_changes_applied(NULL)")).isEqualTo("0");
        assertThat(script()).containsExactly("kafka-topics --alter --topic b --partitions 5");
        assertThat(database.rows("SELECT partitions FROM kafka_topics ORDER BY topic_name"))
                .containsExactly("10", "1");
    }

    @Test
    void recommend_keepsOneOpenChangeUpToDate() {
        topic("t", 1, "95", 1);
        assertThat(recommend()).isEqualTo("1");
        assertThat(recommend()).isEqualTo("0");
        database.execute("UPDATE kafka_topics SET expected_events_per_second = 200");
        assertThat(recommend()).isEqualTo("1");
        assertThat(script()).containsExactly("kafka-topics --alter --topic t --partitions 20");
        assertThatThrownBy(() -> change("t", 1, 2))
                .rootCause()
                .hasMessageContaining("topic_partition_changes_one_open");
    }

    @Test
    void recommend_closesWhatTheTopicHasReachedAndKeepsWhatIsWrittenByHand() {
        topic("t", 1, "95", 1);
        recommend();
        change("by-hand", 1, 4);
        database.execute("UPDATE kafka_topics SET partitions = 12");
        assertThat(recommend()).isEqualTo("0");
        assertThat(script()).containsExactly("kafka-topics --alter --topic by-hand --partitions 4");
    }

    @Test
    void mark_neverLowersThePartitionsOfATopic() {
        topic("t", 20, "0", 1);
        change("t", 1, 4);
        assertThat(database.row("SELECT mark_partition_changes_applied('t')")).isEqualTo("1");
        assertThat(database.row("SELECT partitions FROM kafka_topics")).isEqualTo("20");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a;rm -rf /", "$(reboot)", "`id`", "a b", "a\nb", "a\n", "", "ä", "a'b", "a&b", "a|b"})
    void aTopic_thatAShellWouldRunIsRefused(String name) {
        String quoted = name.replace("'", "''");
        assertThatThrownBy(() -> change(quoted, 1, 2)).rootCause().hasMessageContaining("topic_name_of_kafka");
        assertThatThrownBy(() -> topic(quoted, 1, "1", 1)).rootCause().hasMessageContaining("topic_name_of_kafka");
    }

    @Test
    void aTopic_mayHave249Characters() {
        topic("A-z_0.9".repeat(35) + "abcd", 1, "95", 1);
        assertThat(recommend()).isEqualTo("1");
        assertThatThrownBy(() -> topic("A-z_0.9".repeat(35) + "abcde", 1, "95", 1))
                .rootCause()
                .hasMessageContaining("topic_name_of_kafka");
    }

    @Test
    void aChange_isUpwards() {
        assertThatThrownBy(() -> change("t", 2, 2))
                .rootCause()
                .hasMessageContaining("recommended_partitions_above_current_partitions");
        assertThatThrownBy(() -> change("t", 0, 2)).rootCause().hasMessageContaining("current_partitions_1_or_more");
        change("t", 2, 3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-0.001", "NaN", "Infinity"})
    void aRate_isANumber(String rate) {
        assertThatThrownBy(() -> topic("t", 1, "'" + rate + "'", 1)).isInstanceOf(IllegalStateException.class);
    }

    private static void topic(String name, int partitions, String rate, int replicas) {
        database.execute("INSERT INTO kafka_topics (topic_name, partitions, expected_events_per_second,"
                + " consumer_replicas) VALUES ('" + name + "', " + partitions + ", " + rate + ", " + replicas + ")");
    }

    private static void change(String name, int from, int to) {
        database.execute("INSERT INTO topic_partition_changes (topic_name, current_partitions, recommended_partitions,"
                + " reason) VALUES ('" + name + "', " + from + ", " + to + ", 'by hand')");
    }

    private static String recommend() {
        return database.row("SELECT recommend_partition_changes()");
    }

    private static List<String> script() {
        return database.rows("SELECT generate_partition_update_script()");
    }
}
