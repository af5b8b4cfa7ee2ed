package io.gpufleet.telemetry.examples.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.DOUBLE;

import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.FleetGenerator;
import io.gpufleet.telemetry.testkit.FleetRecord;
import io.gpufleet.telemetry.testkit.PostgresDatabase;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The running application: stored rows, metrics, health, and the separation of its tables from the SDK's. */
@TelemetryStackTest
final class SpringBootHostTest {
    private static final Duration LIMIT = Duration.ofSeconds(100);
    private static final List<FleetRecord> FLEET = FleetGenerator.builder()
            .clients(20)
            .damageRate(0.03)
            .refusalRate(0.03)
            .startAgo(Duration.ofHours(1))
            .build()
            .records(400);

    private static Database database;
    private static RunningHost host;

    @BeforeAll
    static void consume(TelemetryStack stack) {
        PostgresDatabase created = stack.newDatabase();
        database = new Database(created.dataSource());
        stack.createTopic("spring-fleet", 2);
        stack.publish("spring-fleet", FLEET);
        host = RunningHost.start(RunningHost.arguments(stack, created, "spring-fleet"));
        // A batch is counted first, and its buffered records are released afterwards.
        Await.until("all is counted", LIMIT, () -> written() == FLEET.size());
        Await.until("nothing is buffered", LIMIT, () -> host.gauges("telemetry.buffered.bytes"), List.of(0.0)::equals);
        Await.until(
                "nothing is left in the partitions",
                LIMIT,
                () -> host.gauges("telemetry.lag"),
                List.of(0.0, 0.0)::equals);
    }

    @AfterAll
    static void end() {
        host.close();
    }

    @Test
    void fleet_isStored() {
        assertThat(database.count("telemetry.heartbeat")).isEqualTo(count(FleetRecord.Kind.GOOD));
        assertThat(database.count("telemetry.dead_letters"))
                .isPositive()
                .isEqualTo(FLEET.size() - count(FleetRecord.Kind.GOOD));
    }

    @Test
    void meters_countWhatIsStored() {
        assertThat(host.counted("telemetry.records.written")).isEqualTo(count(FleetRecord.Kind.GOOD));
        assertThat(host.counted("telemetry.dead.letters", "stage", "decode"))
                .isEqualTo(count(FleetRecord.Kind.DAMAGED));
        assertThat(host.counted("telemetry.dead.letters", "stage", "validate"))
                .isEqualTo(count(FleetRecord.Kind.REFUSED));
        assertThat(host.summed("telemetry.batch.size")).isEqualTo(FLEET.size());
        assertThat(host.timed("telemetry.write.time")).isPositive();
    }

    @Test
    void meters_haveTheKafkaClient() {
        assertThat(host.gauges("kafka.consumer.connection.count"))
                .singleElement(DOUBLE)
                .isPositive();
    }

    @Test
    void readiness_hasTheConsumer() throws Exception {
        assertThat(host.readiness().statusCode()).isEqualTo(200);
        assertThat(host.readiness().body())
                .contains("\"readinessState\":{\"status\":\"UP\"}")
                .contains("\"heartbeats\":{\"details\":{\"ready\":true,\"reasons\":[]},\"status\":\"UP\"}");
    }

    @Test
    void liveness_hasNeitherConsumerNorDatabase() throws Exception {
        assertThat(host.liveness().statusCode()).isEqualTo(200);
        assertThat(host.liveness().body()).contains("\"components\":{\"livenessState\":{\"status\":\"UP\"}}");
    }

    @Test
    void migrationsOfTheHost_areApartFromOurs() {
        assertThat(database.tables("public")).containsExactly("flyway_schema_history", "machine_owner");
        assertThat(database.column("SELECT script FROM flyway_schema_history")).containsExactly("V1__host.sql");
        assertThat(database.tables("telemetry"))
                .contains("consumer_offsets", "heartbeat", "telemetry_heartbeats_history")
                .doesNotContain("flyway_schema_history", "machine_owner");
        assertThat(database.column("SELECT script FROM telemetry.telemetry_heartbeats_history"))
                .contains("V1_1__heartbeat.sql")
                .doesNotContain("V1__host.sql");
    }

    @Test
    void prometheus_scrapesTheConsumersMeters() throws IOException, InterruptedException {
        assertThat(host.prometheus().body())
                .contains("telemetry_records_written_records_total " + (double) count(FleetRecord.Kind.GOOD));
    }

    @Test
    void migratingAgain_changesNothing() {
        host.bean(Flyway.class).validate();
        assertThat(host.bean(Flyway.class).migrate().migrationsExecuted).isZero();
        host.bean(TelemetrySchema.class).install();

        migrationsOfTheHost_areApartFromOurs();
    }

    private static long written() {
        return host.counted("telemetry.records.written")
                + host.counted("telemetry.dead.letters", "stage", "decode")
                + host.counted("telemetry.dead.letters", "stage", "validate");
    }

    private static long count(FleetRecord.Kind kind) {
        return FLEET.stream().filter(record -> record.kind() == kind).count();
    }
}
