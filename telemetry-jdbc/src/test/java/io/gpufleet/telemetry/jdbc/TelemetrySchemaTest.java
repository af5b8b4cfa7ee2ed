package io.gpufleet.telemetry.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatInvariant;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.jdbc.monitor.ConsumerSamples;
import io.gpufleet.telemetry.testkit.ForkedJvm;
import java.io.File;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.ds.PGSimpleDataSource;

@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class TelemetrySchemaTest {
    private static final String COLUMNS =
            "SELECT c.relname || '.' || a.attname FROM pg_attribute AS a JOIN pg_class AS c"
                    + " ON c.oid = a.attrelid WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')"
                    + " AND c.relname NOT LIKE 'telemetry\\_%\\_history' AND a.attnum > 0 AND NOT a.attisdropped";

    @Parameter
    PostgresVersion version;

    private Database database;
    private TelemetrySchema schema;

    @BeforeEach
    void create() {
        database = version.emptyDatabase();
        schema = TelemetrySchema.create(database.dataSource());
    }

    @Test
    void install_makesExactlyTheTablesThatAreVerified() {
        schema.install();
        schema.verify();
        assertThat(database.rows(COLUMNS))
                .containsExactlyInAnyOrderElementsOf(Stream.of(
                                new BaseCapability(),
                                new HeartbeatCapability(false, true),
                                new ConsumerConfigCapability())
                        .flatMap(capability -> capability.tables().stream())
                        .flatMap(table -> table.columns().stream().map(column -> table.name() + '.' + column.name()))
                        .toList());
    }

    @Test
    void install_describesEveryTableAndColumn() {
        schema.install();
        assertThat(database.rows(COLUMNS + " AND col_description(a.attrelid, a.attnum) IS NULL"))
                .isEmpty();
        assertThat(database.rows("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
                        + " AND relkind IN ('r', 'p') AND obj_description(oid, 'pg_class') IS NULL"))
                .containsExactlyInAnyOrder(
                        "telemetry_base_history", "telemetry_heartbeats_history", "telemetry_consumer_configs_history");
    }

    @Test
    void install_describesEveryViewAndItsColumnsAndEveryFunction() {
        schema.install();
        assertThat(database.rows("SELECT c.relname || '.' || a.attname FROM pg_class AS c"
                        + " JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0"
                        + " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'v'"
                        + " AND (obj_description(c.oid, 'pg_class') IS NULL"
                        + " OR col_description(c.oid, a.attnum) IS NULL)"))
                .isEmpty();
        assertThat(database.rows("SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
                        + " AND obj_description(oid, 'pg_proc') IS NULL"))
                .isEmpty();
    }

    /** The role's own schema is the first of its path; other roles have other paths. */
    @Test
    void install_intoTheRolesOwnSchemaMakesFunctionsThatWorkForOthers() {
        String owner = "own_" + version.name().toLowerCase(Locale.ROOT);
        database.execute("CREATE ROLE " + owner + " LOGIN; CREATE SCHEMA " + owner + " AUTHORIZATION " + owner);
        Database asOwner = new Database(database.url().replace("user=postgres", "user=" + owner));
        TelemetrySchema.create(asOwner.dataSource()).install();
        assertThat(database.rows(
                        "SELECT DISTINCT proconfig FROM pg_proc WHERE pronamespace = '" + owner + "'::regnamespace"))
                .containsExactly("{\"search_path=" + owner + ", pg_temp\"}");
        database.execute("INSERT INTO " + owner + ".kafka_topics VALUES ('metrics', 1, 95)");
        database.execute("INSERT INTO " + owner + ".pipeline_consumer_configs VALUES ('service', 'group')");
        assertThat(database.row("SELECT " + owner + ".recommend_partition_changes()"))
                .isEqualTo("1");
        assertThat(database.row("SELECT " + owner + ".generate_partition_update_script()"))
                .isEqualTo("kafka-topics --alter --topic metrics --partitions 10");
        assertThat(database.row("SELECT " + owner + ".mark_partition_changes_applied()"))
                .isEqualTo("1");
        assertThat(database.rows("SELECT * FROM " + owner + ".consumer_config_changes WHERE setting = 'service_name'"))
                .hasSize(1);
    }

    @Test
    void install_aSecondTimeChangesNothing() {
        schema.install();
        database.execute("UPDATE heartbeat_retention SET kept_from = '2026-01-01'");
        schema.install();
        assertThat(database.rows("SELECT version, success FROM telemetry_base_history ORDER BY installed_rank"))
                .containsExactly("1|t");
        assertThat(database.rows("SELECT version, success FROM telemetry_heartbeats_history ORDER BY installed_rank"))
                .containsExactly("0|t", "1|t", "1.1|t");
        assertThat(database.rows("SELECT kept_from FROM heartbeat_retention")).containsExactly("2026-01-01");
    }

    @Test
    void install_byEightServicesAtOnce() throws Exception {
        CyclicBarrier start = new CyclicBarrier(8);
        Callable<Void> service = () -> {
            start.await();
            TelemetrySchema.builder(database.dataSource())
                    .schema("fleet")
                    .build()
                    .install();
            return null;
        };
        List<Callable<Void>> services = new ArrayList<>(Collections.nCopies(8, service));
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            for (Future<Void> done : threads.invokeAll(services)) {
                done.get();
            }
        } finally {
            threads.shutdownNow();
        }
        TelemetrySchema.builder(database.dataSource()).schema("fleet").build().verify();
    }

    @Test
    void install_putsTheTablesWhereTheHostWants() {
        database.execute("CREATE TABLE heartbeat (something text)");
        TelemetrySchema fleet =
                TelemetrySchema.builder(database.dataSource()).schema("Fleet_1").build();
        fleet.install();
        fleet.verify();
        assertThat(database.count("\"Fleet_1\".consumer_offsets")).isZero();
        Feed<Heartbeat> feed = Feed.open(
                HeartbeatSink.builder(database.dataSource()).schema("Fleet_1").build(), Feed.P0);
        feed.add(Heartbeats.heartbeat(1, 1, Heartbeats.device(1)), Heartbeats.NOON);
        feed.add(feed.record(), "broken").write();
        for (String table : List.of("heartbeat", "device_info", "dead_letters", "device_daily_stats")) {
            assertThat(database.count("\"Fleet_1\"." + table)).as(table).isEqualTo(1);
        }
        assertThat(HeartbeatInvariant.check(database.dataSource(), "Fleet_1").holds())
                .isTrue();
    }

    @Test
    void install_besideTheHostsOwnMigrations() {
        database.execute("CREATE TABLE flyway_schema_history (x integer); CREATE TABLE own (x integer)");
        schema.install();
        schema.verify();
        assertThat(database.rows("SELECT * FROM flyway_schema_history")).isEmpty();
    }

    @Test
    void install_letsAnotherRoleConsume() {
        schema.install();
        String role = "consumer_" + version.name().toLowerCase(Locale.ROOT);
        database.execute("CREATE ROLE " + role + " LOGIN; GRANT USAGE ON SCHEMA public TO " + role
                + "; REVOKE CREATE ON SCHEMA public FROM PUBLIC; GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA"
                + " public TO " + role + "; GRANT DELETE ON device_info TO " + role);
        Database asRole = new Database(database.url().replace("user=postgres", "user=" + role));
        Feed<Heartbeat> feed = Feed.open(HeartbeatSink.create(asRole.dataSource()), Feed.P0);
        feed.add(Heartbeats.heartbeat(1, 1, Heartbeats.device(1)), Heartbeats.NOON);
        feed.add(feed.record(), "broken").write();
        assertThat(asRole.count("heartbeat")).isEqualTo(1);
        assertThat(HeartbeatInvariant.check(asRole.dataSource()).holds()).isTrue();

        database.execute("REVOKE DELETE ON device_info FROM " + role);
        feed.add(Heartbeats.heartbeat(1, 1, Heartbeats.device(1)), Heartbeats.NOON.plusSeconds(1));
        assertThatThrownBy(feed::write)
                .hasMessageContaining(
                        "permission denied for table device_info (SQLSTATE 42501); the owner runs: GRANT");
    }

    @Test
    void install_letsOtherRolesReportAndSet() {
        schema.install();
        Database service = role(
                "service",
                "GRANT SELECT ON pipeline_consumer_configs TO %1$s;"
                        + " GRANT SELECT, INSERT, DELETE ON consumer_lag_history, consumer_processing_metrics TO %1$s");
        service.execute(ConsumerSamples.lag("s", "t/0", 101, "0 s"));
        service.execute(ConsumerSamples.batch("s", 5, 0, 1, "0 s"));
        service.execute("DELETE FROM consumer_lag_history WHERE timestamp < now() - interval '7 days'");
        assertThatThrownBy(() -> service.execute(ConsumerSamples.service("s", "")))
                .rootCause()
                .hasMessageContaining("permission denied for table pipeline_consumer_configs");

        Database operator = role(
                "operator",
                "GRANT SELECT ON ALL TABLES IN SCHEMA public TO %1$s;"
                        + " GRANT INSERT, UPDATE, DELETE ON pipeline_consumer_configs TO %1$s;"
                        + " GRANT INSERT ON consumer_config_changes TO %1$s;"
                        + " GRANT INSERT, UPDATE ON kafka_topics, topic_partition_changes TO %1$s");
        operator.execute(ConsumerSamples.service("s", "max_poll_records = 5"));
        operator.execute("INSERT INTO kafka_topics VALUES ('t', 1, 95); SELECT recommend_partition_changes();"
                + " SELECT mark_partition_changes_applied()");
        assertThat(operator.rows("SELECT lag_status, action_required FROM v_consumer_alerts"))
                .containsExactly("WATCH|MONITOR");
        assertThat(operator.row("SELECT changed_by FROM consumer_config_changes WHERE setting = 'max_poll_records'"
                        + " AND new_value = '5'"))
                .isEqualTo("operator_" + version.name().toLowerCase(Locale.ROOT));
    }

    /** Returns a new role with only the granted rights. */
    private Database role(String name, String grants) {
        String role = name + "_" + version.name().toLowerCase(Locale.ROOT);
        database.execute("CREATE ROLE " + role + " LOGIN; " + String.format(Locale.ROOT, grants, role));
        return new Database(database.url().replace("user=postgres", "user=" + role));
    }

    @Test
    void install_refusesAForeignTableBeforeItWrites() {
        database.execute("CREATE TABLE system_info (client_id text PRIMARY KEY, cpu_usage smallint)");
        assertThatThrownBy(schema::install)
                .isInstanceOf(TelemetryException.class)
                .hasMessageContaining("column \"public\".\"system_info\".\"client_id\" is text, not bytea")
                .hasMessageContaining("column \"public\".\"system_info\".\"heartbeat_at\" is missing");
        assertThat(database.rows("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
                        + " AND relkind IN ('r', 'p')"))
                .containsExactly("system_info");
    }

    @Test
    void install_refusesAView() {
        database.execute("CREATE VIEW device_info AS SELECT 1 AS x");
        assertThatThrownBy(schema::install).hasMessageContaining("\"public\".\"device_info\" is not a table");
    }

    @Test
    void install_takesOverTablesThatTheFilesHaveMade() {
        schema.sql().forEach(database::execute);
        schema.verify();
        schema.sql().forEach(database::execute);
        schema.install();
        schema.verify();
    }

    @Test
    void install_refusesToChangeBetweenOneTableAndDays() {
        schema.install();
        TelemetrySchema days = TelemetrySchema.builder(database.dataSource())
                .partitionedByDay()
                .build();
        assertThatThrownBy(days::install).hasMessageContaining("heartbeat is one table already");
        Database other = version.emptyDatabase();
        TelemetrySchema.builder(other.dataSource()).partitionedByDay().build().install();
        assertThatThrownBy(TelemetrySchema.create(other.dataSource())::install)
                .hasMessageContaining("heartbeat is partitioned already");
    }

    @Test
    void verify_namesEverythingThatIsWrong() {
        assertThatThrownBy(schema::verify).hasMessageContaining("table \"consumer_offsets\" is missing");
        schema.install();
        database.execute("ALTER TABLE heartbeat DROP CONSTRAINT heartbeat_pkey; DROP TABLE dead_letters;"
                + " ALTER TABLE client_daily_stats DROP COLUMN avg_cpu_usage, ADD COLUMN avg_cpu_usage float8;"
                + " ALTER TABLE device_info DROP COLUMN device_temp;"
                + " ALTER TABLE device_info ALTER vendor_id TYPE bigint, ADD COLUMN note text");
        assertThatThrownBy(schema::verify)
                .isInstanceOf(TelemetryException.class)
                .hasMessage("Telemetry tables do not match the expected schema: table \"dead_letters\" is missing;"
                        + " table \"heartbeat\" has no primary key or unique index of exactly (client_id, timestamp), all of them"
                        + " NOT NULL and of a deterministic collation;"
                        + " column \"client_daily_stats\".\"avg_cpu_usage\" is double precision, not double precision"
                        + " generated;"
                        + " column \"device_info\".\"vendor_id\" is bigint, not integer;"
                        + " column \"device_info\".\"device_temp\" is missing");
    }

    @Test
    void verify_doesNotTakeAPartialIndexForAKey() {
        schema.install();
        database.execute("ALTER TABLE system_info DROP CONSTRAINT system_info_pkey;"
                + " CREATE UNIQUE INDEX ON system_info (client_id) WHERE cpu_usage > 1;"
                + " CREATE UNIQUE INDEX ON system_info (client_id, cpu_usage)");
        assertThatThrownBy(schema::verify).hasMessageContaining("unique index of exactly (client_id)");
        database.execute("CREATE UNIQUE INDEX ON system_info (client_id) INCLUDE (cpu_usage)");
        database.execute("ALTER TABLE system_info ALTER client_id DROP NOT NULL");
        assertThatThrownBy(schema::verify).hasMessageContaining("unique index of exactly (client_id)");
        database.execute("ALTER TABLE system_info ALTER client_id SET NOT NULL");
        assertThatCode(schema::verify).doesNotThrowAnyException();
    }

    /** Without Flyway on the class path, a JVM of its own reports the fix, and everything else works. */
    @Test
    void install_withoutFlywaySaysWhatToDo() {
        assertThat(installWithout("flyway"))
                .contains("org.flywaydb:flyway-core", "org.flywaydb:flyway-database-postgresql")
                .contains("migration/base/V1__positions_gaps_dead_letters.sql, ")
                .contains("migration/heartbeats/common/V1__statistics_state_retention.sql, ")
                .contains("migration/heartbeats/plain/V1_1__heartbeat.sql, ")
                .endsWith("migration/consumer_configs/V1__consumer_configs.sql");
    }

    @Test
    void install_withHalfOfFlywaySaysWhatToDo() {
        assertThat(installWithout("flyway-database-postgresql")).contains("org.flywaydb:flyway-database-postgresql");
    }

    private String installWithout(String artifact) {
        String classPath = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.contains(artifact))
                .collect(Collectors.joining(File.pathSeparator));
        try (ForkedJvm jvm = ForkedJvm.builder(WithoutFlyway.class)
                .classPath(classPath)
                .jvmArguments("-Dorg.slf4j.simpleLogger.defaultLogLevel=error")
                .arguments(database.url())
                .start()) {
            assertThat(jvm.awaitExit(Duration.ofSeconds(60)))
                    .as(jvm.errors().toString())
                    .isZero();
            assertThat(jvm.output()).hasSize(2).last().isEqualTo("verified");
            return jvm.output().get(0);
        }
    }

    /** The main class of a host without Flyway. */
    static final class WithoutFlyway {
        private WithoutFlyway() {}

        public static void main(String... arguments) {
            Database database = new Database(arguments[0]);
            PGSimpleDataSource dataSource = (PGSimpleDataSource) database.dataSource();
            TelemetrySchema schema = TelemetrySchema.create(dataSource);
            try {
                schema.install();
            } catch (TelemetryException e) {
                System.out.println(e.getMessage());
            }
            schema.sql().forEach(database::execute);
            schema.verify();
            System.out.println("verified");
        }
    }
}
