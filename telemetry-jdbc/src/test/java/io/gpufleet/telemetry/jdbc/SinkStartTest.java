package io.gpufleet.telemetry.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.SinkContext;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.TelemetryListener;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.testkit.PostgresServer;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** The conditions for opening a sink: connections that may write, and no other consumer. */
final class SinkStartTest {
    private Database database;

    @BeforeEach
    void create() {
        database = PostgresVersion.POSTGRES_18.database();
    }

    private static SinkContext context() {
        return SinkContext.of("g", event -> {});
    }

    private static void assertRefused(DataSource dataSource, String place) {
        PostgresSink<Heartbeat> sink = HeartbeatSink.create(dataSource);
        assertThatExceptionOfType(SinkException.class)
                .isThrownBy(() -> sink.open(context()))
                .withMessageStartingWith(
                        "Sink cannot write: its connections are read-only by a setting of " + place + " (")
                .matches(e -> e.kind() == SinkException.Kind.FATAL);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            the database              | ALTER DATABASE %I SET default_transaction_read_only = on
            the role in this database | ALTER ROLE postgres IN DATABASE %I SET default_transaction_read_only = on
            """)
    void open_refusesADatabaseOrRoleThatOnlyReads(String place, String statement) {
        database.execute("DO $$ BEGIN EXECUTE format('" + statement + "', current_database()); END $$");

        assertRefused(database.newConnections(), place);
    }

    @ParameterizedTest
    @ValueSource(strings = {"transaction", "always"})
    void open_refusesAPoolThatOnlyReads(String mode) {
        try (HikariDataSource pool = Pools.of(database, 3, settings -> {
            settings.setReadOnly(true);
            settings.addDataSourceProperty("readOnlyMode", mode);
        })) {
            assertRefused(pool, "the pool or the driver");
        }
    }

    @Test
    void open_waitsForAServerThatOnlyReads() {
        try (PostgresServer server = PostgresServer.builder()
                .setting("default_transaction_read_only", "on")
                .start()) {
            PGSimpleDataSource source = new PGSimpleDataSource();
            source.setUrl(server.jdbcUrl());
            source.setOptions("-c default_transaction_read_only=off");
            TelemetrySchema.create(source).install();
            source.setOptions("");

            assertThatCode(() -> HeartbeatSink.create(source).open(context())).doesNotThrowAnyException();
        }
    }

    @Test
    void open_refusesASecondConsumerUntilTheFirstHasEnded() {
        PostgresSink<Heartbeat> sink = HeartbeatSink.create(database.dataSource());
        AtomicBoolean runs = new AtomicBoolean(true);
        SinkContext first = context().inUseWhile(runs::get);
        sink.open(first);
        sink.open(first);
        SinkContext second = SinkContext.of("g", new Deaf()).inUseWhile(() -> true);

        assertThatIllegalStateException()
                .isThrownBy(() -> sink.open(second))
                .withMessage("Sink is open for another consumer of group g: build a sink for each consumer, or close"
                        + " the other one first");

        runs.set(false);
        sink.open(second);

        assertThat(second.isInUse()).isTrue();
        assertThatIllegalStateException().isThrownBy(() -> sink.open(first));
    }

    private static final class Deaf implements TelemetryListener {
        @Override
        public void on(TelemetryEvent event) {}
    }
}
