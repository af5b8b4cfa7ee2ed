package io.gpufleet.telemetry.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.examples.quickstart.Query;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.kafka.HeartbeatConsumer;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.FleetGenerator;
import io.gpufleet.telemetry.testkit.FleetRecord;
import io.gpufleet.telemetry.testkit.PostgresDatabase;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** The README's statements about roles and positions are sufficient and true. */
@TelemetryStackTest
final class ReadmeClusterTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int SENT_FIRST = 500;

    /** The first records, and two more heartbeats of every machine, so that every partition gets some. */
    private static final List<FleetRecord> FLEET = FleetGenerator.builder()
            .clients(10)
            .startAgo(Duration.ofHours(1))
            .build()
            .records(SENT_FIRST + 20);

    @Test
    void grantedRole_consumesAndCanBeSentBack(TelemetryStack stack) throws Exception {
        PostgresDatabase database = databaseWithRoles(stack);
        TelemetrySchema.builder(as("readme_owner", database))
                .schema("telemetry")
                .build()
                .install();
        Sql.execute(database.dataSource(), grants());
        stack.createTopic("readme", 2);
        stack.publish("readme", FLEET.subList(0, SENT_FIRST));

        try (BatchingConsumer consumer = consumer(stack, database, "readme")) {
            awaitStored(database, SENT_FIRST);
            Sql.execute(
                    database.dataSource(),
                    Snippets.of("README.md").blocks("sql").get(1).replace("'client-heartbeats'", "'readme'"));
            stack.publish("readme", FLEET.subList(SENT_FIRST, FLEET.size()));

            awaitStored(database, FLEET.size());
            Await.until(
                    "all of the first is read again",
                    LIMIT,
                    () -> consumer.snapshot().counts().duplicatesDropped(),
                    duplicates -> duplicates == SENT_FIRST);
        }
        assertThat(Query.number(
                        database.dataSource(), "SELECT sum(total_heartbeats) FROM telemetry.client_daily_stats"))
                .isEqualTo(FLEET.size());
    }

    @Test
    void memberOfTheOwner_makesDays(TelemetryStack stack) throws Exception {
        PostgresDatabase database = databaseWithRoles(stack);
        TelemetrySchema.builder(as("readme_owner", database))
                .schema("telemetry")
                .partitionedByDay()
                .build()
                .install();
        Sql.execute(database.dataSource(), grants() + "GRANT readme_owner TO telemetry_writer");
        stack.createTopic("readme-days", 2);
        stack.publish("readme-days", FLEET);

        try (BatchingConsumer consumer = consumer(stack, database, "readme-days")) {
            awaitStored(database, FLEET.size());
            assertThat(consumer.health().reasons()).isEmpty();
        }
    }

    private static String grants() throws IOException {
        return Snippets.of("README.md").blocks("sql").get(0);
    }

    private static BatchingConsumer consumer(TelemetryStack stack, PostgresDatabase database, String topic) {
        DataSource writer = as("telemetry_writer", database);
        return HeartbeatConsumer.builder(
                        BincodeHeartbeatCodec.fixed(),
                        HeartbeatSink.builder(writer).schema("telemetry").build())
                .bootstrapServers(stack.bootstrapServers())
                .topics(topic)
                .start();
    }

    private static void awaitStored(PostgresDatabase database, long heartbeats) {
        Await.until(
                "the heartbeats are stored",
                LIMIT,
                () -> Query.number(database.dataSource(), "SELECT count(*) FROM telemetry.heartbeat"),
                stored -> stored == heartbeats);
    }

    private static PostgresDatabase databaseWithRoles(TelemetryStack stack) throws SQLException {
        PostgresDatabase database = stack.newDatabase();
        Sql.execute(database.dataSource(), """
                DO $$ BEGIN CREATE ROLE readme_owner LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
                DO $$ BEGIN CREATE ROLE telemetry_writer LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
                REVOKE readme_owner FROM telemetry_writer;
                """);
        Sql.execute(database.dataSource(), "GRANT CREATE ON DATABASE " + database.name() + " TO readme_owner");
        return database;
    }

    private static DataSource as(String role, PostgresDatabase database) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(database.jdbcUrl());
        source.setUser(role);
        return source;
    }
}
