package io.gpufleet.telemetry.jdbc;

import static io.gpufleet.telemetry.jdbc.Heartbeats.heartbeat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The dropped days, in a JVM and sessions of another time zone. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class RetentionJobTest {
    private static final Instant MIDNIGHT = Instant.parse("2024-03-01T00:00:00Z");

    private static final PostgresTable<Delivery<Integer>> READING = PostgresTable.<Delivery<Integer>>builder("reading")
            .key("sensor", ColumnType.INTEGER, Delivery::value)
            .partitionKey("at", Delivery::time, "reading_retention")
            .build();

    @Parameter
    PostgresVersion version;

    private RetentionFixture days;

    @BeforeEach
    void create() {
        days = new RetentionFixture(version.emptyDatabase());
    }

    @AfterEach
    void close() {
        days.close();
    }

    @Test
    void runOnce_aroundMidnightDropsADayOnlyOnceItIsOld() {
        days.write("2024-02-26T23:59:59.999Z", "2024-02-27T00:00:00Z", "2024-02-27T23:59:59.999Z");
        days.write("2024-02-28T00:00:00Z", "2024-02-29T12:00:00Z", "2024-03-01T00:00:00Z");

        RetentionJob.Result before = runOnce(MIDNIGHT.minusNanos(1));
        assertThat(before.dropped()).containsExactly("heartbeat_20240226", "heartbeat_20240227");
        assertThat(before.keptFrom()).isEqualTo("2024-02-28");
        assertThat(before.held()).isEmpty();
        assertThat(days.partitions()).containsExactly("heartbeat_20240228", "heartbeat_20240229", "heartbeat_20240301");

        RetentionJob.Result after = runOnce(MIDNIGHT);
        assertThat(after.dropped()).containsExactly("heartbeat_20240228");
        assertThat(after.keptFrom()).isEqualTo("2024-02-29").isEqualTo(days.keptFrom());
        assertThat(days.partitions()).containsExactly("heartbeat_20240229", "heartbeat_20240301");
        days.assertInvariant();
    }

    @Test
    void runOnce_keepsStatisticsAndRefusesWhatComesLater() {
        Feed<Heartbeat> feed = days.write("2024-02-27T12:00:00Z", "2024-02-29T12:00:00Z");
        runOnce(MIDNIGHT);
        feed.add(heartbeat(1, 7), Instant.parse("2024-02-27T12:00:01Z")).write();

        assertThat(days.database().rows("SELECT date, total_heartbeats FROM client_daily_stats ORDER BY 1"))
                .containsExactly("2024-02-27|1", "2024-02-29|1");
        assertThat(days.deadLetters())
                .containsExactly("beyond retention: 2024-02-27 is before 2024-02-29, the first day that is kept");
        assertThat(days.partitions()).containsExactly("heartbeat_20240229");
        days.assertInvariant();
    }

    @Test
    void runOnce_withNothingOldRaisesKeptFromOnly() {
        days.write("2024-02-29T12:00:00Z");
        RetentionJob.Result result = runOnce(MIDNIGHT);
        assertThat(result.dropped()).isEmpty();
        assertThat(result.keptFrom()).isEqualTo("2024-02-29").isEqualTo(days.keptFrom());
    }

    @Test
    void runOnce_withoutARowOfKeptFromMakesOne() {
        days.database().execute("DELETE FROM heartbeat_retention");
        days.write("2024-02-27T12:00:00Z");
        assertThat(runOnce(MIDNIGHT).dropped()).containsExactly("heartbeat_20240227");
        assertThat(days.keptFrom()).isEqualTo("2024-02-29");
    }

    @Test
    void runOnce_keepsAMonthUntilAllOfItIsOld() {
        days.attach("february", "FROM ('2024-02-01 00:00:00+00') TO ('2024-03-01 00:00:00+00')");
        Feed<Heartbeat> feed = days.write("2024-02-10T12:00:00Z", "2024-02-29T12:00:00Z", "2024-03-01T12:00:00Z");

        assertThat(runOnce(MIDNIGHT).dropped()).isEmpty();
        assertThat(days.keptFrom()).isEqualTo("2024-02-29");
        assertThat(days.database().count("february")).isEqualTo(2);
        feed.add(heartbeat(1, 7), Instant.parse("2024-02-10T12:00:01Z"))
                .add(heartbeat(1, 7), Instant.parse("2024-02-29T12:00:01Z"))
                .write();
        assertThat(days.deadLetters()).hasSize(1);
        assertThat(days.database().count("february")).isEqualTo(3);
        days.assertInvariant();

        assertThat(runOnce(MIDNIGHT.plus(Duration.ofDays(1))).dropped()).containsExactly("february");
        assertThat(days.partitions()).containsExactly("heartbeat_20240301");
        days.assertInvariant();
    }

    @Test
    void runOnce_goesByBoundsAndNeverByNames() {
        days.attach("heartbeat_19990101", "FROM ('2024-02-29 00:00:00+00') TO ('2024-03-01 00:00:00+00')");
        days.attach("heartbeat_20990101", "FROM ('2024-02-27 00:00:00+00') TO ('2024-02-28 00:00:00+00')");
        days.attach("\"of OLD; \"\"?:x\"", "FROM (MINVALUE) TO ('2024-01-01 00:00:00+00')");
        days.attach("ahead", "FROM ('2024-03-02 00:00:00+00') TO (MAXVALUE)");
        days.attach("rest", "DEFAULT");
        days.database()
                .execute("INSERT INTO rest SELECT 1, decode(repeat('00', 16), 'hex'), 0, 0, 0, 0, 0,"
                        + " '2024-02-15 00:00:00+00', now()");
        days.database().execute("CREATE TABLE heartbeat_20240101 (name text)");

        assertThat(runOnce(MIDNIGHT).dropped()).containsExactly("of OLD; \"?:x", "heartbeat_20990101");
        assertThat(days.partitions()).containsExactly("ahead", "heartbeat_19990101", "rest");
        assertThat(days.database().count("rest")).isEqualTo(1);
        assertThat(days.database().count("heartbeat_20240101")).isZero();
    }

    /** The planner is forced to read all tables of the database. */
    @Test
    void runOnce_readsNoBoundsOfOtherTables() {
        days.write("2024-02-27T12:00:00Z");
        days.database()
                .execute("CREATE TABLE other (name text) PARTITION BY RANGE (name);"
                        + " CREATE TABLE other_m PARTITION OF other FOR VALUES FROM ('a') TO ('m')");
        for (String way : List.of("nestloop", "indexscan", "indexonlyscan", "bitmapscan", "mergejoin")) {
            days.database()
                    .execute("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET enable_" + way
                            + " = off', current_database()); END $$");
        }
        RetentionJob job = days.job(days.database().dataSource()).build();
        assertThat(job.runOnce().dropped()).containsExactly("heartbeat_20240227");
    }

    @Test
    void runOnce_countsADayThatIsPartlyDroppedAsDropped() throws Exception {
        days.attach("local_25", "FROM ('2024-02-25 03:30:00+00') TO ('2024-02-26 03:30:00+00')");
        days.attach("local_26", "FROM ('2024-02-26 03:30:00+00') TO ('2024-02-27 03:30:00+00')");
        days.attach("local_28", "FROM ('2024-02-28 03:30:00+00') TO ('2024-02-29 03:30:00+00')");
        days.write("2024-02-26T01:00:00Z", "2024-02-26T05:00:00Z", "2024-02-28T12:00:00Z", "2024-02-29T01:00:00Z");
        RetentionJob.Result result = days.whileRead("local_26", () -> runOnce(MIDNIGHT));
        assertThat(result.dropped()).containsExactly("local_25");
        assertThat(result.keptFrom()).isEqualTo("2024-02-27");
        days.assertInvariant();
        assertThat(runOnce(MIDNIGHT).dropped()).containsExactly("local_26");
        assertThat(days.partitions()).containsExactly("local_28");
        days.assertInvariant();
    }

    @Test
    void runOnce_leavesADayThatIsBeingDetached() throws Exception {
        days.write("2024-02-26T12:00:00Z", "2024-02-27T12:00:00Z");
        days.detachHalf("heartbeat_20240226");
        assertThat(runOnce(MIDNIGHT).dropped()).containsExactly("heartbeat_20240227");
        assertThat(days.database().count("heartbeat_20240226")).isEqualTo(1);
    }

    @Test
    void runOnce_onAPlainTableIsRefused() {
        Database plain = version.database();
        RetentionJob job = RetentionJob.builder(plain.dataSource()).keepDays(1).build();
        String message = "No days can be dropped: table \"heartbeat\" is not partitioned by ranges of \"timestamp\";"
                + " install heartbeats with TelemetrySchema and partitionedByDay()";
        assertThatThrownBy(job::runOnce)
                .isExactlyInstanceOf(TelemetryException.class)
                .hasMessage(message);
        assertThatThrownBy(job::start).hasMessage(message);
        assertThat(plain.row("SELECT kept_from FROM heartbeat_retention")).isEqualTo("1970-01-01");
    }

    @Test
    void runOnce_onATableThatIsPartitionedOtherwiseIsRefused() {
        days.database()
                .execute("DROP TABLE heartbeat; CREATE TABLE heartbeat (client_id bytea NOT NULL,"
                        + " cpu_usage smallint, mem_usage smallint, disk_usage smallint, network_up bigint,"
                        + " network_down bigint, \"timestamp\" timestamptz NOT NULL, PRIMARY KEY (client_id, \"timestamp\"))"
                        + " PARTITION BY RANGE (\"timestamp\", client_id)");
        assertThatThrownBy(() -> runOnce(MIDNIGHT)).hasMessageContaining("is not partitioned by ranges");
    }

    @Test
    void runOnce_withoutTablesIsRefused() {
        RetentionJob job = RetentionJob.builder(version.emptyDatabase().dataSource())
                .keepDays(1)
                .build();
        assertThatThrownBy(job::runOnce)
                .hasMessage("No days can be dropped: table \"heartbeat\" is missing; table \"heartbeat_retention\" is"
                        + " missing");
    }

    @Test
    void runOnce_onADayThatOthersDependOnSaysSo() {
        days.write("2024-02-27T12:00:00Z");
        days.database().execute("CREATE VIEW on_it AS SELECT * FROM heartbeat_20240227");
        assertThatThrownBy(() -> runOnce(MIDNIGHT))
                .hasMessageContaining("heartbeat_20240227: cannot drop table heartbeat_20240227")
                .hasMessageContaining("2BP01");
        assertThat(days.keptFrom()).isEqualTo("1970-01-01");
    }

    @Test
    void runOnce_dropsDaysOfAHostsOwnTable() {
        days.database()
                .execute("CREATE TABLE reading (sensor integer, at timestamptz, PRIMARY KEY (sensor, at))"
                        + " PARTITION BY RANGE (at); CREATE TABLE reading_retention (kept_from date NOT NULL)");
        Feed<Integer> feed = Feed.open(
                PostgresSink.<Integer>builder(days.dataSource())
                        .insertOnce(READING)
                        .build(),
                Feed.P0);
        feed.add(1, MIDNIGHT.minus(Duration.ofDays(2))).add(1, MIDNIGHT).write();
        RetentionJob job = days.job().table(READING).build();

        assertThat(job.runOnce().dropped()).containsExactly("reading_20240228");
        feed.add(2, MIDNIGHT.minus(Duration.ofDays(2))).write();
        assertThat(days.deadLetters()).hasSize(1);
        assertThat(days.database().row("SELECT kept_from FROM reading_retention"))
                .isEqualTo("2024-02-29");
        assertThat(days.keptFrom()).isEqualTo("1970-01-01");
    }

    @Test
    void runOnce_dropsDaysOfATableWithoutKey() {
        TelemetrySchema.builder(days.dataSource())
                .partitionedByDay()
                .withoutHeartbeatKey()
                .build()
                .sql()
                .forEach(days.database()::execute);
        Feed<Heartbeat> feed =
                Feed.open(HeartbeatSink.withoutKey(days.dataSource()).build(), Feed.P0);
        feed.add(heartbeat(1, 5), MIDNIGHT.minus(Duration.ofDays(2)))
                .add(heartbeat(1, 5), MIDNIGHT)
                .write();
        assertThat(runOnce(MIDNIGHT).dropped()).containsExactly("heartbeat_20240228");
        feed.add(heartbeat(1, 5), MIDNIGHT.minus(Duration.ofDays(2))).write();
        assertThat(days.deadLetters()).hasSize(1);
        assertThat(days.database().count("heartbeat")).isEqualTo(1);
    }

    private RetentionJob.Result runOnce(Instant now) {
        return days.job().clock(RetentionFixture.at(now)).build().runOnce();
    }
}
