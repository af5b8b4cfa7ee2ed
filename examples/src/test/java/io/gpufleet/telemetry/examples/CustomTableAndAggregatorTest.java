package io.gpufleet.telemetry.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.examples.quickstart.Query;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import io.gpufleet.telemetry.testkit.TestRecord;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/**
 * A host's own jobs in its own tables: stored once, folded by day, and dead-lettered with the reason if they are wrong.
 */
@TelemetryStackTest
final class CustomTableAndAggregatorTest {
    private static final Instant EVENING = Instant.parse("2026-03-01T23:59:59.999Z");
    private static final Instant MORNING = Instant.parse("2026-03-02T00:00:00Z");

    @Test
    void jobs_areStoredOnceAndFolded(TelemetryStack stack) throws SQLException {
        DataSource database = stack.newDatabase().dataSource();
        TelemetrySchema.create(database).install();
        Sql.execute(database, CustomTableAndAggregator.TABLES);
        stack.createTopic("jobs", 1);
        stack.publish(
                "jobs",
                List.of(
                        job(EVENING, "a;training;100"),
                        job(EVENING.minusSeconds(1), "b;training;7"),
                        job(MORNING, "c;training;5"),
                        job(EVENING, "a;training;100"),
                        job(MORNING, "d;inference;-1"),
                        job(MORNING, "e;inference")));

        try (BatchingConsumer consumer = CustomTableAndAggregator.start(stack.bootstrapServers(), "jobs", database)) {
            Await.until(
                    "all is durable",
                    Duration.ofSeconds(30),
                    () -> Query.number(database, "SELECT sum(next_offset) FROM consumer_offsets"),
                    offset -> offset == 6);
            assertThat(consumer.snapshot().counts().duplicatesDropped()).isEqualTo(1);
        }
        assertThat(Query.rows(database, "SELECT job_id FROM job ORDER BY 1"))
                .containsExactly(List.of("a"), List.of("b"), List.of("c"));
        assertThat(Query.rows(
                        database,
                        "SELECT queue, day::text, jobs, gpu_seconds, longest, last_job FROM queue_day ORDER BY day"))
                .containsExactly(
                        List.of("training", "2026-03-01", 2, 107L, 100L, "a"),
                        List.of("training", "2026-03-02", 1, 5L, 5L, "c"));
        assertThat(Query.rows(database, "SELECT reasons[1] FROM dead_letters ORDER BY kafka_offset"))
                .containsExactly(
                        List.of("gpuSeconds -1 is negative"),
                        List.of("2 fields are not id;queue;gpuSeconds at byte 0"));
    }

    private static TestRecord job(Instant endedAt, String text) {
        return TestRecord.of(null, text.getBytes(StandardCharsets.UTF_8), endedAt);
    }
}
