package io.gpufleet.telemetry.gpu;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.toUnmodifiableMap;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * One reading of a {@link MetricEvent}: its place in the JSON, its column in the table {@code gpu_metrics}, its unit,
 * the range that {@link MetricEventValidator} accepts, and the metric of DCGM that it comes from. The readings of
 * errors, violations and limits, and the number of MIG instances, came with version 1.1 of the event. All of them are
 * listed on the page {@code docs/gpu-metrics.md}.
 */
public enum GpuReading {
    /** Temperature of the GPU; {@code metrics.health.gpu_temp_c}. */
    GPU_TEMP("metrics.health.gpu_temp_c", "gpu_temp", EventUnit.CELSIUS, 120, "DCGM_FI_DEV_GPU_TEMP"),
    /** Temperature of the memory; {@code metrics.health.memory_temp_c}. */
    MEMORY_TEMP("metrics.health.memory_temp_c", "memory_temp", EventUnit.CELSIUS, 120, "DCGM_FI_DEV_MEMORY_TEMP"),
    /** Power of the board; the validator knows the limits of models; {@code metrics.health.power_usage_w}. */
    POWER_USAGE("metrics.health.power_usage_w", "power_usage", EventUnit.WATT, 2000, "DCGM_FI_DEV_POWER_USAGE"),
    /** Reasons for lower clocks: {@link ThrottleReasons}; {@code metrics.health.throttle_reasons}. */
    THROTTLE_REASONS(
            "metrics.health.throttle_reasons",
            "throttle_reasons",
            EventUnit.BITS,
            EventUnit.UNBOUNDED,
            "DCGM_FI_DEV_CLOCK_THROTTLE_REASONS"),
    /** Used memory; {@code metrics.memory.fb_used_mib}. */
    FB_USED(
            "metrics.memory.fb_used_mib",
            "fb_used_bytes",
            EventUnit.MEBIBYTE,
            EventUnit.UNBOUNDED,
            "DCGM_FI_DEV_FB_USED"),
    /** Free memory; {@code metrics.memory.fb_free_mib}. */
    FB_FREE(
            "metrics.memory.fb_free_mib",
            "fb_free_bytes",
            EventUnit.MEBIBYTE,
            EventUnit.UNBOUNDED,
            "DCGM_FI_DEV_FB_FREE"),
    /** All memory; {@code metrics.memory.fb_total_mib}. */
    FB_TOTAL(
            "metrics.memory.fb_total_mib",
            "fb_total_bytes",
            EventUnit.MEBIBYTE,
            EventUnit.UNBOUNDED,
            "DCGM_FI_DEV_FB_TOTAL"),
    /** Share of the memory in use; {@code metrics.memory.utilization_pct}. */
    MEMORY_UTILIZATION("metrics.memory.utilization_pct", "memory_utilization", EventUnit.PERCENT, 100, ""),
    /** Single-bit errors since the driver was loaded; {@code metrics.memory.ecc_sbe_volatile}. */
    ECC_SBE_VOLATILE(
            "metrics.memory.ecc_sbe_volatile",
            "ecc_sbe_volatile",
            EventUnit.COUNT,
            EventUnit.UNBOUNDED,
            "DCGM_FI_DEV_ECC_SBE_VOL_TOTAL"),
    /** Single-bit errors ever; {@code metrics.memory.ecc_sbe_aggregate}. */
    ECC_SBE_AGGREGATE(
            "metrics.memory.ecc_sbe_aggregate",
            "ecc_sbe_aggregate",
            EventUnit.COUNT,
            EventUnit.UNBOUNDED,
            "DCGM_FI_DEV_ECC_SBE_AGG_TOTAL"),
    /** Double-bit errors since the driver was loaded; {@code metrics.memory.ecc_dbe_volatile}. */
    ECC_DBE_VOLATILE(
            "metrics.memory.ecc_dbe_volatile",
            "ecc_dbe_volatile",
            EventUnit.COUNT,
            EventUnit.UNBOUNDED,
            "DCGM_FI_DEV_ECC_DBE_VOL_TOTAL"),
    /** Double-bit errors ever; {@code metrics.memory.ecc_dbe_aggregate}. */
    ECC_DBE_AGGREGATE(
            "metrics.memory.ecc_dbe_aggregate",
            "ecc_dbe_aggregate",
            EventUnit.COUNT,
            EventUnit.UNBOUNDED,
            "DCGM_FI_DEV_ECC_DBE_AGG_TOTAL"),
    /** Pages retired for single-bit errors; {@code metrics.memory.retired_pages_sbe}. */
    RETIRED_PAGES_SBE(
            "metrics.memory.retired_pages_sbe",
            "retired_pages_sbe",
            EventUnit.PAGES,
            EventUnit.UNBOUNDED,
            "DCGM_FI_DEV_RETIRED_SBE"),
    /** Pages retired for double-bit errors; {@code metrics.memory.retired_pages_dbe}. */
    RETIRED_PAGES_DBE(
            "metrics.memory.retired_pages_dbe",
            "retired_pages_dbe",
            EventUnit.PAGES,
            EventUnit.UNBOUNDED,
            "DCGM_FI_DEV_RETIRED_DBE"),
    /** Share of time with work on the multiprocessors; {@code metrics.performance.sm_active_pct}. */
    SM_ACTIVE(
            "metrics.performance.sm_active_pct",
            "sm_active",
            EventUnit.PERCENT_OF_RATIO,
            100,
            "DCGM_FI_PROF_SM_ACTIVE"),
    /** Share of the warps in use; {@code metrics.performance.sm_occupancy_pct}. */
    SM_OCCUPANCY(
            "metrics.performance.sm_occupancy_pct",
            "sm_occupancy",
            EventUnit.PERCENT_OF_RATIO,
            100,
            "DCGM_FI_PROF_SM_OCCUPANCY"),
    /** Share of time with work on the tensor cores; {@code metrics.performance.tensor_active_pct}. */
    TENSOR_ACTIVE(
            "metrics.performance.tensor_active_pct",
            "tensor_active",
            EventUnit.PERCENT_OF_RATIO,
            100,
            "DCGM_FI_PROF_PIPE_TENSOR_ACTIVE"),
    /** Share of time with transfers of the memory; {@code metrics.performance.dram_active_pct}. */
    DRAM_ACTIVE(
            "metrics.performance.dram_active_pct",
            "dram_active",
            EventUnit.PERCENT_OF_RATIO,
            100,
            "DCGM_FI_PROF_DRAM_ACTIVE"),
    /** Sent over PCIe; {@code metrics.performance.pcie_tx_mb_per_sec}. */
    PCIE_TX(
            "metrics.performance.pcie_tx_mb_per_sec",
            "pcie_tx_bytes_per_sec",
            EventUnit.MEBIBYTE_PER_SECOND,
            EventUnit.UNBOUNDED,
            "DCGM_FI_PROF_PCIE_TX_BYTES"),
    /** Received over PCIe; {@code metrics.performance.pcie_rx_mb_per_sec}. */
    PCIE_RX(
            "metrics.performance.pcie_rx_mb_per_sec",
            "pcie_rx_bytes_per_sec",
            EventUnit.MEBIBYTE_PER_SECOND,
            EventUnit.UNBOUNDED,
            "DCGM_FI_PROF_PCIE_RX_BYTES"),
    /** Sent over NVLink; {@code metrics.performance.nvlink_tx_mb_per_sec}. */
    NVLINK_TX(
            "metrics.performance.nvlink_tx_mb_per_sec",
            "nvlink_tx_bytes_per_sec",
            EventUnit.MEBIBYTE_PER_SECOND,
            EventUnit.UNBOUNDED,
            "DCGM_FI_PROF_NVLINK_TX_BYTES"),
    /** Received over NVLink; {@code metrics.performance.nvlink_rx_mb_per_sec}. */
    NVLINK_RX(
            "metrics.performance.nvlink_rx_mb_per_sec",
            "nvlink_rx_bytes_per_sec",
            EventUnit.MEBIBYTE_PER_SECOND,
            EventUnit.UNBOUNDED,
            "DCGM_FI_PROF_NVLINK_RX_BYTES"),
    /** Share of time in use; {@code metrics.performance.gpu_utilization_pct}. */
    GPU_UTILIZATION(
            "metrics.performance.gpu_utilization_pct",
            "gpu_utilization",
            EventUnit.PERCENT,
            100,
            "DCGM_FI_DEV_GPU_UTIL"),
    /** Share of time of memory transfers; {@code metrics.performance.memory_copy_utilization_pct}. */
    MEM_COPY_UTILIZATION(
            "metrics.performance.memory_copy_utilization_pct",
            "mem_copy_utilization",
            EventUnit.PERCENT,
            100,
            "DCGM_FI_DEV_MEM_COPY_UTIL"),
    /** Clock of the multiprocessors: 0, or 100 and more; {@code metrics.clocks.sm_clock_mhz}. */
    SM_CLOCK("metrics.clocks.sm_clock_mhz", "sm_clock_mhz", EventUnit.MEGAHERTZ, 3000, "DCGM_FI_DEV_SM_CLOCK"),
    /** Clock of the memory; {@code metrics.clocks.mem_clock_mhz}. */
    MEM_CLOCK(
            "metrics.clocks.mem_clock_mhz",
            "mem_clock_mhz",
            EventUnit.MEGAHERTZ,
            EventUnit.UNBOUNDED,
            "DCGM_FI_DEV_MEM_CLOCK"),
    /** Speed of the fan, which may exceed 100 %; {@code metrics.cooling.fan_speed_pct}. */
    FAN_SPEED("metrics.cooling.fan_speed_pct", "fan_speed", EventUnit.PERCENT, 255, "DCGM_FI_DEV_FAN_SPEED"),
    /** Energy since the driver was loaded; {@code metrics.energy.total_energy_consumption_mj}. */
    ENERGY(
            "metrics.energy.total_energy_consumption_mj",
            "energy_mj",
            EventUnit.MILLIJOULE,
            EventUnit.UNBOUNDED,
            "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION"),
    /** Number of the last Xid error, 0 for none; {@code metrics.errors.xid_last}. */
    XID_LAST("metrics.errors.xid_last", "xid_last", EventUnit.XID, 65535, "DCGM_FI_DEV_XID_ERRORS"),
    /** Repeated PCIe packets; {@code metrics.errors.pcie_replay_total}. */
    PCIE_REPLAY_TOTAL(
            "metrics.errors.pcie_replay_total",
            "pcie_replay_total",
            EventUnit.COUNT,
            EventUnit.UNBOUNDED,
            "DCGM_FI_DEV_PCIE_REPLAY_COUNTER"),
    /** Flow-control errors of all NVLinks; {@code metrics.errors.nvlink_crc_flit_total}. */
    NVLINK_CRC_FLIT_TOTAL(
            "metrics.errors.nvlink_crc_flit_total",
            "nvlink_crc_flit_total",
            EventUnit.COUNT,
            EventUnit.UNBOUNDED,
            "DCGM_FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_TOTAL"),
    /** Data errors of all NVLinks; {@code metrics.errors.nvlink_crc_data_total}. */
    NVLINK_CRC_DATA_TOTAL(
            "metrics.errors.nvlink_crc_data_total",
            "nvlink_crc_data_total",
            EventUnit.COUNT,
            EventUnit.UNBOUNDED,
            "DCGM_FI_DEV_NVLINK_CRC_DATA_ERROR_COUNT_TOTAL"),
    /** Repeated packets of all NVLinks; {@code metrics.errors.nvlink_replay_total}. */
    NVLINK_REPLAY_TOTAL(
            "metrics.errors.nvlink_replay_total",
            "nvlink_replay_total",
            EventUnit.COUNT,
            EventUnit.UNBOUNDED,
            "DCGM_FI_DEV_NVLINK_REPLAY_ERROR_COUNT_TOTAL"),
    /** Recoveries of all NVLinks; {@code metrics.errors.nvlink_recovery_total}. */
    NVLINK_RECOVERY_TOTAL(
            "metrics.errors.nvlink_recovery_total",
            "nvlink_recovery_total",
            EventUnit.COUNT,
            EventUnit.UNBOUNDED,
            "DCGM_FI_DEV_NVLINK_RECOVERY_ERROR_COUNT_TOTAL"),
    /** Rows remapped for correctable errors; {@code metrics.errors.remapped_rows_correctable}. */
    REMAPPED_ROWS_CORRECTABLE(
            "metrics.errors.remapped_rows_correctable",
            "remapped_rows_correctable",
            EventUnit.ROWS,
            EventUnit.UNBOUNDED,
            "DCGM_FI_DEV_CORRECTABLE_REMAPPED_ROWS"),
    /** Rows remapped for uncorrectable errors; {@code metrics.errors.remapped_rows_uncorrectable}. */
    REMAPPED_ROWS_UNCORRECTABLE(
            "metrics.errors.remapped_rows_uncorrectable",
            "remapped_rows_uncorrectable",
            EventUnit.ROWS,
            EventUnit.UNBOUNDED,
            "DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS"),
    /** Whether a remapping waits for a reset of the GPU; {@code metrics.errors.row_remap_pending}. */
    ROW_REMAP_PENDING(
            "metrics.errors.row_remap_pending",
            "row_remap_pending",
            EventUnit.FLAG,
            1,
            "DCGM_FI_DEV_ROW_REMAP_PENDING"),
    /** Whether a remapping has failed; {@code metrics.errors.row_remap_failed}. */
    ROW_REMAP_FAILED(
            "metrics.errors.row_remap_failed", "row_remap_failed", EventUnit.FLAG, 1, "DCGM_FI_DEV_ROW_REMAP_FAILURE"),
    /** Whether the SRAM has more errors than it may have; {@code metrics.errors.sram_exceeded}. */
    SRAM_EXCEEDED("metrics.errors.sram_exceeded", "sram_exceeded", EventUnit.FLAG, 1, "DCGM_FI_DEV_THRESHOLD_SRM"),
    /**
     * DCGM's code of the action that makes the GPU usable again, 0 for none; {@code metrics.errors.recovery_action}.
     */
    RECOVERY_ACTION(
            "metrics.errors.recovery_action",
            "recovery_action",
            EventUnit.CODE,
            EventUnit.UNBOUNDED,
            "DCGM_FI_DEV_GET_GPU_RECOVERY_ACTION"),
    /** Time with lower clocks for the power limit; {@code metrics.violations.power_ns}. */
    POWER_VIOLATION(
            "metrics.violations.power_ns",
            "power_violation_ns",
            EventUnit.NANOSECOND,
            EventUnit.UNBOUNDED,
            "DCGM_FI_DEV_POWER_VIOLATION"),
    /** Time with lower clocks for heat; {@code metrics.violations.thermal_ns}. */
    THERMAL_VIOLATION(
            "metrics.violations.thermal_ns",
            "thermal_violation_ns",
            EventUnit.NANOSECOND,
            EventUnit.UNBOUNDED,
            "DCGM_FI_DEV_THERMAL_VIOLATION"),
    /** Time with lower clocks for the clocks of a group of GPUs; {@code metrics.violations.sync_boost_ns}. */
    SYNC_BOOST_VIOLATION(
            "metrics.violations.sync_boost_ns",
            "sync_boost_violation_ns",
            EventUnit.NANOSECOND,
            EventUnit.UNBOUNDED,
            "DCGM_FI_DEV_SYNC_BOOST_VIOLATION"),
    /** Time with lower clocks for a limit of the board; {@code metrics.violations.board_limit_ns}. */
    BOARD_LIMIT_VIOLATION(
            "metrics.violations.board_limit_ns",
            "board_limit_violation_ns",
            EventUnit.NANOSECOND,
            EventUnit.UNBOUNDED,
            "DCGM_FI_DEV_BOARD_LIMIT_VIOLATION"),
    /** Time with lower clocks for low utilization; {@code metrics.violations.low_util_ns}. */
    LOW_UTIL_VIOLATION(
            "metrics.violations.low_util_ns",
            "low_util_violation_ns",
            EventUnit.NANOSECOND,
            EventUnit.UNBOUNDED,
            "DCGM_FI_DEV_LOW_UTIL_VIOLATION"),
    /** Time with lower clocks for a limit for reliability; {@code metrics.violations.reliability_ns}. */
    RELIABILITY_VIOLATION(
            "metrics.violations.reliability_ns",
            "reliability_violation_ns",
            EventUnit.NANOSECOND,
            EventUnit.UNBOUNDED,
            "DCGM_FI_DEV_RELIABILITY_VIOLATION"),
    /**
     * Time with lower clocks for any reason, against the applications clocks; {@code metrics.violations.app_clocks_ns}.
     */
    APP_CLOCKS_VIOLATION(
            "metrics.violations.app_clocks_ns",
            "app_clocks_violation_ns",
            EventUnit.NANOSECOND,
            EventUnit.UNBOUNDED,
            "DCGM_FI_DEV_TOTAL_APP_CLOCKS_VIOLATION"),
    /** Time with lower clocks for any reason, against the base clocks; {@code metrics.violations.base_clocks_ns}. */
    BASE_CLOCKS_VIOLATION(
            "metrics.violations.base_clocks_ns",
            "base_clocks_violation_ns",
            EventUnit.NANOSECOND,
            EventUnit.UNBOUNDED,
            "DCGM_FI_DEV_TOTAL_BASE_CLOCKS_VIOLATION"),
    /** Enforced power limit; {@code limits.power_w}. */
    POWER_LIMIT(
            "limits.power_w", "power_limit", EventUnit.WATT, EventUnit.UNBOUNDED, "DCGM_FI_DEV_ENFORCED_POWER_LIMIT"),
    /** Temperature of the hardware slowdown; {@code limits.slowdown_c}. */
    SLOWDOWN_TEMP("limits.slowdown_c", "slowdown_temp", EventUnit.CELSIUS, 150, "DCGM_FI_DEV_SLOWDOWN_TEMP"),
    /** Largest temperature of the memory; {@code limits.mem_max_c}. */
    MEMORY_MAX_TEMP("limits.mem_max_c", "memory_max_temp", EventUnit.CELSIUS, 150, "DCGM_FI_DEV_MEM_MAX_OP_TEMP"),
    /** Largest PCIe generation; {@code limits.pcie_max_gen}. */
    PCIE_MAX_GEN("limits.pcie_max_gen", "pcie_max_gen", EventUnit.GENERATION, 16, "DCGM_FI_DEV_PCIE_MAX_LINK_GEN"),
    /** Largest number of PCIe lanes; {@code limits.pcie_max_width}. */
    PCIE_MAX_WIDTH("limits.pcie_max_width", "pcie_max_width", EventUnit.LANES, 64, "DCGM_FI_DEV_PCIE_MAX_LINK_WIDTH"),
    /** Number of NVLinks; {@code limits.nvlink_links}. */
    NVLINK_LINKS("limits.nvlink_links", "nvlink_links", EventUnit.LINKS, EventUnit.UNBOUNDED, ""),
    /** Number of MIG instances; {@code gpu.mig_instances}. */
    MIG_INSTANCES("gpu.mig_instances", "mig_instances", EventUnit.COUNT, EventUnit.UNBOUNDED, "");

