package io.gpufleet.telemetry.jdbc;

import static io.gpufleet.telemetry.jdbc.monitor.ConsumerSamples.batch;
import static io.gpufleet.telemetry.jdbc.monitor.ConsumerSamples.lag;
import static io.gpufleet.telemetry.jdbc.monitor.ConsumerSamples.service;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The daily statements of operators, and the answers of the database. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class StatementsTest {
    private static final String NOW = "0 s";
    private static final String SCRIPT = "kafka-topics --alter --topic device.sensor.accelerometer.raw --partitions 10";

    private static List<Answer> answers;

    @Parameter
    PostgresVersion version;

    /** The answer of a statement: rows of {@code column=value}, or the number of changed rows. */
    private record Answer(List<List<String>> rows, int changed) {}

    /** Runs the statements in one transaction, so that they have the same time. */
    @BeforeParameterizedClassInvocation
    static void runAll(PostgresVersion version) throws SQLException, IOException {
        try (Connection connection = version.database().dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute(seed());
            answers = new ArrayList<>();
            for (String sql : statements()) {
                answers.add(answer(statement, sql));
            }
            connection.commit();
        }
    }

    private static String seed() {
        Stream<String> services = Stream.of(
                service("moondream-vision-processor", "max_poll_records = 1, description = 'Sees'"),
                service("speech-processor", "max_poll_records = 20"),
                service("problematic-service", "max_poll_records = 20"),
                service("slow-ai-processor", ""),
                service("memory-intensive-service", "max_poll_records = 500"));
        Stream<String> lags = Stream.of(
                lag("problematic-service", "t/0", 9000, "1 minute"),
                lag("problematic-service", "t/0", 8000, NOW),
                lag("problematic-service", "t/1", 4000, NOW),
                lag("speech-processor", "t/0", 300, NOW),
                lag("moondream-vision-processor", "t/0", 5, NOW));
        Stream<String> batches = Stream.of(
                batch("problematic-service", 9, 0, 100, NOW),
                batch("speech-processor", 10, 0, 250_000, NOW),
                batch("speech-processor", 20, 3, 300_000, NOW),
                batch("moondream-vision-processor", 1, 0, 9000, NOW));
        Stream<String> topics = Stream.of(
                "INSERT INTO kafka_topics (topic_name, partitions, expected_events_per_second)"
                        + " VALUES ('device.sensor.accelerometer.raw', 5, 95), ('calm', 3, 30)",
                "SELECT recommend_partition_changes()");
        return String.join(
                ";",
                Stream.of(services, lags, batches, topics).flatMap(all -> all).toList());
    }

    private static List<String> statements() throws IOException {
        try (InputStream stream = Objects.requireNonNull(StatementsTest.class.getResourceAsStream("/statements.sql"))) {
            String text = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            return Arrays.stream(text.replaceAll("--.*", "").split(";"))
                    .map(String::strip)
                    .filter(sql -> !sql.isEmpty())
                    .toList();
        }
    }

    private static Answer answer(Statement statement, String sql) throws SQLException {
        List<List<String>> rows = new ArrayList<>();
        if (!statement.execute(sql)) {
            return new Answer(rows, statement.getUpdateCount());
        }
        ResultSet result = statement.getResultSet();
        while (result.next()) {
            List<String> row = new ArrayList<>();
            for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                row.add(result.getMetaData().getColumnLabel(i) + "=" + result.getString(i));
            }
            rows.add(row);
        }
        return new Answer(rows, 0);
    }

    @Test
    void allOfThem_areRun() {
        assertThat(answers).hasSize(20);
    }

    @Test
    void configurations_areListedByName() {
        assertThat(column(0, "service_name"))
                .containsExactly(
                        "memory-intensive-service",
                        "moondream-vision-processor",
                        "problematic-service",
                        "slow-ai-processor",
                        "speech-processor");
        assertThat(answers.get(0).rows().get(1))
                .containsExactly(
                        "service_name=moondream-vision-processor",
                        "max_poll_records=1",
                        "session_timeout_ms=null",
                        "description=Sees");
    }

    @Test
    void updates_changeOneRowEach() {
        for (int update : new int[] {1, 12, 13, 14, 18}) {
            assertThat(answers.get(update)).as("statement %d", update).isEqualTo(new Answer(List.of(), 1));
        }
    }

    @Test
    void partitionChanges_areListedScriptedAndMarked() {
        assertThat(answers.get(2).rows())
                .containsExactly(List.of(
                        "topic_name=device.sensor.accelerometer.raw",
                        "current_partitions=5",
                        "recommended_partitions=10",
                        "reason=More partitions: 95.0 events a second on 5 partitions are more than 10 each"));
        assertThat(column(3, "generate_partition_update_script")).containsExactly(SCRIPT);
        assertThat(column(8, "generate_partition_update_script")).containsExactly(SCRIPT);
        assertThat(column(7, "ideal_partitions")).containsExactlyInAnyOrder("10", "3");
        assertThat(column(9, "mark_partition_changes_applied")).containsExactly("1");
    }

    @Test
    void monitor_beginsWithTheMostLag() {
        assertThat(column(4, "service_name"))
                .startsWith("problematic-service", "speech-processor", "moondream-vision-processor");
        assertThat(column(4, "current_total_lag")).containsExactly("12000", "300", "5", "null", "null");
        assertThat(column(4, "avg_lag")).containsExactly("7000", "300", "5", "0", "0");
        assertThat(column(4, "lag_status")).containsExactly("CRITICAL", "WATCH", "HEALTHY", "UNKNOWN", "UNKNOWN");
        assertThat(column(4, "processing_speed")).containsExactly("GOOD", "TOO_SLOW", "GOOD", "UNKNOWN", "UNKNOWN");
    }

    @Test
    void monitor_hasAllThatIsToldOfIt() {
        assertThat(answers.get(4).rows().get(1).stream()
                        .filter(value -> !value.matches("(last_lag_at=2|lag_age_seconds=0).*")))
                .containsExactly(
                        "service_name=speech-processor",
                        "consumer_group_id=speech-processor-group",
                        "current_total_lag=300",
                        "avg_lag=300",
                        "max_lag=300",
                        "lag_status=WATCH",
                        "avg_processing_time_ms=275000",
                        "max_poll_interval_ms=300000",
                        "processing_speed=TOO_SLOW",
                        "avg_batch_size=15",
                        "max_poll_records=20",
                        "batch_efficiency_percent=75",
                        "avg_messages_per_second=15",
                        "error_rate=0.1",
                        "recommendation=Lower max_poll_records, or raise max_poll_interval_ms and the other timeouts:"
                                + " batches take too long");
    }

    @Test
    void alerts_areThoseOfTheFourThatAreNotWellOrNotKnown() {
        assertThat(column(5, "service_name"))
                .containsExactlyInAnyOrder(
                        "problematic-service", "speech-processor", "slow-ai-processor", "memory-intensive-service");
        assertThat(column(5, "action_required")).hasSize(4).containsOnly("IMMEDIATE_ACTION");
        assertThat(column(15, "service_name")).containsExactly("speech-processor");
    }

    @Test
    void history_hasTheHour() {
        assertThat(answers.get(6).rows()).hasSize(1);
        assertThat(answers.get(6).rows().get(0))
                .contains(
                        "service_name=speech-processor", "avg_lag=300", "max_lag=300", "avg_processing_time_ms=275000")
                .contains("messages_processed=27", "messages_failed=3", "error_rate=0.1");
    }

    @Test
    void oneService_isShownWithItsSettingsAndSamples() {
        assertThat(column(10, "max_poll_records")).containsExactly("20");
        assertThat(column(11, "lag"))
                .containsExactlyInAnyOrder("8000", "4000", "9000")
                .endsWith("9000");
        assertThat(answers.get(16).rows()).hasSize(1);
        assertThat(answers.get(17).rows()).containsExactly(List.of("avg=275000.000000000000", "avg=15"));
    }

    @Test
    void anImprovement_isSeenInTheMonitor() {
        assertThat(column(19, "max_poll_records")).containsExactly("5");
        assertThat(column(19, "max_poll_interval_ms")).containsExactly("900000");
        assertThat(column(19, "processing_speed")).containsExactly("GOOD");
    }

    private static List<String> column(int statement, String name) {
        return answers.get(statement).rows().stream()
                .flatMap(List::stream)
                .filter(value -> value.startsWith(name + "="))
                .map(value -> value.substring(name.length() + 1))
                .toList();
    }
}
