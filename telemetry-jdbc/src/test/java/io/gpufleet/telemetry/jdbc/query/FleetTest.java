package io.gpufleet.telemetry.jdbc.query;

import static io.gpufleet.telemetry.jdbc.query.StoredFleet.U;
import static io.gpufleet.telemetry.jdbc.query.StoredFleet.V;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.gpufleet.telemetry.gpu.GpuReading;
import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.gpu.MetricKind;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The state of a fleet as of 2026-03-04 12:00. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class FleetTest {
    private static final String TEMP = "DCGM_FI_DEV_GPU_TEMP";
    private static final String POWER = "DCGM_FI_DEV_POWER_USAGE";
    private static final String USED = "DCGM_FI_DEV_FB_USED";
    private static final String ENERGY = "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION";
    private static final String NOW = "2026-03-04T12:00:00Z";
    private static final double MIB = 1 << 20;

    @Parameter
    PostgresVersion version;

    private StoredFleet fleet;

    @BeforeEach
    void open() {
        fleet = new StoredFleet(version);
    }

    private void store(GpuSubject.Builder subject, String metric, double value, String time) {
        fleet.store(List.of(StoredFleet.sample(subject.build(), metric, value, time)));
    }

    private void storeWide(String uuid, String metric, double value, String time) {
        fleet.storeWide(List.of(StoredFleet.sample(StoredFleet.gpu(uuid).build(), metric, value, time)));
    }

    private FleetSummary summary() {
        return fleet.queries().fleet(Duration.ofSeconds(30));
    }

    @Test
    void fleet_isOfTheLastTwoIntervals() {
        storeWide(U, TEMP, 99, "2026-03-04T11:58:59Z");
        storeWide(V, TEMP, 50, "2026-03-04T11:59:00Z");
        storeWide(V, POWER, 300, "2026-03-04T11:59:00Z");
        storeWide(V, TEMP, 60, "2026-03-04T11:59:30Z");
        storeWide(V, ENERGY, 5_000, "2026-03-04T11:59:30Z");
        storeWide("GPU-w", TEMP, 70, NOW);
        FleetSummary summary = summary();
        assertThat(summary.time()).isEqualTo(StoredFleet.NOW);
        assertThat(summary.gpus()).isEqualTo(3);
        assertThat(summary.hosts()).isEqualTo(1);
        assertThat(summary.reporting()).isEqualTo(2);
        assertThat(summary.quiet()).extracting(StoredGpu::uuid).containsExactly(U);
        assertThat(summary.readings().get(GpuReading.GPU_TEMP)).isEqualTo(new FleetReading(2, 130));
        assertThat(summary.readings().get(GpuReading.GPU_TEMP).mean()).isEqualTo(65);
        assertThat(summary.readings()).doesNotContainKey(GpuReading.POWER_USAGE);
        assertThat(summary.energyJoules()).hasValue(5);
    }

    /** The device's power of four instances and two pods is one power; their memory adds up. */
    @Test
    void fleet_countsNothingTwice() {
        for (String instance : List.of("7", "8", "5")) {
            GpuSubject.Builder gpu = StoredFleet.gpu(U).migInstance(instance);
            store(gpu, POWER, instance.equals("8") ? 106.5 : 112.25, NOW);
            store(gpu, USED, instance.equals("8") ? 4384 : instance.equals("7") ? 6 : 13, NOW);
            store(gpu, "DCGM_FI_PROF_SM_ACTIVE", 0.4, NOW);
        }
        for (String pod : List.of("a", "b")) {
            GpuSubject.Builder gpu = StoredFleet.gpu(V).namespace("ml").pod(pod).container("c");
            store(gpu.vgpu(pod), POWER, 200, NOW);
        }
        FleetSummary summary = summary();
        assertThat(summary.reporting()).isEqualTo(2);
        assertThat(summary.readings().get(GpuReading.POWER_USAGE)).isEqualTo(new FleetReading(2, 312.25));
        assertThat(summary.readings().get(GpuReading.FB_USED)).isEqualTo(new FleetReading(1, 4403 * MIB));
        assertThat(summary.readings()).doesNotContainKeys(GpuReading.SM_ACTIVE, GpuReading.ENERGY);
        assertThat(summary.energyJoules()).isEmpty();
    }

    @Test
    void fleet_takesTheWideRowOrElseTheSamples() {
        storeWide(U, POWER, 300, NOW);
        store(StoredFleet.gpu(U), POWER, 300, "2026-03-04T11:59:30Z");
        store(StoredFleet.gpu(V), POWER, 100, "2026-03-04T11:59:20Z");
        store(StoredFleet.gpu(V), POWER, 110, "2026-03-04T11:59:50Z");
        store(StoredFleet.gpu(V), "DCGM_FI_PROF_SM_ACTIVE", 0.5, "2026-03-04T11:59:20Z");
        assertThat(summary().readings())
                .containsEntry(GpuReading.POWER_USAGE, new FleetReading(2, 410))
                .containsEntry(GpuReading.SM_ACTIVE, new FleetReading(1, 50));
    }

    @Test
    void fleet_withoutGpusIsEmpty() {
        assertThat(summary()).isEqualTo(new FleetSummary(StoredFleet.NOW, 0, 0, 0, List.of(), Map.of()));
        assertThatExceptionOfType(InvalidQueryException.class)
                .isThrownBy(() -> fleet.queries().fleet(Duration.ZERO))
                .withMessage("interval must be more than 0, was PT0S");
    }

    @Test
    void metrics_countTheSamplesOfTheLastDay() {
        store(StoredFleet.gpu(U), TEMP, 60, "2026-03-03T12:00:00Z");
        store(StoredFleet.gpu(U), TEMP, 60, "2026-03-03T12:00:00.000001Z");
        store(StoredFleet.gpu(V), TEMP, 60, "2026-03-03T13:00:00Z");
        store(StoredFleet.gpu(V), TEMP, 60, NOW);
        store(StoredFleet.gpu(V), ENERGY, 60, "2026-03-01T13:00:00Z");
        List<StoredMetric> expected = List.of(
                new StoredMetric(TEMP, MetricKind.GAUGE, "C", 3),
                new StoredMetric(ENERGY, MetricKind.COUNTER, "mJ", 0));
        assertThat(fleet.queries().metrics()).isEqualTo(expected);
        fleet.compact(LocalDate.of(2026, 3, 3));
        assertThat(fleet.queries().metrics()).isEqualTo(expected);
    }

    @Test
    void fleet_ofAnyInterval() {
        store(StoredFleet.gpu(U), POWER, 100, "2026-03-01T11:59:20Z");
        assertThat(fleet.queries().fleet(Duration.ofSeconds(Long.MAX_VALUE)).reporting())
                .isOne();
    }
}
