package io.gpufleet.telemetry.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.TelemetryException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Wrong clocks, and another job's clock. */
final class RetentionClockTest {
    private static final Instant MIDNIGHT = Instant.parse("2024-03-01T00:00:00Z");

    private RetentionFixture days;

    @BeforeEach
    void create() {
        days = new RetentionFixture(PostgresVersion.POSTGRES_18.emptyDatabase());
    }

    @AfterEach
    void close() {
        days.close();
    }

    @Test
    void runOnce_goesByUtcWhateverTheZoneOfTheClock() {
        days.write("2024-02-27T12:00:00Z", "2024-02-28T12:00:00Z");
        Clock ahead = Clock.fixed(MIDNIGHT.minusNanos(1), ZoneId.of("Pacific/Kiritimati"));
        assertThat(days.job().clock(ahead).build().runOnce().dropped()).containsExactly("heartbeat_20240227");
    }

    @Test
    void runOnce_withAClockOf1970DropsNothingAndTakesNothingBack() {
        days.write("2024-02-29T12:00:00Z");
        runOnce(MIDNIGHT);
        days.write("2024-03-01T12:00:00Z");
        RetentionJob.Result result = runOnce(Instant.EPOCH);
        assertThat(result.dropped()).isEmpty();
        assertThat(result.keptFrom()).isEqualTo("2024-02-29").isEqualTo(days.keptFrom());
        assertThat(days.partitions()).containsExactly("heartbeat_20240229", "heartbeat_20240301");
    }

    @Test
    void runOnce_withAClockOf2100IsRefused() {
        days.write("2024-02-27T12:00:00Z");
        assertThatThrownBy(() -> runOnce(Instant.parse("2100-02-28T23:59:59Z")))
                .isExactlyInstanceOf(TelemetryException.class)
                .hasMessageStartingWith("No days are dropped: the clock says 2100-02-28T23:59:59Z, which is more than a"
                        + " day ahead of the database's clock, 20");
        assertThat(days.partitions()).containsExactly("heartbeat_20240227");
        assertThat(days.keptFrom()).isEqualTo("1970-01-01");
    }

    @Test
    void runOnce_withAClockAheadByLessThanADayIsNotRefused() {
        Instant ahead = Instant.now().plus(Duration.ofHours(23));
        assertThat(runOnce(ahead).keptFrom())
                .isEqualTo(LocalDate.ofInstant(ahead, ZoneOffset.UTC).minusDays(1));
        assertThatThrownBy(() -> runOnce(ahead.plus(Duration.ofHours(2)))).isInstanceOf(TelemetryException.class);
    }

    @Test
    void runOnce_ofAJobThatKeepsMoreTakesNothingBack() {
        days.write("2024-02-29T12:00:00Z");
        runOnce(MIDNIGHT);
        days.attach("january", "FROM ('2024-01-01 00:00:00+00') TO ('2024-02-01 00:00:00+00')");
        RetentionJob job =
                days.job().keepDays(20).clock(RetentionFixture.at(MIDNIGHT)).build();
        RetentionJob.Result result = job.runOnce();
        assertThat(result.dropped()).containsExactly("january");
        assertThat(result.keptFrom()).isEqualTo("2024-02-29").isEqualTo(days.keptFrom());
    }

    private RetentionJob.Result runOnce(Instant now) {
        return days.job().clock(RetentionFixture.at(now)).build().runOnce();
    }
}