    private static final double SLOWEST_CLOCK = 100;
    private static final Map<String, GpuReading> BY_PATH =
            Arrays.stream(values()).collect(toUnmodifiableMap(GpuReading::path, Function.identity()));

    private final String path;
    private final String column;
    private final EventUnit unit;
    private final double maximum;
    private final String metric;

    GpuReading(String path, String column, EventUnit unit, double maximum, String metric) {
        this.path = path;
        this.column = column;
        this.unit = unit;
        this.maximum = maximum;
        this.metric = metric;
    }

    /**
     * Returns the reading of a place in the JSON.
     *
     * @param path names from the outside in, with dots between
     * @return the reading, if there is one
     */
    public static Optional<GpuReading> at(String path) {
        return Optional.ofNullable(BY_PATH.get(requireNonNull(path, "path")));
    }

    /**
     * Returns the place in the JSON.
     *
     * @return for example {@code metrics.health.gpu_temp_c}
     */
    public String path() {
        return path;
    }

    /**
     * Returns the column in {@code gpu_metrics}.
     *
     * @return for example {@code gpu_temp}
     */
    public String column() {
        return column;
    }

    /**
     * Returns the number of the reading, in the order of this list, which only grows at its end: {@code gpu_metrics}
     * stores it as the place in {@code at}, and as a bit of {@code derived}.
     *
     * @return from 0
     */
    @SuppressWarnings("EnumOrdinal") // a test pins the numbers
    public int number() {
        return ordinal();
    }

