package io.gpufleet.telemetry.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class GpuReadingTest {

    @ParameterizedTest
    @EnumSource
    void reading_isFoundAtItsPath(GpuReading reading) {
        assertThat(GpuReading.at(reading.path())).contains(reading);
        assertThat(reading.column()).matches("[a-z0-9_]+");
        assertThat(reading.unit()).isNotEmpty();
        assertThat(reading.range()).isNotEmpty();
    }

    @Test
    void toMetric_keepsTheDigitsOfTheEvent() {
        assertThat(GpuReading.SM_ACTIVE.toMetric(87.1)).isEqualTo(0.871);
        assertThat(GpuReading.SM_ACTIVE.toMetric(33.3)).isEqualTo(0.333);
        assertThat(GpuReading.SM_ACTIVE.toMetric(100)).isEqualTo(1);
        assertThat(GpuReading.PCIE_TX.toMetric(1234567891 / 1048576.0)).isEqualTo(1234567891);
        assertThat(GpuReading.FB_USED.toMetric(1024)).isEqualTo(1024);
        for (int i = 0; i <= 10_000; i++) {
            double ratio = i / 10_000.0;
            double percent = Double.parseDouble(
                    BigDecimal.valueOf(ratio).movePointRight(2).toString());
            assertThat(GpuReading.TENSOR_ACTIVE.toMetric(percent)).isEqualTo(ratio);
        }
    }

    @Test
    void pathsAndColumns_areUnique() {
        List<GpuReading> all = Arrays.asList(GpuReading.values());

        assertThat(all.stream().map(GpuReading::path)).doesNotHaveDuplicates();
        assertThat(all.stream().map(GpuReading::column)).doesNotHaveDuplicates();
        assertThat(GpuReading.at("metrics.health.gpu_temp")).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void metric_isInTheCatalogue(GpuReading reading) {
        List<GpuReading> computed =
                List.of(GpuReading.MEMORY_UTILIZATION, GpuReading.NVLINK_LINKS, GpuReading.MIG_INSTANCES);

        assertThat(reading.metric().isPresent()).isNotEqualTo(computed.contains(reading));
        reading.metric().ifPresent(metric -> assertThat(GpuMetric.catalogue()).contains(metric));
    }

    /** The columns of the older system's table, and where they come from. */
    @ParameterizedTest
    @CsvSource({
        "gpu_temp, metrics.health.gpu_temp_c, C, DCGM_FI_DEV_GPU_TEMP",
        "memory_temp, metrics.health.memory_temp_c, C, DCGM_FI_DEV_MEMORY_TEMP",
        "power_usage, metrics.health.power_usage_w, W, DCGM_FI_DEV_POWER_USAGE",
        "throttle_reasons, metrics.health.throttle_reasons, bits, DCGM_FI_DEV_CLOCK_THROTTLE_REASONS",
        "fb_used_bytes, metrics.memory.fb_used_mib, MiB, DCGM_FI_DEV_FB_USED",
        "fb_free_bytes, metrics.memory.fb_free_mib, MiB, DCGM_FI_DEV_FB_FREE",
        "fb_total_bytes, metrics.memory.fb_total_mib, MiB, DCGM_FI_DEV_FB_TOTAL",
        "memory_utilization, metrics.memory.utilization_pct, %,",
        "ecc_sbe_volatile, metrics.memory.ecc_sbe_volatile, count, DCGM_FI_DEV_ECC_SBE_VOL_TOTAL",
        "ecc_dbe_volatile, metrics.memory.ecc_dbe_volatile, count, DCGM_FI_DEV_ECC_DBE_VOL_TOTAL",
        "ecc_sbe_aggregate, metrics.memory.ecc_sbe_aggregate, count, DCGM_FI_DEV_ECC_SBE_AGG_TOTAL",
        "ecc_dbe_aggregate, metrics.memory.ecc_dbe_aggregate, count, DCGM_FI_DEV_ECC_DBE_AGG_TOTAL",
        "retired_pages_sbe, metrics.memory.retired_pages_sbe, pages, DCGM_FI_DEV_RETIRED_SBE",
        "retired_pages_dbe, metrics.memory.retired_pages_dbe, pages, DCGM_FI_DEV_RETIRED_DBE",
        "sm_active, metrics.performance.sm_active_pct, %, DCGM_FI_PROF_SM_ACTIVE",
        "sm_occupancy, metrics.performance.sm_occupancy_pct, %, DCGM_FI_PROF_SM_OCCUPANCY",
        "tensor_active, metrics.performance.tensor_active_pct, %, DCGM_FI_PROF_PIPE_TENSOR_ACTIVE",
        "dram_active, metrics.performance.dram_active_pct, %, DCGM_FI_PROF_DRAM_ACTIVE",
        "pcie_tx_bytes_per_sec, metrics.performance.pcie_tx_mb_per_sec, MiB/s, DCGM_FI_PROF_PCIE_TX_BYTES",
        "pcie_rx_bytes_per_sec, metrics.performance.pcie_rx_mb_per_sec, MiB/s, DCGM_FI_PROF_PCIE_RX_BYTES",
        "nvlink_tx_bytes_per_sec, metrics.performance.nvlink_tx_mb_per_sec, MiB/s, DCGM_FI_PROF_NVLINK_TX_BYTES",
        "nvlink_rx_bytes_per_sec, metrics.performance.nvlink_rx_mb_per_sec, MiB/s, DCGM_FI_PROF_NVLINK_RX_BYTES",
        "gpu_utilization, metrics.performance.gpu_utilization_pct, %, DCGM_FI_DEV_GPU_UTIL",
        "mem_copy_utilization, metrics.performance.memory_copy_utilization_pct, %, DCGM_FI_DEV_MEM_COPY_UTIL",
        "sm_clock_mhz, metrics.clocks.sm_clock_mhz, MHz, DCGM_FI_DEV_SM_CLOCK",
        "mem_clock_mhz, metrics.clocks.mem_clock_mhz, MHz, DCGM_FI_DEV_MEM_CLOCK",
        "fan_speed, metrics.cooling.fan_speed_pct, %, DCGM_FI_DEV_FAN_SPEED",
        "energy_mj, metrics.energy.total_energy_consumption_mj, mJ, DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION",
        "xid_last, metrics.errors.xid_last, Xid, DCGM_FI_DEV_XID_ERRORS",
        "sram_exceeded, metrics.errors.sram_exceeded, 0/1, DCGM_FI_DEV_THRESHOLD_SRM",
        "recovery_action, metrics.errors.recovery_action, code, DCGM_FI_DEV_GET_GPU_RECOVERY_ACTION",
        "row_remap_failed, metrics.errors.row_remap_failed, 0/1, DCGM_FI_DEV_ROW_REMAP_FAILURE",
        "power_violation_ns, metrics.violations.power_ns, ns, DCGM_FI_DEV_POWER_VIOLATION",
        "base_clocks_violation_ns, metrics.violations.base_clocks_ns, ns, DCGM_FI_DEV_TOTAL_BASE_CLOCKS_VIOLATION",
        "power_limit, limits.power_w, W, DCGM_FI_DEV_ENFORCED_POWER_LIMIT",
        "slowdown_temp, limits.slowdown_c, C, DCGM_FI_DEV_SLOWDOWN_TEMP",
    })
    void columns_comeFromTheirMembers(String column, String path, String unit, String metric) {
        GpuReading reading = GpuReading.at(path).orElseThrow();

        assertThat(reading.column()).isEqualTo(column);
        assertThat(reading.unit()).isEqualTo(unit);
        assertThat(reading.metric().map(GpuMetric::name).orElse(null)).isEqualTo(metric);
    }

    @Test
    void factors_convertUnits() {
        assertThat(0.87 * GpuReading.SM_ACTIVE.fromMetric()).isEqualTo(87);
        assertThat(GpuReading.SM_ACTIVE.toColumn()).isEqualTo(1);
        assertThat(GpuReading.GPU_UTILIZATION.fromMetric()).isEqualTo(1);
        assertThat(4403 * GpuReading.FB_USED.toColumn()).isEqualTo(4403.0 * 1048576);
        assertThat(GpuReading.FB_USED.fromMetric()).isEqualTo(1);
        assertThat(2097152 * GpuReading.PCIE_TX.fromMetric()).isEqualTo(2);
        assertThat(2 * GpuReading.PCIE_TX.toColumn()).isEqualTo(2097152);
        assertThat(GpuReading.ENERGY.toColumn()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "GPU_TEMP, 0, true",
        "GPU_TEMP, 120, true",
        "GPU_TEMP, 120.1, false",
        "GPU_TEMP, -0.1, false",
        "POWER_USAGE, 2000, true",
        "POWER_USAGE, 2000.1, false",
        "FB_USED, 0, true",
        "FB_USED, -1, false",
        "GPU_UTILIZATION, 100, true",
        "GPU_UTILIZATION, 100.1, false",
        "FAN_SPEED, 255, true",
        "FAN_SPEED, 256, false",
        "SM_CLOCK, 0, true",
        "SM_CLOCK, 1, false",
        "SM_CLOCK, 99.9, false",
        "SM_CLOCK, 100, true",
        "SM_CLOCK, 3000, true",
        "SM_CLOCK, 3001, false",
        "MEM_CLOCK, 1, true",
        "ROW_REMAP_PENDING, 1, true",
        "ROW_REMAP_PENDING, 2, false",
        "ENERGY, 9007199254740993, true",
    })
    void range_isInclusive(GpuReading reading, double value, boolean allowed) {
        assertThat(reading.allows(value)).isEqualTo(allowed);
    }

    @Test
    void range_isAText() {
        assertThat(GpuReading.GPU_TEMP.range()).isEqualTo("0..120");
        assertThat(GpuReading.FB_USED.range()).isEqualTo(">= 0");
        assertThat(GpuReading.SM_CLOCK.range()).isEqualTo("0 or 100..3000");
        assertThat(GpuReading.GPU_TEMP.maximum()).isEqualTo(120);
    }

    @ParameterizedTest
    @CsvSource({
        "MEMORY_TEMP, 9223372036854775794, true",
        "MEMORY_TEMP, 2147483634, true",
        "FB_USED, 2147483634, true",
        "XID_LAST, 2147483634, true",
        "ENERGY, 2147483634, false",
        "ENERGY, 9223372036854775794, true",
        "ENERGY, 140737488355330, false",
        "SM_ACTIVE, 140737488355328, true",
        "SM_ACTIVE, 14073748835532800, true",
        "SM_ACTIVE, 80, false",
        "GPU_TEMP, 200, false",
        "NVLINK_LINKS, 18, false",
    })
    void isNoValue_knowsTheCodes(GpuReading reading, double number, boolean none) {
        assertThat(reading.isNoValue(number)).isEqualTo(none);
    }

    @Test
    void whole_areCountersCodesAndFlags() {
        assertThat(GpuReading.ENERGY.isWhole()).isTrue();
        assertThat(GpuReading.THROTTLE_REASONS.isWhole()).isTrue();
        assertThat(GpuReading.ROW_REMAP_PENDING.isWhole()).isTrue();
        assertThat(GpuReading.GPU_TEMP.isWhole()).isFalse();
        assertThat(GpuReading.FB_USED.isWhole()).isFalse();
    }
}
