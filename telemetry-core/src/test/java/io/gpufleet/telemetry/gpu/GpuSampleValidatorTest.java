package io.gpufleet.telemetry.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.SourceRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GpuSampleValidatorTest {
    private static final GpuSampleValidator VALIDATOR = GpuSampleValidator.create();
    private static final GpuSample GOOD = Samples.sample(GpuMetric.GPU_TEMP, 40, Samples.gpu());

    private static List<String> validate(GpuSample sample) {
        return VALIDATOR.validate(Samples.delivery(sample, Samples.NOON));
    }

    private static List<String> validateAt(GpuSampleValidator validator, Instant time) {
        return validator.validate(
                Samples.delivery(GpuSample.of(time, GpuMetric.GPU_TEMP, 40, GOOD.subject()), Samples.NOON));
    }

    @Test
    void validate_acceptsAGoodSample() {
        assertThat(validate(GOOD)).isEmpty();
        assertThat(validate(Samples.sample(GpuMetric.named("DCGM_FI_DEV_SOMETHING_NEW"), -1e12, Samples.gpu())))
                .isEmpty();
    }

    @Test
    void validate_refusesAValueThatNoGpuCanHave() {
        GpuSample hot = Samples.sample(GpuMetric.GPU_TEMP, 644_245_923, Samples.gpu());

        assertThat(validate(hot)).containsExactly("DCGM_FI_DEV_GPU_TEMP 644245923 is outside -50..150");
        assertThat(validate(Samples.sample(GpuMetric.POWER_USAGE, 3000.5, Samples.gpu())))
                .containsExactly("DCGM_FI_DEV_POWER_USAGE 3000.5 is outside 0..3000");
        assertThat(validate(Samples.sample(GpuMetric.FB_USED, 1e15, Samples.gpu())))
                .containsExactly("DCGM_FI_DEV_FB_USED 1.0E15 is outside 0..16777216");
        assertThat(validate(hot.withQuality(Set.of(QualityFlag.OUT_OF_RANGE)))).isEmpty();
        assertThat(validate(hot.withQuality(Set.of(QualityFlag.LATE)))).hasSize(1);
    }

    private static Optional<String> kind(GpuSample sample) {
        Delivery<GpuSample> delivery = Samples.delivery(sample, Samples.NOON);
        return VALIDATOR.kind(delivery, VALIDATOR.validate(delivery));
    }

    @Test
    void kind_isThatOfTheGpuAndMetric() {
        GpuSample hot = Samples.sample(GpuMetric.GPU_TEMP, 644_245_923, Samples.gpu());

        assertThat(kind(hot))
                .contains(hot.subject().uuid() + " DCGM_FI_DEV_GPU_TEMP: DCGM_FI_DEV_GPU_TEMP 0 is outside -0..0")
                .isEqualTo(kind(Samples.sample(GpuMetric.GPU_TEMP, 644_245_924, Samples.gpu())))
                .isNotEqualTo(kind(Samples.sample(GpuMetric.MEMORY_TEMP, 644_245_923, Samples.gpu())))
                .isNotEqualTo(kind(Samples.sample(GpuMetric.GPU_TEMP, 644_245_923, GpuSubject.builder("GPU-9"))));
    }

    /** A replay by a validator that accepts their times stores them. */
    @Test
    void kind_isAbsentIfTheTimeIsAtFault() {
        Instant early = Samples.NOON.minus(Duration.ofDays(31));
        assertThat(kind(GpuSample.of(early, GpuMetric.GPU_TEMP, 40, GOOD.subject())))
                .isEmpty();
        assertThat(kind(GpuSample.of(early, GpuMetric.GPU_TEMP, 644_245_923, GOOD.subject())))
                .isEmpty();
        assertThat(kind(GpuSample.of(Instant.EPOCH.minusMillis(1), GpuMetric.GPU_TEMP, 40, GOOD.subject())))
                .isEmpty();
    }

    @Test
    void validate_refusesCodesAndLabels() {
        assertThat(validate(Samples.sample(GpuMetric.GPU_TEMP, 2_147_483_634, Samples.gpu())))
                .containsExactly("DCGM_FI_DEV_GPU_TEMP 2147483634 is no value");
        assertThat(validate(Samples.sample(GpuMetric.GPU_UTIL, 0, Samples.gpu().migInstance("7"))))
                .containsExactly("DCGM_FI_DEV_GPU_UTIL 0 is no value");
        assertThat(validate(Samples.sample(GpuMetric.FB_USED, 1e19, Samples.gpu())))
                .containsExactly("DCGM_FI_DEV_FB_USED 1.0E19 is no value");
        assertThat(validate(Samples.sample(GpuMetric.named("DCGM_FI_DEV_SERIAL"), 1, Samples.gpu())))
                .containsExactly("DCGM_FI_DEV_SERIAL is a label, not a reading");
    }

    @Test
    void validate_refusesAUuidThatIsNone() {
        assertThat(validate(Samples.sample(GpuMetric.GPU_TEMP, 40, GpuSubject.builder("x".repeat(128)))))
                .isEmpty();
        assertThat(validate(Samples.sample(GpuMetric.GPU_TEMP, 40, GpuSubject.builder("x".repeat(129)))))
                .containsExactly("UUID has 129 characters, more than 128");
        assertThat(validate(Samples.sample(GpuMetric.GPU_TEMP, 40, GpuSubject.builder("GPU-\n"))))
                .containsExactly("UUID has control characters");
    }

    @Test
    void validate_limitsTheNameOfAMetric() {
        String longest = "DCGM_" + "x".repeat(251);

        assertThat(validate(Samples.sample(GpuMetric.named(longest), 40, Samples.gpu())))
                .isEmpty();
        assertThat(validate(Samples.sample(GpuMetric.named(longest + 'x'), 40, Samples.gpu())))
                .containsExactly("metric name has 257 characters, more than 256");
    }

    @Test
    void validate_comparesTheTimeWithTheRecords() {
        Instant latest = Samples.NOON.plus(Duration.ofMinutes(5));
        Instant oldest = Samples.NOON.minus(Duration.ofDays(30));

        assertThat(validateAt(VALIDATOR, latest)).isEmpty();
        assertThat(validateAt(VALIDATOR, latest.plusMillis(1)))
                .containsExactly("time 2026-03-01T12:05:00.001Z is more than 5 min ahead of the record's timestamp "
                        + "2026-03-01T12:00:00Z");
        assertThat(validateAt(VALIDATOR, oldest)).isEmpty();
        assertThat(validateAt(VALIDATOR, oldest.minusMillis(1)))
                .containsExactly("time 2026-01-30T11:59:59.999Z is more than 30 days behind the record's timestamp "
                        + "2026-03-01T12:00:00Z; for a backfill, build the validator with anyAge()");
    }

    @Test
    void validate_refusesTimesBefore1970() {
        GpuSampleValidator anyAge = GpuSampleValidator.builder().anyAge().build();

        assertThat(validateAt(anyAge, Instant.EPOCH)).isEmpty();
        assertThat(validateAt(anyAge, Instant.EPOCH.minusMillis(1)))
                .containsExactly("time 1969-12-31T23:59:59.999Z is before 1970");
    }

    @Test
    void validate_takesAnyTimeOfARecordWithoutOne() {
        SourceRecord record =
                SourceRecord.builder(new SourcePartition("t", 0), 0).build();

        assertThat(VALIDATOR.validate(Delivery.of(GOOD, Samples.NOON, record))).isEmpty();
    }

    @Test
    void builder_setsTheAge() {
        GpuSampleValidator strict = GpuSampleValidator.builder()
                .maxAhead(Duration.ZERO)
                .maxBehind(Duration.ofSeconds(1))
                .build();

        assertThat(validateAt(strict, Samples.NOON)).isEmpty();
        assertThat(validateAt(strict, Samples.NOON.plusMillis(1))).hasSize(1);
        assertThat(validateAt(strict, Samples.NOON.minusSeconds(1))).isEmpty();
        assertThat(validateAt(strict, Samples.NOON.minusMillis(1001))).hasSize(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GpuSampleValidator.builder().maxAhead(Duration.ofMillis(-1)))
                .withMessage("maxAhead: PT-0.001S is negative");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GpuSampleValidator.builder().maxBehind(Duration.ofMillis(-1)))
                .withMessage("maxBehind: PT-0.001S is negative");
    }
}