    /**
     * Returns the type of the column, as PostgreSQL names it. Counters, bytes and codes are whole; {@code real} has the
     * whole numbers up to 16,777,216 exactly, and others to six digits.
     *
     * @return bigint, integer, real or double precision
     */
    public String columnType() {
        return stored().sqlName();
    }

    /** Returns the type of the column; what a collector computes has all its digits. */
    StoredType stored() {
        return this == MEMORY_UTILIZATION ? StoredType.DOUBLE : unit.stored();
    }

    /**
     * Returns the unit in the event.
     *
     * @return for example {@code C}
     */
    public String unit() {
        return unit.text();
    }

    /**
     * Returns the largest value that is accepted.
     *
     * @return infinity if there is none
     */
    public double maximum() {
        return maximum;
    }

    /**
     * Returns the range as a text.
     *
     * @return {@code 0..120} or {@code >= 0}
     */
    public String range() {
        return this == SM_CLOCK ? "0 or 100..3000" : MetricTraits.range(0, maximum);
    }

    /**
     * Returns whether a value is accepted.
     *
     * @param value a number in the unit of the event
     * @return false outside of the range
     */
    public boolean allows(double value) {
        boolean stopped = this == SM_CLOCK && value > 0 && value < SLOWEST_CLOCK;
        return value >= 0 && value <= maximum && !stopped;
    }

