package io.gpufleet.telemetry.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.tuple;

import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.gpu.MetricEvent.Fault;
import io.gpufleet.telemetry.gpu.MetricEvent.Gpu;
import io.gpufleet.telemetry.gpu.MetricEvent.Host;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MetricEventValidatorTest {
    private static final MetricEventValidator VALIDATOR = MetricEventValidator.create();
    private static final Instant PRODUCED = Samples.NOON;

    private static MetricEvent.Builder good() {
        return MetricEvent.builder(Gpu.of("GPU-0a"), Host.of("n1"))
                .schemaVersion("1.0")
                .time(PRODUCED.minusSeconds(10))
                .value(GpuReading.GPU_TEMP, 65)
                .value(GpuReading.MEMORY_TEMP, 70)
                .value(GpuReading.POWER_USAGE, 300)
                .count(GpuReading.THROTTLE_REASONS, 0)
                .value(GpuReading.FB_USED, 1000)
                .value(GpuReading.FB_FREE, 80000)
                .value(GpuReading.SM_ACTIVE, 80)
                .value(GpuReading.GPU_UTILIZATION, 99)
                .value(GpuReading.SM_CLOCK, 1980)
                .value(GpuReading.FAN_SPEED, 0);
    }

    private static List<Fault> check(MetricEvent.Builder event) {
        return VALIDATOR.check(event.build(), Optional.of(PRODUCED));
    }

    private static MetricEvent.Builder ofModel(String name) {
        return good().gpu(new Gpu("GPU-0a", "", OptionalInt.empty(), "", name, "", ""));
    }

    @Test
    void check_acceptsAGoodEvent() {
        assertThat(check(good())).isEmpty();
        assertThat(VALIDATOR.validate(Samples.delivery(good().build(), PRODUCED)))
                .isEmpty();
    }

    private static Optional<String> kind(MetricEvent.Builder event) {
        Delivery<MetricEvent> delivery = Samples.delivery(event.build(), PRODUCED);
        return VALIDATOR.kind(delivery, VALIDATOR.validate(delivery));
    }

    @Test
    void kind_isThatOfTheGpuAndItsReadings() {
        assertThat(kind(good().value(GpuReading.GPU_TEMP, 644_245_923)))
                .contains("GPU-0a: metrics.health.gpu_temp_c: range, 0 is outside 0..0")
                .isEqualTo(kind(good().value(GpuReading.GPU_TEMP, 644_245_924).time(PRODUCED)))
                .isNotEqualTo(kind(good().value(GpuReading.MEMORY_TEMP, 644_245_923)))
                .isNotEqualTo(
                        kind(good().value(GpuReading.GPU_TEMP, 644_245_923).gpu(Gpu.of("GPU-0b"))));
    }

    @Test
    void kind_withoutAGpu_isThatOfTheHost() {
        assertThat(kind(good().gpu(Gpu.of("")))).contains("n1: gpu.gpu_uuid: missing");
        assertThat(kind(good().gpu(Gpu.of("")).host(Host.of("")))).isEmpty();
    }

    /** A replay by a validator that accepts their times stores them. */
    @Test
    void kind_isAbsentIfTheTimeIsAtFault() {
        assertThat(kind(good().time(PRODUCED.minus(Duration.ofHours(2))))).isEmpty();
        assertThat(kind(good().time(PRODUCED.plus(Duration.ofHours(2))).value(GpuReading.GPU_TEMP, 644_245_923)))
                .isEmpty();
    }

    @Test
    void check_acceptsAnEventWithoutReadings() {
        assertThat(check(MetricEvent.builder(Gpu.of("GPU-0a"), Host.of("n1")).time(PRODUCED)))
                .isEmpty();
        assertThat(check(good().without(GpuReading.MEMORY_TEMP))).isEmpty();
    }

    @Test
    void check_givesAllFaultsTogether() {
        MetricEvent.Builder event = good().eventType("")
                .fault(Fault.missing("host"))
                .value(GpuReading.GPU_TEMP, 200)
                .time(PRODUCED.minus(Duration.ofHours(2)));

        assertThat(check(event))
                .extracting(Fault::field, Fault::code)
                .containsExactly(
                        tuple("host", "missing"),
                        tuple("event_type", "missing"),
                        tuple("metrics.health.gpu_temp_c", "range"),
                        tuple("timestamp", "old"));
        assertThat(VALIDATOR.validate(Samples.delivery(event.build(), PRODUCED)))
                .containsExactly(
                        "host: missing",
                        "event_type: missing",
                        "metrics.health.gpu_temp_c: range, 200 is outside 0..120",
                        "timestamp: old, 2026-03-01T10:00:00Z is more than 60 min behind the record's timestamp "
                                + "2026-03-01T12:00:00Z");
    }

    @Test
    void check_requiresVersionTypeUuidAndTime() {
        assertThat(check(MetricEvent.builder(Gpu.of(" "), Host.of(""))
                        .schemaVersion("")
                        .eventType(" ")))
                .extracting(Fault::field, Fault::code)
                .containsExactly(
                        tuple("schema_version", "missing"),
                        tuple("event_type", "missing"),
                        tuple("gpu.gpu_uuid", "missing"),
                        tuple("timestamp", "missing"));
    }

    @Test
    void check_reportsNoChildOfWhatIsMissing() {
        assertThat(check(good().gpu(Gpu.of("")).fault(Fault.missing("gpu"))))
                .extracting(Fault::field)
                .containsExactly("gpu");
        assertThat(check(good().gpu(Gpu.of("")).fault(Fault.type("gpu.gpu_uuid", ""))))
                .extracting(Fault::field, Fault::code)
                .containsExactly(tuple("gpu.gpu_uuid", "type"));
        assertThat(check(good().gpu(Gpu.of("")).fault(Fault.type("g", "")))).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({
        "GPU_TEMP, 120, true",
        "POWER_USAGE, 0, true",
        "GPU_TEMP, 120.1, false",
        "MEMORY_TEMP, -0.1, false",
        "FB_USED, -1, false",
        "GPU_UTILIZATION, 100.1, false",
        "SM_CLOCK, 50, false",
        "FAN_SPEED, 130, true",
        "FAN_SPEED, 256, false",
    })
    void check_knowsTheBorders(GpuReading reading, double value, boolean valid) {
        List<Fault> faults = check(good().value(reading, value));

        assertThat(faults.isEmpty()).isEqualTo(valid);
        assertThat(faults).allSatisfy(fault -> {
            assertThat(fault.field()).isEqualTo(reading.path());
            assertThat(fault.code()).isEqualTo("range");
        });
    }

    @Test
    void check_comparesTheTimeWithTheRecords() {
        assertThat(check(good().time(PRODUCED.minus(Duration.ofHours(1))))).isEmpty();
        assertThat(check(good().time(PRODUCED.minus(Duration.ofHours(1)).minusMillis(1))))
                .extracting(Fault::code)
                .containsExactly("old");
        assertThat(check(good().time(PRODUCED.plus(Duration.ofMinutes(5))))).isEmpty();
        assertThat(check(good().time(PRODUCED.plus(Duration.ofMinutes(5)).plusMillis(1))))
                .singleElement()
                .hasToString("timestamp: future, 2026-03-01T12:05:00.001Z is more than 5 min ahead of the record's "
                        + "timestamp 2026-03-01T12:00:00Z");
        assertThat(VALIDATOR.check(good().time(Instant.EPOCH).build(), Optional.empty()))
                .isEmpty();
    }

    @Test
    void builder_setsTheAge() {
        MetricEventValidator anyAge = MetricEventValidator.builder().anyAge().build();
        MetricEventValidator strict = MetricEventValidator.builder()
                .maxBehind(Duration.ofSeconds(1))
                .maxAhead(Duration.ZERO)
                .build();

        assertThat(anyAge.check(good().time(Instant.EPOCH).build(), Optional.of(PRODUCED)))
                .isEmpty();
        assertThat(strict.check(good().build(), Optional.of(PRODUCED))).hasSize(1);
        assertThat(strict.check(good().time(PRODUCED).build(), Optional.of(PRODUCED)))
                .isEmpty();
        assertThat(strict.check(good().time(PRODUCED.plusMillis(1)).build(), Optional.of(PRODUCED)))
                .hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "'', 2000",
        "Tesla T4, 2000",
        "NVIDIA A100-SXM4-80GB, 750",
        "NVIDIA H100 80GB HBM3, 1050",
        "NVIDIA H200, 1050",
        "NVIDIA GH200 480GB, 1500",
        "NVIDIA B200, 1500",
        "NVIDIA GB200, 1800",
    })
    void check_limitsThePowerByModel(String model, double limit) {
        assertThat(check(ofModel(model).value(GpuReading.POWER_USAGE, limit))).isEmpty();
        assertThat(check(ofModel(model).value(GpuReading.POWER_USAGE, limit + 0.5)))
                .singleElement()
                .extracting(Fault::detail)
                .isEqualTo(limit + 0.5 + " is outside 0.." + (long) limit);
        assertThat(check(ofModel(model).value(GpuReading.POWER_USAGE, -1))).hasSize(1);
    }

    @Test
    void check_limitsThePowerByTheEnforcedLimit() {
        MetricEvent.Builder limited = ofModel("NVIDIA GB200").value(GpuReading.POWER_LIMIT, 300);

        assertThat(check(limited.value(GpuReading.POWER_USAGE, 450))).isEmpty();
        assertThat(check(limited.value(GpuReading.POWER_USAGE, 451))).hasSize(1);
        assertThat(check(limited.value(GpuReading.POWER_LIMIT, 0))).isEmpty();
    }

    @Test
    void builder_setsThePowerOfAModel() {
        MetricEventValidator validator =
                MetricEventValidator.builder().powerOfModel("T4", 70).build();
        MetricEvent event =
                ofModel("Tesla T4").value(GpuReading.POWER_USAGE, 105.5).build();

        assertThat(validator.check(event, Optional.empty())).hasSize(1);
        assertThat(VALIDATOR.check(event, Optional.empty())).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
    void builder_refusesNoPower(double watts) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MetricEventValidator.builder().powerOfModel("T4", watts))
                .withMessage("watts: " + watts + " is not more than 0");
    }

    @Test
    void builder_refusesWhatMakesNoSense() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MetricEventValidator.builder().powerOfModel(" ", 1))
                .withMessage("model: \" \" is blank");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MetricEventValidator.builder().maxAhead(Duration.ofMillis(-1)))
                .withMessage("maxAhead: PT-0.001S is negative");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MetricEventValidator.builder().maxBehind(Duration.ofMillis(-1)))
                .withMessage("maxBehind: PT-0.001S is negative");
    }

    @Test
    void keepGoodReadings_dropsTheOthers() {
        MetricEventValidator validator =
                MetricEventValidator.builder().keepGoodReadings().build();
        MetricEvent event = good().value(GpuReading.GPU_TEMP, 200).build();

        MetricEvent stored = validator.repair(event);

        assertThat(validator.check(event, Optional.of(PRODUCED))).isEmpty();
        assertThat(stored)
                .isEqualTo(good().without(GpuReading.GPU_TEMP)
                        .quality(event.quality().with(QualityFlag.OUT_OF_RANGE))
                        .build());
        assertThat(validator.check(good().eventType("").build(), Optional.of(PRODUCED)))
                .hasSize(1);
    }

    @Test
    void keepOutOfRange_flagsTheEvent() {
        MetricEventValidator validator =
                MetricEventValidator.builder().keepOutOfRange().build();
        MetricEvent event = good().value(GpuReading.GPU_TEMP, 200).build();

        MetricEvent stored = validator.repair(event);

        assertThat(validator.check(event, Optional.of(PRODUCED))).isEmpty();
        assertThat(stored.value(GpuReading.GPU_TEMP)).hasValue(200);
        assertThat(stored.quality().flags()).containsExactly("out_of_range");
    }

    @Test
    void repairs_changeWhatIsWrongOnly() {
        MetricEventValidator validator =
                MetricEventValidator.builder().keepGoodReadings().build();
        Delivery<MetricEvent> sound = Samples.delivery(good().build(), PRODUCED);
        Delivery<MetricEvent> bad =
                Samples.delivery(good().value(GpuReading.GPU_TEMP, 200).build(), PRODUCED);

        List<Delivery<MetricEvent>> repaired = validator.repairs().enrich(List.of(sound, bad));

        assertThat(repaired.get(0).value()).isSameAs(sound.value());
        assertThat(repaired.get(1).value().has(GpuReading.GPU_TEMP)).isFalse();
        assertThat(VALIDATOR.repair(bad.value())).isSameAs(bad.value());
    }
}
