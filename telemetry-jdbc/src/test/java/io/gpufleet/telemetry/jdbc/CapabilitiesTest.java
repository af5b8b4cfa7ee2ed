package io.gpufleet.telemetry.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Capabilities one by one, together and one after the other. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class CapabilitiesTest {
    private static final String TABLES =
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace" + " AND relkind IN ('r', 'p')";
    private static final String HISTORY =
            "SELECT coalesce(version, '-'), script, success FROM %s" + " WHERE type = 'SQL' ORDER BY installed_rank";
    private static final int SERVICES = 6;

    /** A capability of the tests: a class and a directory. */
    private record Racks() implements Capability {
        @Override
        public String name() {
            return "racks";
        }

        @Override
        public List<String> files() {
            return List.of("V1__racks.sql");
        }

        @Override
        public List<TableShape> tables() {
            return List.of(TableShape.parse("racks", "rack text", "rack"));
        }
    }

    @Parameter
    PostgresVersion version;

    private Database database;

    @BeforeEach
    void create() {
        database = version.emptyDatabase();
    }

    private TelemetrySchema schema(UnaryOperator<TelemetrySchema.Builder> capabilities) {
        return capabilities
                .apply(TelemetrySchema.builder(database.dataSource()))
                .build();
    }

    private static TelemetrySchema.Builder racks(TelemetrySchema.Builder builder) {
        return builder.with(Racks::new);
    }

    private static List<String> names(Capability... capabilities) {
        return Stream.of(capabilities)
                .flatMap(capability -> Stream.concat(
                        Stream.of(capability.history()),
                        capability.tables().stream().map(TableShape::name)))
                .toList();
    }

    @Test
    void install_makesWhatWasAskedForAndNothingElse() {
        TelemetrySchema heartbeats = schema(TelemetrySchema.Builder::heartbeats);
        heartbeats.install();

        assertThat(database.rows(TABLES))
                .containsExactlyInAnyOrderElementsOf(names(new BaseCapability(), new HeartbeatCapability(false, true)));
        Feed.open(HeartbeatSink.create(database.dataSource()), Feed.P0)
                .add(Heartbeats.heartbeat(1, 1), Heartbeats.NOON)
                .write();
        assertThatThrownBy(TelemetrySchema.create(database.dataSource())::verify)
                .hasMessageContaining("table \"pipeline_consumer_configs\" is missing");
    }

    @Test
    void install_ofConsumerConfigsMakesNoTableOfHeartbeats() {
        schema(TelemetrySchema.Builder::consumerConfigs).install();
        assertThat(database.rows(TABLES))
                .containsExactlyInAnyOrderElementsOf(names(new BaseCapability(), new ConsumerConfigCapability()));
    }

    @Test
    void install_withoutANamedCapabilityIsThatOfHeartbeatsAndConfigs() {
        TelemetrySchema.create(database.dataSource()).install();
        assertThat(database.rows(TABLES))
                .containsExactlyInAnyOrderElementsOf(names(
                        new BaseCapability(), new HeartbeatCapability(false, true), new ConsumerConfigCapability()));
        assertThat(schema(UnaryOperator.identity()).sql())
                .isEqualTo(
                        schema(builder -> builder.heartbeats().consumerConfigs().heartbeats())
                                .sql());
    }

    @Test
    void install_addsACapabilityToADatabaseThatHasOthers() {
        schema(TelemetrySchema.Builder::heartbeats).install();
        Feed<Heartbeat> feed = Feed.open(HeartbeatSink.create(database.dataSource()), Feed.P0);
        feed.add(Heartbeats.heartbeat(1, 1), Heartbeats.NOON).write();
        String before =
                database.rows("SELECT h FROM telemetry_heartbeats_history AS h").toString();

        schema(CapabilitiesTest::racks).install();
        schema(builder -> racks(builder.heartbeats().consumerConfigs())).install();

        assertThat(database.rows(HISTORY.formatted("telemetry_racks_history"))).containsExactly("1|V1__racks.sql|t");
        assertThat(database.rows(HISTORY.formatted("telemetry_consumer_configs_history")))
                .containsExactly("1|V1__consumer_configs.sql|t");
        assertThat(database.rows("SELECT h FROM telemetry_heartbeats_history AS h")
                        .toString())
                .isEqualTo(before);
        feed.add(Heartbeats.heartbeat(1, 1), Heartbeats.NOON.plusSeconds(1)).write();
        assertThat(database.count("heartbeat")).isEqualTo(2);
    }

    /** Versions of one capability do not affect those of another: this one comes after two of others. */
    @Test
    void sql_isWhatIsRunInThisOrder() {
        schema(builder -> racks(builder.heartbeats().partitionedByDay().withoutHeartbeatKey()))
                .install();
        assertThat(Stream.of("base", "heartbeats", "racks")
                        .flatMap(name -> database.rows(HISTORY.formatted("telemetry_" + name + "_history")).stream()))
                .containsExactly(
                        "1|V1__positions_gaps_dead_letters.sql|t",
                        "1|V1__statistics_state_retention.sql|t",
                        "1.1|V1_1__heartbeat.sql|t",
                        "-|R__heartbeat_without_key.sql|t",
                        "1|V1__racks.sql|t");
        assertThat(schema(builder ->
                                racks(builder.heartbeats().partitionedByDay().withoutHeartbeatKey()))
                        .sql())
                .satisfiesExactly(
                        sql -> assertThat(sql).startsWith("-- Positions, gaps and dead letters"),
                        sql -> assertThat(sql).startsWith("-- Statistics, state and retention"),
                        sql -> assertThat(sql).startsWith("-- Heartbeats partitioned by UTC day"),
                        sql -> assertThat(sql).startsWith("-- Heartbeats without a key"),
                        sql -> assertThat(sql).startsWith("CREATE TABLE IF NOT EXISTS racks"));
    }

    @Test
    void verify_asksOnlyForWhatWasAskedFor() {
        TelemetrySchema.create(database.dataSource()).install();
        database.execute("DROP TABLE kafka_topics CASCADE");
        schema(TelemetrySchema.Builder::heartbeats).verify();
        assertThatThrownBy(schema(TelemetrySchema.Builder::consumerConfigs)::verify)
                .hasMessageEndingWith(": table \"kafka_topics\" is missing");

        database.execute("DROP TABLE dead_letters");
        assertThatThrownBy(schema(TelemetrySchema.Builder::heartbeats)::verify)
                .hasMessageEndingWith(": table \"dead_letters\" is missing");
    }

    @Test
    void install_refusesForeignTablesOfWhatIsAskedForOnly() {
        database.execute("CREATE TABLE racks (rack bigint)");
        schema(TelemetrySchema.Builder::heartbeats).install();
        assertThatThrownBy(schema(builder -> racks(builder.consumerConfigs()))::install)
                .isInstanceOf(TelemetryException.class)
                .hasMessageContaining("column \"public\".\"racks\".\"rack\" is bigint, not text");
        assertThat(database.rows(TABLES)).doesNotContain("telemetry_racks_history", "pipeline_consumer_configs");
    }

    @ParameterizedTest
    @ValueSource(strings = {"partitionedByDay()", "withoutHeartbeatKey()"})
    void build_refusesAnOptionOfHeartbeatsWithoutThem(String option) {
        TelemetrySchema.Builder builder =
                TelemetrySchema.builder(database.dataSource()).consumerConfigs();
        if (option.startsWith("partitioned")) {
            builder.partitionedByDay();
        } else {
            builder.withoutHeartbeatKey();
        }
        assertThatIllegalStateException()
                .isThrownBy(builder::build)
                .withMessage(option + " needs heartbeats(), but only other capabilities are named");
        builder.heartbeats().build();
    }

    /** Each service requests other capabilities than the next; the schema already has tables of the host. */
    @Test
    void install_byManyServicesAtOnce() throws Exception {
        database.execute("CREATE TABLE own (x integer)");
        List<UnaryOperator<TelemetrySchema.Builder>> wishes = List.of(
                TelemetrySchema.Builder::heartbeats,
                builder -> racks(builder.consumerConfigs()),
                builder -> racks(builder.consumerConfigs().heartbeats()));
        CyclicBarrier start = new CyclicBarrier(SERVICES);
        List<Callable<Void>> services = new ArrayList<>();
        for (int service = 0; service < SERVICES; service++) {
            TelemetrySchema wished = schema(wishes.get(service % wishes.size()));
            services.add(() -> {
                start.await();
                wished.install();
                return null;
            });
        }
        ExecutorService threads = Executors.newFixedThreadPool(SERVICES);
        try {
            for (Future<Void> done : threads.invokeAll(services)) {
                done.get();
            }
        } finally {
            threads.shutdownNow();
        }
        schema(builder -> racks(builder.heartbeats().consumerConfigs())).verify();
        for (String name : List.of("base", "heartbeats", "racks", "consumer_configs")) {
            assertThat(database.rows("SELECT script FROM telemetry_" + name + "_history"))
                    .as(name)
                    .doesNotHaveDuplicates();
        }
    }
}