    /**
     * Returns whether the values are whole numbers of 64 bits: counters, codes and flags.
     *
     * @return false for measured values
     */
    public boolean isWhole() {
        return unit.isWhole();
    }

    /**
     * Returns the metric of DCGM that the reading comes from.
     *
     * @return none for what a collector computes
     */
    public Optional<GpuMetric> metric() {
        return metric.isEmpty() ? Optional.empty() : GpuMetric.known(metric);
    }

    /**
     * Returns the factor from a value of the metric to a value of the event.
     *
     * @return for example 100 from a ratio to percent
     */
    public double fromMetric() {
        return unit.fromMetric();
    }

    /**
     * Returns a value of the event in the unit of the metric, with the digits of the event: 87.1 % is the ratio 0.871.
     *
     * @param value a finite number in the unit of the event
     * @return the number that {@link #fromMetric} turns into the value
     */
    public double toMetric(double value) {
        return unit.toMetric(value);
    }

    /**
     * Returns the factor from a value of the event to a value of the column.
     *
     * @return for example 1048576 from MiB to bytes
     */
    public double toColumn() {
        return unit.toColumn();
    }

    /**
     * Returns whether a number of an event is a code of DCGM for "no value", by the rules of {@link Readings}.
     *
     * @param number the number as it was read
     * @return true if the reading is absent
     */
    public boolean isNoValue(double number) {
        if (Readings.isNoCode(number)) {
            return false;
        }
        double largest = metric().map(GpuMetric::maximum).orElse(maximum);
        ValueType type = isWhole() ? ValueType.INTEGER : ValueType.DOUBLE;
        return Readings.isNoValue(type, Math.min(largest, maximum), number, false);
    }
}
