package io.gpufleet.telemetry.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.SinkContext;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.TelemetryListener;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import java.lang.reflect.Proxy;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.slf4j.spi.LocationAwareLogger;

final class PoolSettingsTest {
    private final Database database = PostgresVersion.POSTGRES_18.database();

    @Test
    void open_refusesAPoolThatIsTooSmall() {
        try (var pool = Pools.of(database, 5)) {
            assertThatThrownBy(() -> HeartbeatSink.create(pool).open(context().concurrency(4)))
                    .isInstanceOf(TelemetryException.class)
                    .hasMessage("Pool has at most 5 connections, but a concurrency of 4 needs 6, one for each lane,"
                            + " and 2: set maximumPoolSize to 6 or more");
        }
    }

    @Test
    void open_takesAPoolThatIsLargeEnough() {
        try (var pool = Pools.of(database, 6)) {
            assertThatCode(() -> HeartbeatSink.create(pool).open(context().concurrency(4)))
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void open_doesNotCountForACallerWhoseConcurrencyIsNotKnown() {
        try (var pool = Pools.of(database, 1)) {
            assertThatCode(() -> HeartbeatSink.create(pool).open(context())).doesNotThrowAnyException();
        }
    }

    @Test
    void check_looksBehindAWrapper() {
        try (var pool = Pools.of(database, 2)) {
            assertThatThrownBy(() -> PoolSettings.check(wrapped(pool), 1))
                    .hasMessageContaining("set maximumPoolSize to 3");
        }
    }

    @Test
    void check_tellsOnceThatAReasonComesLate() {
        try (var log = new CapturedLog(PoolSettings.class, LocationAwareLogger.INFO_INT);
                var patient = Pools.of(database, 3, settings -> settings.setConnectionTimeout(30_000));
                var other = Pools.of(database, 3, settings -> settings.setConnectionTimeout(10_000))) {
            PoolSettings.check(other, 1);
            assertThat(log.linesWith("connectionTimeout")).isEmpty();

            PoolSettings.check(patient, 1);
            assertThat(log.linesWith("after 30 s: a connectionTimeout of 5 s shows it sooner"))
                    .hasSize(1);
        }
    }

    @Test
    void check_takesAnyOtherSource() {
        assertThatCode(() -> PoolSettings.check(database.dataSource(), 100)).doesNotThrowAnyException();
    }

    private static SinkContext context() {
        return SinkContext.of("g", TelemetryListener.none());
    }

    private static DataSource wrapped(DataSource pool) {
        return (DataSource) Proxy.newProxyInstance(
                PoolSettingsTest.class.getClassLoader(),
                new Class<?>[] {DataSource.class},
                (proxy, method, arguments) -> method.invoke(pool, arguments));
    }
}
