package io.gpufleet.telemetry.jdbc.config;

import static io.gpufleet.telemetry.jdbc.monitor.ConsumerSamples.service;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.config.ConsumerSetting;
import io.gpufleet.telemetry.config.ConsumerSettings;
import io.gpufleet.telemetry.config.InvalidSettingsException;
import io.gpufleet.telemetry.config.SettingChange;
import io.gpufleet.telemetry.config.SettingEffect;
import io.gpufleet.telemetry.config.SettingExplanation;
import io.gpufleet.telemetry.config.SettingOrigin;
import io.gpufleet.telemetry.jdbc.CapturedLog;
import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.DeafDataSource;
import io.gpufleet.telemetry.jdbc.Pools;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.WatchedDataSource;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.PostgresServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.spi.LocationAwareLogger;

final class ConsumerConfigLoaderTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Database database = PostgresVersion.POSTGRES_18.database();
    private final WatchedDataSource source = new WatchedDataSource(database.dataSource());
    private final AtomicLong nanos = new AtomicLong();
    private final ConsumerConfigLoader polling = ConsumerConfigLoader.builder(source)
            .pollEvery(Duration.ofSeconds(10))
            .ticker(nanos::get)
            .build();

    @AfterEach
    void close() {
        polling.close();
    }

    private ConsumerConfigLoader listening() {
        ConsumerConfigLoader loader = ConsumerConfigLoader.create(database.newConnections());
        Await.until("the loader listens", LIMIT, loader::isListening);
        return loader;
    }

    private static void awaitRecords(ConsumerConfigLoader loader, int records) {
        Await.until("the change is heard", LIMIT, () -> loader.load("s").maxPollRecords() == records);
    }

    private void set(String assignments) {
        database.execute("UPDATE pipeline_consumer_configs SET " + assignments + " WHERE service_name = 's'");
    }

    @Test
    void load_readsEveryColumn() {
        database.execute(service("s", """
                max_poll_records = 1, session_timeout_ms = 50000, max_poll_interval_ms = 60001,
                heartbeat_interval_ms = 3, partition_assignment_strategy = 'range', enable_auto_commit = true,
                auto_commit_interval_ms = 4, auto_offset_reset = 'latest', fetch_min_bytes = 5, fetch_max_bytes = 6,
                fetch_max_wait_ms = 7, max_partition_fetch_bytes = 8, request_timeout_ms = 9, retry_backoff_ms = 10,
                reconnect_backoff_ms = 11, reconnect_backoff_max_ms = 12, connections_max_idle_ms = 13,
                isolation_level = 'read_committed', batch_max_records = 14, batch_max_bytes = 5000000000,
                batch_linger_ms = 16, description = 'what it does'"""));

        ConsumerSettings settings = polling.load("s");

        assertThat(settings.explain())
                .extracting(explained -> explained.value().map(Object::toString).orElse("none"))
                .containsExactly(
                        "s-group",
                        "1",
                        "50000",
                        "60001",
                        "3",
                        "range",
                        "true",
                        "4",
                        "latest",
                        "5",
                        "6",
                        "7",
                        "8",
                        "9",
                        "10",
                        "11",
                        "12",
                        "13",
                        "read_committed",
                        "14",
                        "5000000000",
                        "16");
        assertThat(settings.description()).contains("what it does");
        assertThat(polling.explain("s")).extracting(SettingExplanation::origin).containsOnly(SettingOrigin.ROW);
    }

    @Test
    void load_givesTheDefaultsWithoutARow() {
        assertThat(polling.load("unknown")).isEqualTo(ConsumerSettings.defaults("unknown"));
    }

    @Test
    void load_putsTheBuildersValuesBehindTheRow() {
        database.execute(service("s", "batch_max_records = 1"));
        try (ConsumerConfigLoader loader = ConsumerConfigLoader.builder(source)
                .pollEvery(Duration.ofMinutes(1))
                .setting(ConsumerSetting.BATCH_MAX_RECORDS, 2)
                .setting(ConsumerSetting.BATCH_LINGER_MS, 3)
                .build()) {
            ConsumerSettings settings = loader.load("s");

            assertThat(settings.batchMaxRecords()).hasValue(1);
            assertThat(settings.origin(ConsumerSetting.BATCH_LINGER_MS)).isEqualTo(SettingOrigin.BUILDER);
            assertThat(settings.origin(ConsumerSetting.BATCH_MAX_BYTES)).isEqualTo(SettingOrigin.DEFAULT);
        }
    }

    @Test
    void load_asksOnceForEachOfAThousandServices() {
        database.execute("INSERT INTO pipeline_consumer_configs (service_name, consumer_group_id)"
                + " SELECT 'many-' || n, 'g' FROM generate_series(0, 999) AS n");

        try (HikariDataSource pool = Pools.of(database, 1)) {
            WatchedDataSource watched = new WatchedDataSource(pool);
            ConsumerConfigLoader loader = ConsumerConfigLoader.builder(watched)
                    .pollEvery(Duration.ofHours(1))
                    .build();

            List<String> groups = IntStream.range(0, 1000)
                    .mapToObj(n -> loader.load("many-" + n).groupId())
                    .distinct()
                    .toList();

            assertThat(groups).containsExactly("g");
            assertThat(watched.asked()).isEqualTo(1000);
            loader.close();
        }
    }

    @Test
    void load_readsAgainWhenItsTimeIsOver() {
        database.execute(service("s", "max_poll_records = 1"));
        assertThat(polling.load("s").maxPollRecords()).isEqualTo(1);
        set("max_poll_records = 2");

        nanos.addAndGet(Duration.ofSeconds(9).toNanos());
        assertThat(polling.load("s").maxPollRecords()).isEqualTo(1);
        nanos.addAndGet(Duration.ofSeconds(2).toNanos());
        assertThat(polling.load("s").maxPollRecords()).isEqualTo(2);

        assertThat(source.asked()).isEqualTo(2);
        assertThat(polling.isListening()).isFalse();
    }

    @Test
    void load_hearsAChangeInEveryLoader() {
        database.execute(service("s", "max_poll_records = 1"));
        try (ConsumerConfigLoader one = listening();
                ConsumerConfigLoader two = listening()) {
            awaitRecords(one, 1);
            awaitRecords(two, 1);

            set("max_poll_records = 2");

            awaitRecords(one, 2);
            awaitRecords(two, 2);
        }
    }

    @Test
    void load_hearsWhatHasChangedWhileNobodyListened() {
        database.execute(service("s", "max_poll_records = 1"));
        try (ConsumerConfigLoader loader = listening();
                CapturedLog log = new CapturedLog(ConfigListener.class)) {
            awaitRecords(loader, 1);

            database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    + " WHERE datname = current_database() AND query LIKE 'LISTEN%'");
            set("max_poll_records = 2");
            awaitRecords(loader, 2);
            Await.until("the loader listens again", LIMIT, loader::isListening);
            set("max_poll_records = 3");
            awaitRecords(loader, 3);

            assertThat(log.linesWith("Listening for changed settings failed")).hasSize(1);
        }
    }

    @Test
    void load_takesAChangeSoonWhereNoNotificationComesThrough() {
        database.execute(service("s", "max_poll_records = 1"));
        try (CapturedLog log = new CapturedLog(ConfigListener.class);
                ConsumerConfigLoader loader = ConsumerConfigLoader.create(new DeafDataSource(database.dataSource()))) {
            awaitRecords(loader, 1);
            Await.until(
                    "it is said",
                    LIMIT,
                    () -> log.linesWith("no notification arrived").size() == 1);
            set("max_poll_records = 2");
            awaitRecords(loader, 2);
            set("max_poll_records = 3");
            awaitRecords(loader, 3);

            assertThat(loader.isListening()).isFalse();
            assertThat(log.linesWith("no notification arrived")).hasSize(1);
        }
    }

    @Test
    void load_goesOnWithTheLastSettingsWhileTheDatabaseIsAway() {
        try (PostgresServer server = PostgresServer.builder().start();
                CapturedLog log = new CapturedLog(ConfigCache.class)) {
            Database away = new Database(server.newDatabase().jdbcUrl());
            TelemetrySchema.create(away.dataSource()).install();
            away.execute(service("s", "max_poll_records = 1"));
            try (ConsumerConfigLoader loader = ConsumerConfigLoader.builder(away.dataSource())
                    .pollEvery(Duration.ofSeconds(10))
                    .ticker(nanos::get)
                    .build()) {
                assertThat(loader.load("s").maxPollRecords()).isEqualTo(1);
                server.stop();
                nanos.addAndGet(Duration.ofSeconds(11).toNanos());

                assertThat(loader.load("s").maxPollRecords()).isEqualTo(1);
                assertThat(loader.load("s").maxPollRecords()).isEqualTo(1);

                nanos.addAndGet(Duration.ofSeconds(6).toNanos());
                assertThat(loader.load("s").maxPollRecords()).as("asked again").isEqualTo(1);

                assertThat(log.linesWith("services keep their last ones"))
                        .as("said once")
                        .hasSize(1);
                assertThatExceptionOfType(SinkException.class)
                        .as("never asked for before")
                        .isThrownBy(() -> loader.load("other"))
                        .matches(e -> e.kind().isTransient());
            }
        }
    }

    @Test
    void load_namesWhatIsWrongWithARow() {
        database.execute("ALTER TABLE pipeline_consumer_configs DROP CONSTRAINT max_poll_records_1_to_5000");
        database.execute(service("s", "max_poll_records = 5001"));

        assertThatExceptionOfType(InvalidSettingsException.class)
                .isThrownBy(() -> polling.load("s"))
                .withMessage("Settings of service \"s\" cannot be used: max_poll_records: 5001 is not between 1 and"
                        + " 5000");
    }

    @Test
    void load_namesTheMissingTable() {
        Database empty = PostgresVersion.POSTGRES_18.emptyDatabase();
        try (ConsumerConfigLoader loader = ConsumerConfigLoader.builder(empty.dataSource())
                .pollEvery(Duration.ofMinutes(1))
                .build()) {
            assertThatExceptionOfType(SinkException.class)
                    .isThrownBy(() -> loader.load("s"))
                    .withMessageContaining("pipeline_consumer_configs");
        }
    }

    @Test
    void load_warnsOnceOfWhatTheConsumerIgnores() {
        database.execute(service("s", "enable_auto_commit = true, isolation_level = 'read_uncommitted'"));
        try (CapturedLog log = new CapturedLog(ConfigWarnings.class)) {
            polling.load("s");
            nanos.addAndGet(Duration.ofMinutes(1).toNanos());
            polling.load("s");

            assertThat(log.linesWith("enable_auto_commit=true")).hasSize(1);
            assertThat(log.linesWith("isolation_level=read_uncommitted")).hasSize(1);
        }
    }

    @Test
    void dryRun_tellsWhatWouldChangeAndChangesNothing() {
        database.execute(service("s", "fetch_min_bytes = 1"));

        List<SettingChange> changes = polling.dryRun(
                "s",
                Map.of(
                        ConsumerSetting.MAX_POLL_RECORDS, 100,
                        ConsumerSetting.FETCH_MIN_BYTES, 1,
                        ConsumerSetting.BATCH_MAX_RECORDS, 5,
                        ConsumerSetting.CONSUMER_GROUP_ID, "other"));

        assertThat(changes)
                .extracting(SettingChange::toString)
                .containsExactly(
                        "consumer_group_id: s-group -> other",
                        "max_poll_records: none -> 100",
                        "batch_max_records: none -> 5");
        assertThat(changes)
                .extracting(SettingChange::effect)
                .containsExactly(SettingEffect.NEXT_START, SettingEffect.NEW_CLIENT, SettingEffect.NEXT_BATCH);
        assertThat(polling.load("s").batchMaxRecords()).isEmpty();
    }

    @Test
    void dryRun_namesEverythingThatWouldBeWrong() {
        database.execute(service("s", ""));

        assertThatExceptionOfType(InvalidSettingsException.class)
                .isThrownBy(() -> polling.dryRun(
                        "s",
                        Map.of(
                                ConsumerSetting.MAX_POLL_RECORDS, 0,
                                ConsumerSetting.SESSION_TIMEOUT_MS, 300_000)))
                .satisfies(e -> assertThat(e.violations())
                        .containsExactlyInAnyOrder(
                                "max_poll_records: 0 is not between 1 and 5000",
                                "max_poll_interval_ms: 300000 is not more than session_timeout_ms (300000)"));
    }

    @Test
    void change_makesARowAndChangesIt() {
        polling.load("new");

        assertThat(polling.change("new", Map.of(ConsumerSetting.MAX_POLL_RECORDS, 7)))
                .extracting(SettingChange::toString)
                .containsExactly("max_poll_records: none -> 7");
        assertThat(polling.load("new").groupId()).isEqualTo("new-consumer-group");
        assertThat(polling.load("new").setValues()).containsExactly(Map.entry(ConsumerSetting.MAX_POLL_RECORDS, 7));
        assertThat(polling.load("new")
                        .orElse(Map.of(ConsumerSetting.CONSUMER_GROUP_ID, "the-builders"))
                        .groupId())
                .isEqualTo("the-builders");
        assertThat(polling.load("new").maxPollRecords()).isEqualTo(7);

        polling.change("new", Map.of(ConsumerSetting.BATCH_MAX_BYTES, 9L));

        assertThat(polling.load("new").maxPollRecords()).isEqualTo(7);
        assertThat(polling.load("new").batchMaxBytes()).hasValue(9);
        assertThat(polling.services()).containsExactly("new");
        assertThatExceptionOfType(InvalidSettingsException.class)
                .isThrownBy(() -> polling.change("new", Map.of(ConsumerSetting.MAX_POLL_RECORDS, 0)));
        assertThat(polling.load("new").maxPollRecords()).isEqualTo(7);
    }

    @Test
    void change_takesSettingsOut() {
        database.execute(service("s", "max_poll_records = 7, fetch_min_bytes = 9"));

        assertThat(polling.change(
                        "s", Map.of(ConsumerSetting.FETCH_MIN_BYTES, 8), Set.of(ConsumerSetting.MAX_POLL_RECORDS)))
                .extracting(SettingChange::toString)
                .containsExactly("max_poll_records: 7 -> none", "fetch_min_bytes: 9 -> 8");

        assertThat(polling.load("s").setValues())
                .containsOnly(
                        Map.entry(ConsumerSetting.CONSUMER_GROUP_ID, "s-group"),
                        Map.entry(ConsumerSetting.FETCH_MIN_BYTES, 8));
        assertThatExceptionOfType(InvalidSettingsException.class)
                .as("what is left would not fit the default")
                .isThrownBy(() -> polling.change("s", Map.of(ConsumerSetting.HEARTBEAT_INTERVAL_MS, 40_000)));
    }

    @Test
    void hasRow_tellsTheServicesThatAreKnown() {
        database.execute("INSERT INTO pipeline_consumer_configs (service_name) VALUES ('s')");

        assertThat(polling.hasRow("s")).isTrue();
        assertThat(polling.hasRow("t")).isFalse();
        assertThat(polling.load("s")).as("a row that sets nothing").isEqualTo(ConsumerSettings.defaults("s"));
    }

    @Test
    void load_saysOnceWhichGroupAService_hasWithoutOneInItsRow() {
        database.execute("INSERT INTO pipeline_consumer_configs (service_name) VALUES ('s')");
        try (CapturedLog log = new CapturedLog(ConfigWarnings.class, LocationAwareLogger.INFO_INT)) {
            polling.load("s");
            polling.load("t");
            nanos.addAndGet(Duration.ofMinutes(1).toNanos());
            polling.load("s");

            assertThat(log.linesWith("Service s has no group in pipeline_consumer_configs: its group is the builder's,"
                            + " else s-consumer-group"))
                    .hasSize(1);
            assertThat(log.linesWith("Service t has no row in pipeline_consumer_configs"))
                    .hasSize(1);
            assertThat(log.linesWith("isolation_level")).as("it is not set").isEmpty();
        }
    }

    @Test
    void rowThatCannotBeUsed_hasTheLoadersOwnForAStartAndCanBeMended() {
        database.execute(service("s", "fetch_max_wait_ms = 2147483647, max_poll_records = 7"));
        try (ConsumerConfigLoader loader = ConsumerConfigLoader.builder(source)
                .pollEvery(Duration.ofMinutes(1))
                .setting(ConsumerSetting.BATCH_MAX_RECORDS, 2)
                .build()) {
            assertThatExceptionOfType(InvalidSettingsException.class)
                    .isThrownBy(() -> loader.load("s"))
                    .satisfies(e -> assertThat(e.usable())
                            .map(ConsumerSettings::values)
                            .contains(ConsumerSettings.builder("s")
                                    .set(ConsumerSetting.CONSUMER_GROUP_ID, "s-group")
                                    .set(ConsumerSetting.MAX_POLL_RECORDS, 7)
                                    .set(ConsumerSetting.BATCH_MAX_RECORDS, 2)
                                    .build()
                                    .values()));
            Map<ConsumerSetting, Object> mended = Map.of(ConsumerSetting.FETCH_MAX_WAIT_MS, 500);
            assertThat(loader.dryRun("s", mended))
                    .extracting(SettingChange::toString)
                    .containsExactly("fetch_max_wait_ms: 2147483647 -> 500");
            assertThat(loader.change("s", mended))
                    .extracting(SettingChange::toString)
                    .containsExactly("fetch_max_wait_ms: 2147483647 -> 500");
            assertThat(loader.load("s").maxPollRecords()).isEqualTo(7);
        }
    }

    @Test
    void close_endsTheThreadAndItsConnection() {
        ConsumerConfigLoader loader = listening();

        loader.close();
        loader.close();

        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .doesNotContain("telemetry-config-listener");
        Await.until(
                "the connection is closed",
                LIMIT,
                () -> database.rows("SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                                + " AND pid <> pg_backend_pid()")
                        .isEmpty());
    }

    @Test
    void listener_saysOnceThatItCannotListen() {
        source.failAfter("unwrap");
        try (CapturedLog log = new CapturedLog(ConfigListener.class);
                ConsumerConfigLoader loader = ConsumerConfigLoader.create(source)) {
            Await.until("it has retried", LIMIT, () -> source.asked() >= 3);

            assertThat(loader.isListening()).isFalse();
            assertThat(log.linesWith("Listening for changed settings failed")).hasSize(1);
        }
    }
}
