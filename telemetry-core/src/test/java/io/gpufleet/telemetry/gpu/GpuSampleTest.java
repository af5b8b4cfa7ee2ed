package io.gpufleet.telemetry.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class GpuSampleTest {
    private static final GpuSample SAMPLE = Samples.sample(GpuMetric.GPU_TEMP, 40, Samples.gpu());

    @Test
    void sample_keepsMicroseconds() {
        Instant time = Instant.parse("2026-03-01T12:00:00.123456789Z");

        assertThat(GpuSample.of(time, GpuMetric.GPU_TEMP, 40, SAMPLE.subject()).time())
                .isEqualTo(Instant.parse("2026-03-01T12:00:00.123456Z"));
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void sample_hasAFiniteValue(double value) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GpuSample.of(Samples.NOON, GpuMetric.GPU_TEMP, value, SAMPLE.subject()))
                .withMessage("value: " + value + " is not finite");
    }

    @Test
    void key_isOfGpuMetricTimeAndSeries() {
        GpuSample other =
                Samples.sample(GpuMetric.GPU_TEMP, 41, Samples.gpu().host("n2").label("err_code", "1"));

        assertThat(SAMPLE.key()).isEqualTo(other.key()).hasSameHashCodeAs(other.key());
        assertThat(other).isNotEqualTo(SAMPLE);
        assertThat(Samples.sample(GpuMetric.GPU_TEMP, 40, Samples.gpu().migInstance("7"))
                        .key())
                .isNotEqualTo(SAMPLE.key());
        assertThat(Samples.sample(GpuMetric.GPU_TEMP, 40, GpuSubject.builder("other"))
                        .key())
                .isNotEqualTo(SAMPLE.key());
        assertThat(GpuSample.of(Samples.NOON.plusNanos(1000), GpuMetric.GPU_TEMP, 40, SAMPLE.subject())
                        .key())
                .isNotEqualTo(SAMPLE.key());
        assertThat(Samples.sample(GpuMetric.MEMORY_TEMP, 40, Samples.gpu()).key())
                .isNotEqualTo(SAMPLE.key());
    }

    @Test
    @Timeout(20)
    void key_isFastForTextsOfOneHash() {
        Set<Object> keys = new HashSet<>();
        for (String text : Samples.colliding(15)) {
            keys.add(Samples.sample(GpuMetric.GPU_TEMP, 40, GpuSubject.builder(text))
                    .key());
        }

        assertThat(keys).hasSize(1 << 15);
    }

    @Test
    void sample_sharesItsSubject() {
        GpuSample flagged = SAMPLE.withQuality(Set.of(QualityFlag.OUT_OF_RANGE));

        assertThat(flagged.subject()).isSameAs(SAMPLE.subject());
        assertThat(flagged.quality()).containsExactly(QualityFlag.OUT_OF_RANGE);
        assertThat(flagged.withScope(Scope.LINK).quality()).containsExactly(QualityFlag.OUT_OF_RANGE);
        assertThat(SAMPLE.withScope(Scope.LINK).scope()).isEqualTo(Scope.LINK);
        assertThat(SAMPLE.withScope(Scope.WHOLE_GPU)).isSameAs(SAMPLE);
    }

    @Test
    void flags_areBits() {
        assertThat(QualityFlag.OUT_OF_RANGE.bit()).isEqualTo(1);
        assertThat(QualityFlag.LATE.bit()).isEqualTo(2);
        assertThat(QualityFlag.DUPLICATE.bit()).isEqualTo(4);
        assertThat(QualityFlag.bits(Set.of())).isZero();
        for (int bits = 0; bits < 8; bits++) {
            assertThat(QualityFlag.bits(QualityFlag.of(bits))).isEqualTo(bits);
        }
        assertThat(QualityFlag.of(5)).containsExactlyInAnyOrder(QualityFlag.OUT_OF_RANGE, QualityFlag.DUPLICATE);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> QualityFlag.of(8))
                .withMessage("bits: 8 is not between 0 and 7");
    }

    @ParameterizedTest
    @EnumSource
    void scope_hasItsNumber(Scope scope) {
        assertThat(Scope.of(scope.number())).isEqualTo(scope);
    }

    @Test
    void scope_hasTheNumbersOfTheTable() {
        assertThat(Scope.WHOLE_GPU.number()).isZero();
        assertThat(Scope.MIG_INSTANCE.number()).isEqualTo(1);
        assertThat(Scope.LINK.number()).isEqualTo(2);
        assertThat(Scope.WORKLOAD.number()).isEqualTo(3);
        assertThat(Scope.SERIES.number()).isEqualTo(4);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Scope.of(5))
                .withMessage("number: 5 is not between 0 and 4");
        assertThatIllegalArgumentException().isThrownBy(() -> Scope.of(-1));
    }
}
