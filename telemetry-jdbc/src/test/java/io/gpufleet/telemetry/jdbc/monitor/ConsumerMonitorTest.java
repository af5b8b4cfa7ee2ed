package io.gpufleet.telemetry.jdbc.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gpufleet.telemetry.PartitionLag;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.TelemetryEvent.BatchWritten;
import io.gpufleet.telemetry.TelemetryEvent.ConsumerStarted;
import io.gpufleet.telemetry.TelemetryEvent.LagMeasured;
import io.gpufleet.telemetry.TelemetryListener;
import io.gpufleet.telemetry.jdbc.CapturedLog;
import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.PostgresServer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

final class ConsumerMonitorTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final SourcePartition PARTITION = new SourcePartition("t", 1);

    private final Database database = PostgresVersion.POSTGRES_18.database();

    private ConsumerMonitor.Builder builder() {
        return ConsumerMonitor.builder(database.dataSource(), "s").every(Duration.ofMillis(20));
    }

    private static LagMeasured lag(long durable, long end, Duration behind) {
        return new LagMeasured(Instant.now(), Map.of(PARTITION, new PartitionLag(durable, end, Optional.of(behind))));
    }

    private void awaitRows(String table, long rows) {
        Await.until(table + " has rows", LIMIT, () -> database.count(table), count -> count == rows);
    }

    @Test
    void on_storesTheLagOfEachPartition() {
        try (ConsumerMonitor monitor = builder().build()) {
            monitor.on(new ConsumerStarted("g"));
            monitor.on(lag(5, 12, Duration.ofMillis(1500)));

            awaitRows("consumer_lag_history", 1);
        }
        assertThat(database.row("SELECT service_name, consumer_group_id, topic, partition, consumer_offset,"
                        + " log_end_offset, lag, behind_ms FROM consumer_lag_history"))
                .isEqualTo("s|g|t|1|5|12|7|1500");
    }

    @Test
    void on_storesARowForEachBatchAndAtMostOneASecond() {
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        try (ConsumerMonitor monitor =
                builder().clock(Clock.fixed(now, ZoneOffset.UTC)).build()) {
            monitor.on(new ConsumerStarted("g"));
            monitor.on(new BatchWritten(90, 10, Duration.ofMillis(20)));
            monitor.on(new BatchWritten(40, 10, Duration.ofMillis(40)));
        }
        assertThat(database.row("SELECT service_name, consumer_group_id, batch_size, messages_processed,"
                        + " messages_failed, processing_time_ms, messages_per_second, memory_usage_mb > 0"
                        + " FROM consumer_processing_metrics"))
                .isEqualTo("s|g|75|130|20|30|2500|t");
    }

    /** Views, alerts and the search for quiet clients compare the samples with the database's clock. */
    @Test
    void on_storesTheDatabasesTimeWhateverTheClockSays() {
        for (Duration off : List.of(Duration.ofMinutes(-10), Duration.ofMinutes(10))) {
            database.execute("TRUNCATE consumer_lag_history, consumer_processing_metrics");
            Clock wrong = Clock.offset(Clock.systemUTC(), off);
            try (ConsumerMonitor monitor = builder().clock(wrong).build()) {
                monitor.on(new ConsumerStarted("g"));
                monitor.on(new BatchWritten(98, 2, Duration.ofMillis(20)));
                monitor.on(new LagMeasured(
                        wrong.instant(), Map.of(PARTITION, new PartitionLag(5, 7, Optional.of(Duration.ZERO)))));
                awaitRows("consumer_lag_history", 1);
                assertThat(monitor.alerts()).isEmpty();
            }
            for (String table : List.of("consumer_lag_history", "consumer_processing_metrics")) {
                assertThat(database.count(table + " WHERE timestamp BETWEEN now() - interval '1 minute' AND now()"))
                        .as("%s, a clock that is off by %s", table, off)
                        .isEqualTo(1);
            }
            assertThat(database.row("SELECT lag_status FROM v_consumer_performance_monitor WHERE service_name = 's'"))
                    .isEqualTo("HEALTHY");
        }
    }

    @Test
    void close_writesWhatIsLeft() {
        try (ConsumerMonitor monitor = ConsumerMonitor.builder(database.dataSource(), "s")
                .every(Duration.ofHours(1))
                .build()) {
            monitor.on(new ConsumerStarted("g"));
            monitor.on(new BatchWritten(1, 0, Duration.ofMillis(1)));
            monitor.on(lag(0, 0, Duration.ZERO));
        }
        assertThat(database.count("consumer_processing_metrics")).isEqualTo(1);
        assertThat(database.count("consumer_lag_history")).isEqualTo(1);
    }

    @Test
    void run_deletesWhatIsTooOld() {
        database.execute(ConsumerSamples.lag("other", "t/0", 1, "8 days"));
        database.execute(ConsumerSamples.lag("other", "t/0", 1, "6 days"));
        database.execute(ConsumerSamples.batch("other", 1, 0, 1, "8 days"));
        try (ConsumerMonitor monitor = builder().build()) {
            awaitRows("consumer_lag_history", 1);
            awaitRows("consumer_processing_metrics", 0);
            assertThat(monitor.alerts()).isEmpty();
        }
    }

    @Test
    void run_keepsSamplesWhileTheDatabaseIsAway() {
        try (PostgresServer server = PostgresServer.builder().start();
                CapturedLog log = new CapturedLog(ConsumerMonitor.class)) {
            Database away = new Database(server.newDatabase().jdbcUrl());
            TelemetrySchema.create(away.dataSource()).install();
            try (ConsumerMonitor monitor = ConsumerMonitor.builder(away.dataSource(), "s")
                    .every(Duration.ofMillis(20))
                    .build()) {
                monitor.on(new ConsumerStarted("g"));
                server.stop();
                for (int i = 0; i < 10_007; i++) {
                    monitor.on(lag(i, i, Duration.ZERO));
                }
                Await.until(
                        "it is said",
                        LIMIT,
                        () -> !log.linesWith("samples cannot be written").isEmpty());
                server.start();
                Await.until(
                        "what was kept is written",
                        LIMIT,
                        () -> away.count("consumer_lag_history"),
                        count -> count == 10_000);
                assertThat(away.row("SELECT min(consumer_offset) FROM consumer_lag_history"))
                        .as("the oldest are gone")
                        .isEqualTo("7");
                Await.until(
                        "it is said",
                        LIMIT,
                        () -> !log.linesWith("7 samples were dropped").isEmpty());
            }
        }
    }

    @Test
    void run_tellsOfClientsThatHaveBecomeQuiet() {
        List<TelemetryEvent> events = new CopyOnWriteArrayList<>();
        database.execute(QuietSourcesTest.client(1, "3 minutes"));
        try (ConsumerMonitor monitor =
                builder().quietClients(Duration.ofSeconds(30), 3, events::add).build()) {
            monitor.on(new ConsumerStarted("g"));
            monitor.on(lag(2, 2, Duration.ZERO));

            Await.until("the client is quiet", LIMIT, () -> !events.isEmpty());

            assertThat(events).hasOnlyElementsOfType(TelemetryEvent.ClientQuiet.class);
        }
    }

    /** A missing table does not stop the search in the others. */
    @Test
    void run_tellsOfSourcesThatHaveBecomeQuiet() {
        List<TelemetryEvent> events = new CopyOnWriteArrayList<>();
        database.execute("CREATE TABLE door (name text, seen_at timestamptz);"
                + " INSERT INTO door VALUES ('front', now() - interval '3 minutes'), ('back', now())");
        database.execute(QuietSourcesTest.client(1, "3 minutes"));
        Duration interval = Duration.ofSeconds(30);
        try (CapturedLog log = new CapturedLog(ConsumerMonitor.class);
                ConsumerMonitor monitor = builder()
                        .quietSources(SourceTable.of("gate", "name", "seen_at"), interval, 3, events::add)
                        .quietSources(SourceTable.of("door", "name", "seen_at"), interval, 3, events::add)
                        .quietClients(interval, 3, events::add)
                        .build()) {
            monitor.on(new ConsumerStarted("g"));
            monitor.on(lag(2, 2, Duration.ZERO));

            Await.until("door and client are quiet", LIMIT, () -> events.size() == 2);

            assertThat(events)
                    .map(event -> (TelemetryEvent.ClientQuiet) event)
                    .extracting(quiet -> quiet.table() + "/" + quiet.client())
                    .containsExactly("system_info/00000000000000000000000000000001", "door/front");
            assertThat(log.linesWith("quiet sources in gate cannot be searched for"))
                    .hasSize(1);
        }
    }

    @Test
    void builder_checksItsArguments() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ConsumerMonitor.builder(database.dataSource(), " "))
                .withMessage("service: \" \" is blank");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().quietClients(Duration.ofSeconds(1), 0, event -> {}))
                .withMessage("missed: 0 is not 1 or more");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder()
                        .quietSources(SourceTable.of("t", "k", "at"), Duration.ZERO, 1, TelemetryListener.none()))
                .withMessageStartingWith("interval: PT0S");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SourceTable.of("t; DROP TABLE t", "k", "at"))
                .withMessageStartingWith("table: \"t; DROP TABLE t\" is not a name");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().keep(Duration.ZERO))
                .withMessageStartingWith("keep: PT0S");
    }
}
