package io.gpufleet.telemetry.jdbc;

import static io.gpufleet.telemetry.jdbc.Heartbeats.NOON;
import static io.gpufleet.telemetry.jdbc.Heartbeats.device;
import static io.gpufleet.telemetry.jdbc.Heartbeats.heartbeat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.FencedException;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatInvariant;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.CsvSource;

/** Heartbeats in a table without a key: only the position prevents a record from being applied twice. */
@ParameterizedClass
@CsvSource({"POSTGRES_18, false", "POSTGRES_18, true", "POSTGRES_14, false", "POSTGRES_14, true"})
final class WithoutKeyTest {
    @Parameter(0)
    PostgresVersion version;

    @Parameter(1)
    boolean partitionedByDay;

    private Database database;

    @BeforeEach
    void install() {
        database = version.emptyDatabase();
        schema().withoutHeartbeatKey().build().install();
    }

    private TelemetrySchema.Builder schema() {
        TelemetrySchema.Builder schema = TelemetrySchema.builder(database.dataSource());
        return partitionedByDay ? schema.partitionedByDay() : schema;
    }

    private Feed<Heartbeat> feed() {
        return Feed.open(HeartbeatSink.withoutKey(database.dataSource()).build(), Feed.P0);
    }

    private void assertHeartbeats(int count) {
        assertThat(database.count("heartbeat")).isEqualTo(count);
        assertThat(database.row("SELECT sum(total_heartbeats) FROM client_daily_stats"))
                .isEqualTo(Integer.toString(count));
        assertThat(HeartbeatInvariant.check(database.dataSource())).hasToString("Invariant holds");
    }

    @Test
    void install_leavesOneIndexOfBlockRanges() {
        feed().add(heartbeat(1, 1), NOON).write();
        assertThat(database.rows("SELECT DISTINCT split_part(indexdef, ' USING ', 2) FROM pg_indexes"
                        + " WHERE tablename LIKE 'heartbeat%' AND tablename <> 'heartbeat_retention'"))
                .containsExactly("brin (\"timestamp\") WITH (autosummarize='on')");
        schema().withoutHeartbeatKey().build().install();
    }

    @Test
    void install_takesTheKeyOfATableThatHasOne() {
        database = version.emptyDatabase();
        schema().build().install();
        Feed<Heartbeat> keyed = Feed.open(HeartbeatSink.create(database.dataSource()), Feed.P1);
        keyed.add(heartbeat(1, 1), NOON).write();

        schema().withoutHeartbeatKey().build().install();

        feed().add(heartbeat(1, 1), NOON).write();
        assertHeartbeats(2);
    }

    @Test
    void install_withItsKeyIsRefusedLater() {
        assertThatThrownBy(schema().build()::install)
                .isInstanceOf(TelemetryException.class)
                .hasMessageStartingWith(
                        "Table heartbeat has no primary key any more; install with withoutHeartbeatKey()");
        database.execute("ALTER TABLE heartbeat ADD PRIMARY KEY (client_id, \"timestamp\");"
                + " DELETE FROM telemetry_heartbeats_history WHERE script = 'R__heartbeat_without_key.sql'");
        schema().build().install();
    }

    @Test
    void write_keepsWhatWasSentTwice() {
        Feed<Heartbeat> feed = feed();
        feed.add(heartbeat(1, 10, device(40)), NOON)
                .add(heartbeat(1, 10, device(40)), NOON)
                .write();
        feed.add(heartbeat(1, 10, device(40)), NOON).write();
        assertHeartbeats(3);
        assertThat(database.row("SELECT total_heartbeats FROM device_daily_stats"))
                .isEqualTo("3");
        assertThat(feed.events()).isEmpty();
    }

    /** A writer without a reply to its commit, or a replaced one, writes the same batch again. */
    @Test
    void write_appliesABatchOnce() {
        Feed<Heartbeat> feed = feed();
        Batch<Heartbeat> batch = feed.add(heartbeat(1, 10), NOON)
                .add(heartbeat(2, 10), NOON.plusSeconds(1))
                .write();
        assertThatThrownBy(() -> feed.sink().write(batch)).isInstanceOf(FencedException.class);
        assertHeartbeats(2);
    }

    @Test
    void write_namesATriggerThatDropsRows() {
        database.execute("CREATE FUNCTION drop_row() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';"
                + " CREATE TRIGGER drops BEFORE INSERT ON heartbeat FOR EACH ROW EXECUTE FUNCTION drop_row()");
        Feed<Heartbeat> feed = feed().add(heartbeat(1, 10), NOON);
        assertThatThrownBy(feed::write)
                .isInstanceOf(SinkException.class)
                .hasMessageContaining("0 of 1 rows were inserted");
        assertThat(database.count("consumer_offsets WHERE next_offset > 0")).isZero();
    }

    @Test
    void open_refusesATableWithItsKey() {
        database.execute("ALTER TABLE heartbeat ADD PRIMARY KEY (client_id, \"timestamp\")");
        assertThatThrownBy(this::feed)
                .isInstanceOf(SinkException.class)
                .hasMessage("Table \"heartbeat\" has a primary key or unique index of (client_id, timestamp), but the"
                        + " sink was built for one without; insert its rows once, or drop the key");
    }

    @Test
    void sinkForAKey_refusesATableWithout() {
        assertThatThrownBy(() -> Feed.open(HeartbeatSink.create(database.dataSource()), Feed.P0))
                .isInstanceOf(SinkException.class)
                .hasMessageContaining("table \"heartbeat\" has no primary key");
    }
}
