package io.gpufleet.telemetry.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ConsumerProfileTest {

    @ParameterizedTest
    @CsvSource({
        "GPU_INFERENCE,   1,    600000, 60000, 20000, 500, 100,  305000",
        "FAST,            500,  60000,  30000, 10000, 500, 100,  305000",
        "IO_BOUND,        10,   300000, 60000, 20000, 500, 5000, 60000",
        "DATABASE_WRITER, 1000, 120000, 60000, 20000, 500, 100,  305000",
    })
    void settings_areThoseOfTheProfile(
            ConsumerProfile profile,
            int records,
            int interval,
            int session,
            int heartbeat,
            int fetchWait,
            int retryBackoff,
            int requestTimeout) {
        ConsumerSettings settings = profile.settings("s").build();

        assertThat(settings.maxPollRecords()).isEqualTo(records);
        assertThat(settings.maxPollInterval()).isEqualTo(Duration.ofMillis(interval));
        assertThat(settings.sessionTimeout()).isEqualTo(Duration.ofMillis(session));
        assertThat(settings.heartbeatInterval()).isEqualTo(Duration.ofMillis(heartbeat));
        assertThat(settings.fetchMaxWait()).isEqualTo(Duration.ofMillis(fetchWait));
        assertThat(settings.retryBackoff()).isEqualTo(Duration.ofMillis(retryBackoff));
        assertThat(settings.requestTimeout()).isEqualTo(Duration.ofMillis(requestTimeout));
        assertThat(settings.enableAutoCommit()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "GPU,     0,       1,   600000,  300000, 500,  STICKY",
        "GPU,     300000,  1,   900000,  300000, 500,  STICKY",
        "OTHER,   10001,   1,   600000,  300000, 500,  STICKY",
        "OTHER,   10000,   10,  300000,  100000, 500,  STICKY",
        "CPU,     0,       10,  300000,  100000, 500,  STICKY",
        "NETWORK, 1001,    10,  300000,  100000, 500,  STICKY",
        "CPU,     10000,   10,  300000,  100000, 500,  STICKY",
        "NETWORK, 1000,    20,  360000,  180000, 5000, COOPERATIVE_STICKY",
        "NETWORK, 0,       20,  360000,  180000, 5000, COOPERATIVE_STICKY",
        "OTHER,   99,      500, 60000,   30000,  500,  COOPERATIVE_STICKY",
        "OTHER,   100,     100, 300000,  60000,  500,  COOPERATIVE_STICKY",
    })
    void derive_followsFromKindAndTime(
            Workload workload,
            long millis,
            int records,
            int interval,
            int session,
            int fetchWait,
            AssignmentStrategy strategy) {
        ConsumerSettings settings =
                ConsumerProfile.derive("s", workload, Duration.ofMillis(millis)).build();

        assertThat(settings.maxPollRecords()).isEqualTo(records);
        assertThat(settings.maxPollInterval()).isEqualTo(Duration.ofMillis(interval));
        assertThat(settings.sessionTimeout()).isEqualTo(Duration.ofMillis(session));
        assertThat(settings.fetchMaxWait()).isEqualTo(Duration.ofMillis(fetchWait));
        assertThat(settings.partitionAssignmentStrategy()).isEqualTo(strategy);
        assertThat(settings.heartbeatInterval()).isEqualTo(Duration.ofMillis(session / 3));
        assertThat(settings.requestTimeout()).isEqualTo(Duration.ofMillis(interval + 5_000));
    }

    @ParameterizedTest
    @EnumSource(Workload.class)
    void derive_givesNothingThatTheTableRefuses(Workload workload) {
        List<Duration> times = List.of(
                Duration.ZERO,
                Duration.ofMillis(99),
                Duration.ofMillis(100),
                Duration.ofSeconds(1),
                Duration.ofSeconds(15),
                Duration.ofDays(20),
                Duration.ofDays(100_000),
                Duration.ofSeconds(Long.MAX_VALUE));

        assertThat(times)
                .allSatisfy(time -> ConsumerProfile.derive("s", workload, time).build());
    }

    @ParameterizedTest
    @EnumSource(ConsumerProfile.class)
    void settings_areNothingThatTheTableRefuses(ConsumerProfile profile) {
        assertThat(profile.settings("s").build().groupId()).isEqualTo("s-consumer-group");
    }

    @Test
    void derive_refusesANegativeTime() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ConsumerProfile.derive("s", Workload.CPU, Duration.ofMillis(-1)))
                .withMessage("meanTime: PT-0.001S is negative");
    }
}
