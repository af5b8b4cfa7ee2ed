package io.gpufleet.telemetry.jdbc.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.TimeZone;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Days and hours are those of UTC, whatever the zones of connection, JVM and clock are. */
final class CompactionZonesTest {
    private static final String HOURS = "SELECT gpu_no, hour, (extract(epoch FROM hour) * 1000000)::bigint, micros"
            + " FROM gpu_sample_times ORDER BY 1, 2";
    private static final String PIECES =
            "SELECT gpu_no, metric_no, hour, samples, value, small FROM gpu_sample_piece" + " ORDER BY 1, 2, 3";

    private final TimeZone before = TimeZone.getDefault();

    @AfterEach
    void restore() {
        TimeZone.setDefault(before);
    }

    private static CompactionFixture samples() {
        CompactionFixture samples = new CompactionFixture(PostgresVersion.POSTGRES_18.gpuDatabase(GpuLayout.NUMBERED));
        for (LocalDate day : List.of(LocalDate.parse("2026-03-28"), LocalDate.parse("2026-03-29"))) {
            samples.with(day);
            samples.database()
                    .execute("INSERT INTO gpu_sample SELECT timestamptz '" + day
                            + " 00:00+00' + t::interval, 0, n, 7, 1, 1,"
                            + " '', 0, 0 FROM unnest(ARRAY['0 s', '59 min', '1 h', '90 min', '11:59:59.999999', '12:00:00',"
                            + " '12:15:00', '12:29:59', '12:30:00', '23:59:59.999999']) WITH ORDINALITY AS a(t, n)");
        }
        return samples;
    }

    @ParameterizedTest
    @ValueSource(strings = {"America/St_Johns", "Asia/Kathmandu", "Europe/Berlin"})
    void runOnce_inAnyZoneMakesTheSamePieces(String zone) {
        CompactionFixture expected = samples();
        Instant now = Instant.parse("2026-03-31T00:00:01Z");
        expected.job()
                .clock(Clock.fixed(now, ZoneId.of("UTC")))
                .afterDays(1)
                .build()
                .runOnce();
        assertThat(expected.database()
                        .rows("SELECT hour, sum(samples) FROM gpu_sample_piece WHERE hour >="
                                + " '2026-03-29 00:00+00' GROUP BY 1 ORDER BY 1"))
                .containsExactly(
                        "2026-03-29 00:00:00+00|2",
                        "2026-03-29 01:00:00+00|2",
                        "2026-03-29 11:00:00+00|1",
                        "2026-03-29 12:00:00+00|4",
                        "2026-03-29 23:00:00+00|1");

        CompactionFixture samples = samples();
        TimeZone.setDefault(TimeZone.getTimeZone(zone));
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(samples.database().url());
        config.setMaximumPoolSize(1);
        config.setConnectionInitSql("SET timezone = '" + zone + "'");
        try (HikariDataSource pool = new HikariDataSource(config)) {
            CompactionJob.Result result = CompactionJob.builder(pool)
                    .clock(Clock.fixed(now, ZoneId.of(zone)))
                    .afterDays(1)
                    .build()
                    .runOnce();
            assertThat(result.samples()).isEqualTo(20);
        }
        assertThat(samples.database().rows(HOURS)).isEqualTo(expected.database().rows(HOURS));
        assertThat(samples.database().rows(PIECES))
                .isEqualTo(expected.database().rows(PIECES));
    }
}
