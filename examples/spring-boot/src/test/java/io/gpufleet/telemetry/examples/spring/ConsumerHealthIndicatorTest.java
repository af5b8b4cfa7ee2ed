package io.gpufleet.telemetry.examples.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.Health;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ConsumerHealthIndicatorTest {
    @ParameterizedTest
    @EnumSource
    void everyStatus_isTheActuatorsOfTheSameNameWithTheReasons(Health.Status status) {
        Health health = new Health(status, List.of("one", "two"));

        var mapped = new ConsumerHealthIndicator(() -> health).health();

        assertThat(mapped.getStatus().getCode()).isEqualTo(status.name());
        assertThat(mapped.getDetails()).containsEntry("reasons", List.of("one", "two"));
    }
}
