package io.gpufleet.telemetry.examples.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.Health;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ConsumerHealthIndicatorTest {
    @ParameterizedTest
    @CsvSource({"LAG, DEGRADED", "PARTITION, DEGRADED", "STORE, OUT_OF_SERVICE", "START, OUT_OF_SERVICE", "ENDED, DOWN"
    })
    void everyConcern_hasAStatus_withTheReasons(Health.Concern concern, String status) {
        Health health = Health.of(new Health.Trouble(concern, "one"), new Health.Trouble(Health.Concern.LAG, "two"));

        var mapped = new ConsumerHealthIndicator(() -> health).health();

        assertThat(mapped.getStatus().getCode()).isEqualTo(status);
        assertThat(mapped.getDetails())
                .containsEntry("reasons", List.of("one", "two"))
                .containsEntry("ready", health.isReady());
    }

    @Test
    void noTrouble_isUp() {
        assertThat(new ConsumerHealthIndicator(Health::of).health().getStatus().getCode())
                .isEqualTo("UP");
    }
}
