package io.gpufleet.telemetry.jdbc;

import static io.gpufleet.telemetry.jdbc.Heartbeats.NOON;
import static io.gpufleet.telemetry.jdbc.Heartbeats.device;
import static io.gpufleet.telemetry.jdbc.Heartbeats.heartbeat;
import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.config.ConsumerSetting;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.config.ConsumerConfigLoader;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatInvariant;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Settings of a database that change the meaning of SQL or the form of the catalogue, without effect on the SDK. */
final class ServerSettingsTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "quote_all_identifiers = on",
                "DateStyle = 'German, DMY'",
                "IntervalStyle = 'sql_standard'",
                "extra_float_digits = -15",
                "bytea_output = 'escape'",
                "search_path = ''",
                "array_nulls = off",
                "transform_null_equals = on",
                "default_transaction_isolation = 'serializable'",
                "\"TimeZone\" = 'America/St_Johns'",
                "row_security = off",
                "plpgsql.variable_conflict = 'use_column'"
            })
    void nothingOfOurs_dependsOnASetting(String setting) throws Exception {
        Database database = PostgresVersion.POSTGRES_18.emptyDatabase();
        database.execute("DO $x$ BEGIN EXECUTE format('ALTER DATABASE %I SET " + setting.replace("'", "''")
                + "', current_database()); END $x$");
        TelemetrySchema schema = TelemetrySchema.builder(database.dataSource())
                .schema("telemetry")
                .partitionedByDay()
                .build();

        schema.install();
        schema.install();

        for (long client = 1; client < 3; client++) {
            Feed<Heartbeat> feed = Feed.open(
                    HeartbeatSink.builder(database.dataSource())
                            .schema("telemetry")
                            .build(),
                    client == 1 ? Feed.P0 : Feed.P1);
            feed.add(heartbeat(client, 7, device(0)), NOON);
            feed.add(feed.record(), "a reason").write();
        }
        assertThat(database.count("telemetry.heartbeat")).isEqualTo(2);
        assertThat(HeartbeatInvariant.check(database.dataSource(), "telemetry").holds())
                .isTrue();
        List<DeadLetter> sent = new ArrayList<>();
        DeadLetterReplayer.<Heartbeat>builder(database.dataSource(), "g")
                .schema("telemetry")
                .build()
                .to(sent::addAll);
        assertThat(sent).hasSize(2);
        try (ConsumerConfigLoader loader = ConsumerConfigLoader.builder(database.dataSource())
                .schema("telemetry")
                .build()) {
            loader.change("service", Map.of(ConsumerSetting.MAX_POLL_RECORDS, 7));
            assertThat(loader.load("service").maxPollRecords()).isEqualTo(7);
        }
        assertThat(RetentionJob.builder(database.dataSource())
                        .schema("telemetry")
                        .keepDays(1)
                        .build()
                        .runOnce())
                .isNotNull();
        assertThat(database.count("telemetry.heartbeat"))
                .as("their day was dropped")
                .isZero();
    }
}
