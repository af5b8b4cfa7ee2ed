package io.gpufleet.telemetry.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.gpu.MetricEvent.Fault;
import io.gpufleet.telemetry.gpu.MetricEvent.Gpu;
import io.gpufleet.telemetry.gpu.MetricEvent.Host;
import io.gpufleet.telemetry.gpu.MetricEvent.Quality;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class MetricEventTest {
    private static final Gpu GPU = Gpu.of(Samples.UUID);
    private static final Host HOST = Host.of("n1");
    private static final GpuAsset ASSET = GpuAsset.of(Samples.UUID, "H100", HOST);
    private static final Fault FAULT = Fault.missing("metrics.clocks");

    private static MetricEvent.Builder full() {
        return MetricEvent.builder(GPU, HOST)
                .schemaVersion("1.0")
                .eventType("other")
                .time(Instant.parse("2026-03-01T12:00:00.123456789Z"))
                .collectionTime(Samples.NOON)
                .driverVersion("535.129.03")
                .value(GpuReading.GPU_TEMP, 65.5)
                .count(GpuReading.ENERGY, (1L << 53) + 1)
                .quality(Quality.NONE.with(QualityFlag.LATE))
                .asset(Optional.of(ASSET))
                .unknown("gpu.color", "\"green\"")
                .fault(FAULT);
    }

    @Test
    void event_hasWhatWasSet() {
        MetricEvent event = full().build();

        assertThat(event.schemaVersion()).isEqualTo("1.0");
        assertThat(event.eventType()).isEqualTo("other");
        assertThat(event.time()).contains(Instant.parse("2026-03-01T12:00:00.123456Z"));
        assertThat(event.collectionTime()).contains(Samples.NOON);
        assertThat(event.gpu()).isEqualTo(GPU);
        assertThat(event.host()).isEqualTo(HOST);
        assertThat(event.driverVersion()).isEqualTo("535.129.03");
        assertThat(event.quality().flags()).containsExactly("late");
        assertThat(event.asset()).contains(ASSET);
        assertThat(event.unknown()).containsExactly(Map.entry("gpu.color", "\"green\""));
        assertThat(event.faults()).containsExactly(FAULT);
        assertThat(event)
                .hasToString("MetricEvent[" + Samples.UUID + ", 2026-03-01T12:00:00.123456Z, "
                        + "{GPU_TEMP=65.5, ENERGY=9007199254740993}]");
    }

    @Test
    void event_isEmptyByDefault() {
        MetricEvent event = MetricEvent.builder(GPU, HOST).build();

        assertThat(event.schemaVersion()).isEqualTo("1.1");
        assertThat(event.eventType()).isEqualTo("gpu_metric_sample");
        assertThat(event.time()).isEmpty();
        assertThat(event.quality()).isEqualTo(Quality.NONE);
        assertThat(event.asset()).isEmpty();
        assertThat(event.driverVersion()).isEmpty();
        assertThat(GpuReading.values()).noneMatch(event::has);
        assertThat(event).hasToString("MetricEvent[" + Samples.UUID + ", no time, {}]");
    }

    @Test
    void reading_isMissingOrExact() {
        MetricEvent event = full().value(GpuReading.MEMORY_TEMP, 0).build();

        assertThat(event.value(GpuReading.GPU_TEMP)).hasValue(65.5);
        assertThat(event.value(GpuReading.MEMORY_TEMP)).hasValue(0);
        assertThat(event.value(GpuReading.POWER_USAGE)).isEmpty();
        assertThat(event.count(GpuReading.ENERGY)).hasValue(9_007_199_254_740_993L);
        assertThat(event.value(GpuReading.ENERGY)).hasValue(9_007_199_254_740_992.0);
        assertThat(event.count(GpuReading.XID_LAST)).isEmpty();
        assertThat(event.has(GpuReading.GPU_TEMP)).isTrue();
        assertThat(event.toBuilder().without(GpuReading.GPU_TEMP).build().has(GpuReading.GPU_TEMP))
                .isFalse();
        assertThat(event.has(GpuReading.GPU_TEMP)).isTrue();
    }

    @Test
    void reading_hasItsKindOfNumber() {
        MetricEvent event = full().build();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> event.count(GpuReading.GPU_TEMP))
                .withMessage("reading: GPU_TEMP is not a whole number");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> full().count(GpuReading.GPU_TEMP, 1))
                .withMessage("reading: GPU_TEMP is not a whole number");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> full().value(GpuReading.ENERGY, 1))
                .withMessage("reading: ENERGY is a whole number, use count");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> full().value(GpuReading.GPU_TEMP, Double.NaN))
                .withMessage("value: NaN is not finite");
    }

    @Test
    void toBuilder_keepsEverything() {
        MetricEvent event = full().build();

        assertThat(event.toBuilder().build()).isEqualTo(event).hasSameHashCodeAs(event);
        assertThat(event).isNotEqualTo("x");
        assertThat(event.toBuilder().gpu(Gpu.of("other")).build().hashCode()).isNotEqualTo(event.hashCode());
        List<UnaryOperator<MetricEvent.Builder>> changes = List.of(
                b -> b.schemaVersion("2"),
                b -> b.eventType("x"),
                b -> b.time(Samples.NOON),
                b -> b.collectionTime(Samples.NOON.plusSeconds(1)),
                b -> b.gpu(Gpu.of("other")),
                b -> b.host(Host.of("n2")),
                b -> b.driverVersion("x"),
                b -> b.value(GpuReading.GPU_TEMP, 1),
                b -> b.quality(Quality.NONE),
                b -> b.asset(Optional.empty()),
                b -> b.unknown("x", "1"),
                b -> b.fault(FAULT));
        assertThat(changes)
                .allSatisfy(change ->
                        assertThat(change.apply(event.toBuilder()).build()).isNotEqualTo(event));
    }

    @Test
    void event_isNotChangedByItsBuilder() {
        MetricEvent.Builder builder = full();
        MetricEvent event = builder.build();

        builder.value(GpuReading.POWER_USAGE, 1).unknown("x", "1").fault(FAULT);

        assertThat(event).isEqualTo(full().build());
        assertThatThrownBy(() -> event.unknown().clear()).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> event.faults().clear()).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void quality_takesAFlagOnce() {
        Quality late = Quality.NONE.with(QualityFlag.LATE);

        assertThat(late.with(QualityFlag.LATE)).isSameAs(late);
        assertThat(late.with(QualityFlag.OUT_OF_RANGE).flags()).containsExactly("late", "out_of_range");
        assertThat(Quality.NONE.flags()).isEmpty();
    }

    @Test
    void fault_readsAsAReason() {
        assertThat(Fault.range("a.b", "200 is outside 0..120")).hasToString("a.b: range, 200 is outside 0..120");
        assertThat(FAULT).hasToString("metrics.clocks: missing");
        assertThat(Fault.type("a", "text")).hasToString("a: type, text");
        assertThat(Fault.format("a", "text")).hasToString("a: format, text");
    }

    @Test
    void asset_copiesItsTags() {
        Map<String, String> tags = new HashMap<>(Map.of("a", "b"));
        GpuAsset asset = new GpuAsset(
                Samples.UUID,
                "H100",
                "Hopper",
                "9.0",
                ASSET.memoryGb(),
                HOST,
                "",
                "",
                ASSET.purchased(),
                ASSET.deployed(),
                ASSET.warrantyUntil(),
                ASSET.expectedEnd(),
                "gold",
                "1",
                tags,
                "");

        tags.clear();

        assertThat(asset.tags()).containsExactly(Map.entry("a", "b"));
        assertThatThrownBy(() -> asset.tags().clear()).isInstanceOf(UnsupportedOperationException.class);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GpuAsset.of("", "H100", HOST))
                .withMessage("uuid: \"\" is blank");
        assertThatNullPointerException()
                .isThrownBy(() -> GpuAsset.of("a", "H100", null))
                .withMessage("host");
    }
}
