package io.gpufleet.telemetry.jdbc.query;

import static io.gpufleet.telemetry.jdbc.Heartbeats.NOON;
import static io.gpufleet.telemetry.jdbc.Heartbeats.client;
import static io.gpufleet.telemetry.jdbc.Heartbeats.device;
import static io.gpufleet.telemetry.jdbc.Heartbeats.heartbeat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.gpufleet.telemetry.heartbeat.ClientDailyStatistics;
import io.gpufleet.telemetry.heartbeat.DeviceDailyStatistics;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.TimeZone;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Daily statistics of clients and their devices, over ranges of days. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class DailyRowsTest {
    private static final String ID = client(1).toString();
    private static final LocalDate TODAY = LocalDate.parse("2026-11-20");

    @Parameter
    PostgresVersion version;

    private HeartbeatQueries queries;

    @BeforeEach
    void store() {
        queries = new StoredHeartbeats(version.database())
                .store(heartbeat(1, 10, device(10), device(11)), NOON)
                .store(heartbeat(1, 20, device(20)), NOON.minusSeconds(5))
                .store(heartbeat(1, 30, device(30)), NOON.minus(Duration.ofDays(1)))
                .store(heartbeat(1, 50), NOON.minus(Duration.ofDays(30)))
                .store(heartbeat(1, 60, device(60)), NOON.minus(Duration.ofDays(31)))
                .store(heartbeat(2, 99, device(99)), NOON)
                .queries();
    }

    private List<LocalDate> days(DailyQuery.Builder query) {
        return queries.dailyStatistics(query.build()).stream()
                .map(ClientDailyStatistics::date)
                .toList();
    }

    private static LocalDate day(int before) {
        return TODAY.minusDays(before);
    }

    @Test
    void statistics_areThoseOfEachDay() {
        assertThat(queries.dailyStatistics(DailyQuery.builder(ID).from(day(1)).build()))
                .containsExactly(
                        new ClientDailyStatistics(
                                client(1), day(1), 1, 30, 30, 30, 30, 60, NOON.minus(Duration.ofDays(1))),
                        new ClientDailyStatistics(client(1), TODAY, 2, 30, 30, 30, 30, 60, NOON));
        assertThat(queries.deviceStatistics(DailyQuery.builder(ID).from(day(1)).build()))
                .containsExactly(
                        sums(0, day(1), 1, 30, NOON.minus(Duration.ofDays(1))),
                        sums(0, TODAY, 2, 30, NOON),
                        sums(1, TODAY, 1, 11, NOON));
    }

    private static DeviceDailyStatistics sums(int index, LocalDate day, int heartbeats, long sum, Instant last) {
        return new DeviceDailyStatistics(
                client(1), index, day, "NVIDIA H100 PCIe", heartbeats, sum, sum, sum, sum, last);
    }

    @Test
    void range_hasBothEnds() {
        assertThat(days(DailyQuery.builder(ID))).containsExactly(day(30), day(1), TODAY);
        assertThat(days(DailyQuery.builder(ID).from(day(31)))).hasSize(4);
        assertThat(days(DailyQuery.builder(ID).to(day(1)))).containsExactly(day(31), day(30), day(1));
        assertThat(days(DailyQuery.builder(ID).from(day(1)).to(day(1)))).containsExactly(day(1));
        assertThat(days(DailyQuery.builder(ID).from(day(29)).to(day(2)))).isEmpty();
        assertThat(days(DailyQuery.builder(ID).from(LocalDate.MAX).to(LocalDate.MAX)))
                .isEmpty();
        assertThat(days(DailyQuery.builder(ID).to(LocalDate.MIN))).isEmpty();
    }

    @Test
    void days_areThoseOfUtcInAnyZone() {
        TimeZone before = TimeZone.getDefault();
        try {
            for (String zone : List.of("Pacific/Kiritimati", "Pacific/Pago_Pago")) {
                TimeZone.setDefault(TimeZone.getTimeZone(zone));
                assertThat(days(DailyQuery.builder(ID).from(day(1)))).containsExactly(day(1), TODAY);
            }
        } finally {
            TimeZone.setDefault(before);
        }
    }

    @Test
    void range_thatCannotBeAnsweredIsRefused() {
        assertThatExceptionOfType(InvalidQueryException.class)
                .isThrownBy(() -> DailyQuery.builder(ID).from(TODAY).to(day(1)).build())
                .withMessage("to 2026-11-19 is before from 2026-11-20")
                .satisfies(e -> assertThat(e.parameter()).isEqualTo("to"));
        DailyQuery tomorrow = DailyQuery.builder(ID).from(TODAY.plusDays(1)).build();
        assertThatExceptionOfType(InvalidQueryException.class)
                .isThrownBy(() -> queries.deviceStatistics(tomorrow))
                .withMessage("to 2026-11-20 is before from 2026-11-21");
        DailyQuery.builder(ID).from(day(999)).to(TODAY).build();
        assertThatExceptionOfType(InvalidQueryException.class)
                .isThrownBy(
                        () -> DailyQuery.builder(ID).from(day(1_000)).to(TODAY).build())
                .withMessage("from 2024-02-24 to 2026-11-20 are 1001 days, of which 1000 are allowed")
                .satisfies(e -> assertThat(e.parameter()).isEqualTo("from"));
    }

    @Test
    void unknownClient_isNotFound() {
        DailyQuery query = DailyQuery.builder(client(99).toString()).build();
        assertThatExceptionOfType(UnknownClientException.class)
                .isThrownBy(() -> queries.dailyStatistics(query))
                .withMessage("no heartbeats of client \"" + client(99) + "\"");
        assertThatExceptionOfType(UnknownClientException.class).isThrownBy(() -> queries.deviceStatistics(query));
    }
}
