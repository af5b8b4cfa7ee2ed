package io.gpufleet.telemetry.jdbc;

import static io.gpufleet.telemetry.jdbc.Heartbeats.device;
import static io.gpufleet.telemetry.jdbc.Heartbeats.heartbeat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.PartitionLag;
import io.gpufleet.telemetry.TelemetryEvent.ConsumerStarted;
import io.gpufleet.telemetry.TelemetryEvent.LagMeasured;
import io.gpufleet.telemetry.Validator;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.jdbc.monitor.ConsumerMonitor;
import io.gpufleet.telemetry.jdbc.monitor.ConsumerSamples;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.PostgresServer;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every layout of the tables under a publication of all tables, which forbids updates and deletes in a table without a
 * replica identity.
 */
@ParameterizedClass
@CsvSource({"false, false", "true, false", "false, true", "true, true"})
final class PublishedTablesTest {
    private static final String WITHOUT_IDENTITY = "SELECT c.relname FROM pg_class AS c JOIN pg_namespace AS n"
            + " ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')"
            + " AND c.relreplident = 'd' AND NOT EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = c.oid"
            + " AND i.indisprimary) ORDER BY 1";

    private static PostgresServer server;

    @Parameter(0)
    boolean partitionedByDay;

    @Parameter(1)
    boolean withoutKey;

    private final Database database = new Database(server.newDatabase().jdbcUrl());
    private final Instant now = Instant.now();

    @BeforeAll
    static void start() {
        server = PostgresServer.builder().setting("wal_level", "logical").start();
    }

    @AfterAll
    static void end() {
        server.close();
    }

    @BeforeEach
    void install() {
        TelemetrySchema.Builder schema = TelemetrySchema.builder(database.dataSource());
        if (partitionedByDay) {
            schema.partitionedByDay();
        }
        if (withoutKey) {
            schema.withoutHeartbeatKey();
        }
        database.execute("CREATE PUBLICATION everything FOR ALL TABLES");
        schema.build().install();
    }

    private PostgresSink<Heartbeat> sink() {
        return (withoutKey
                        ? HeartbeatSink.withoutKey(database.dataSource())
                        : HeartbeatSink.builder(database.dataSource()))
                .build();
    }

    @Test
    void heartbeats_areWrittenReplayedAndDropped() {
        Feed<Heartbeat> feed = Feed.open(sink(), Feed.P0);
        feed.add(heartbeat(1, 1, device(1), device(2)), now.minus(Duration.ofDays(3)))
                .write();
        feed.add(heartbeat(1, 2, device(3)), now).write();
        feed.add(
                        feed.record()
                                .timestampMillis(now.toEpochMilli() + 1)
                                .value(LettersSetAside.CODEC.encode(heartbeat(1, 3))),
                        "a defect")
                .write();
        DeadLetterReplayer.<Heartbeat>builder(database.dataSource(), "g")
                .build()
                .through(sink(), LettersSetAside.CODEC, Validator.acceptAll());
        feed.rewind();

        assertThat(database.rows("SELECT cpu_usage FROM heartbeat ORDER BY 1")).containsExactly("1", "2", "3");
        assertThat(database.rows("SELECT device_gpuusage FROM device_info")).isEmpty();
        assertThat(database.count(LettersSetAside.MARKED)).isEqualTo(1);
        if (partitionedByDay) {
            RetentionJob.builder(database.dataSource()).keepDays(1).build().runOnce();
            assertThat(database.count("heartbeat")).isEqualTo(2);
        }
        database.execute("UPDATE heartbeat SET cpu_usage = 5; DELETE FROM heartbeat");
        assertThat(database.rows(WITHOUT_IDENTITY)).isEmpty();
    }

    @Test
    void consumers_areWatchedSetAndAdvised() {
        database.execute(ConsumerSamples.lag("other", "t/0", 1, "8 days"));
        database.execute(ConsumerSamples.batch("other", 1, 0, 1, "8 days"));
        try (ConsumerMonitor monitor = ConsumerMonitor.builder(database.dataSource(), "s")
                .every(Duration.ofMillis(20))
                .build()) {
            monitor.on(new ConsumerStarted("g"));
            monitor.on(new LagMeasured(now, Map.of(Feed.P0, new PartitionLag(1, 2, Optional.empty()))));
            Await.until(
                    "the new sample exists and the old ones are deleted",
                    Duration.ofSeconds(30),
                    () -> database.rows("SELECT service_name FROM consumer_lag_history")
                                    .toString()
                            + database.count("consumer_processing_metrics"),
                    "[s]0"::equals);
        }
        database.execute(ConsumerSamples.service("s", "max_poll_records = 5"));
        database.execute("DELETE FROM pipeline_consumer_configs");
        database.execute("INSERT INTO kafka_topics (topic_name, expected_events_per_second) VALUES ('t', 90);"
                + " SELECT recommend_partition_changes(); UPDATE kafka_topics SET expected_events_per_second = 95;"
                + " SELECT recommend_partition_changes(); SELECT mark_partition_changes_applied();"
                + " DELETE FROM kafka_topics; DELETE FROM topic_partition_changes");
        assertThat(database.rows(WITHOUT_IDENTITY)).isEmpty();
    }

    @Test
    void aHostsTableWithoutIdentity_isNamedWithWhatToDo() {
        database.execute("CREATE TABLE own (sensor text NOT NULL, total integer NOT NULL, UNIQUE (sensor))");
        PostgresTable<String> own = PostgresTable.<String>builder("own")
                .key("sensor", ColumnType.TEXT, text -> text)
                .sum("total", ColumnType.INTEGER, text -> 1)
                .build();
        Feed<String> feed = Feed.open(
                PostgresSink.<String>builder(database.dataSource())
                        .fold(new EachText(), own)
                        .build(),
                Feed.P1);
        assertThatThrownBy(() -> feed.add("a", now).write())
                .hasMessageContaining("SQLSTATE 55000")
                .hasMessageContaining("needs a primary key or another replica identity");
    }
}
