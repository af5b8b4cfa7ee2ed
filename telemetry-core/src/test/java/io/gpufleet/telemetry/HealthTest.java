package io.gpufleet.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.Health.Concern;
import io.gpufleet.telemetry.Health.Status;
import io.gpufleet.telemetry.Health.Trouble;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class HealthTest {
    @Test
    void noTrouble_isUpAndReady() {
        assertThat(Health.of().status()).isEqualTo(Status.UP);
        assertThat(Health.of().isReady()).isTrue();
        assertThat(Health.of().reasons()).isEmpty();
    }

    @Test
    void text_isTheStatusAndEachReasonOnce() {
        Trouble behind = new Trouble(Concern.LAG, "lag: far behind");

        assertThat(Health.of()).hasToString("UP");
        assertThat(Health.of(behind, new Trouble(Concern.STORE, "no connection"), behind))
                .hasToString("DEGRADED: lag: far behind; no connection");
        assertThat(Health.of(new Trouble(Concern.ENDED, "closed"))).hasToString("DOWN: closed");
    }

    @ParameterizedTest
    @EnumSource
    void anyTrouble_isDegraded_andAnEndIsDown(Concern concern) {
        Health health = Health.of(new Trouble(concern, "why"));

        assertThat(health.status()).isEqualTo(concern == Concern.ENDED ? Status.DOWN : Status.DEGRADED);
        assertThat(health.reasons()).containsExactly("why");
        assertThat(health.troubles()).hasToString("[" + concern + ": why]");
    }

    @ParameterizedTest
    @EnumSource(names = {"PARTITION", "SETTINGS", "LAG", "INACTIVE"})
    void whatLetsAConsumerDoItsWork_keepsItReady(Concern concern) {
        assertThat(Health.of(new Trouble(concern, "t-0", "why")).isReady()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"PARTITION", "SETTINGS", "LAG", "INACTIVE"})
    void whatKeepsAConsumerFromItsWork_makesItUnready(Concern concern) {
        Health health = new Health(List.of(new Trouble(Concern.LAG, "behind"), new Trouble(concern, "why")));

        assertThat(health.isReady()).isFalse();
    }
}
