package io.gpufleet.telemetry.testkit;

import io.gpufleet.telemetry.gpu.GpuMetric;
import java.util.Locale;

/**
 * A metric of a simulated fleet: its names, and its readings as whole numbers, or in millionths. The first ten are
 * those of a small exporter's file, the first 25 those of the usual one; behind the first 60 are those of links and of
 * the exporter itself. Source: the headers of DCGM 4.6.0, and the ranges of real fleets.
 */
enum SimulatedMetric {
    GPU_UTIL(Type.INTEGER, "DEV_GPU_UTIL", "DEV_GPU_UTIL_RATIO", "gpu_utilization", (gpu, part) -> gpu.busy() / 10),
    MEM_COPY_UTIL(
            Type.INTEGER,
            "DEV_MEM_COPY_UTIL",
            "",
            "mem_copy_utilization",
            (gpu, part) -> gpu.busy() * gpu.trait(5, 20, 80) / 1_000),
    POWER_USAGE(
            Type.DECIMAL,
            "DEV_POWER_USAGE",
            "DEV_BOARD_POWER_WATTS",
            "",
            (gpu, part) -> 1_000L * (gpu.power() + gpu.noise(30 + part.id(), 500))),
    GPU_TEMP(Type.INTEGER, "DEV_GPU_TEMP", "DEV_GPU_TEMP_CELSIUS", "", (gpu, part) -> gpu.temperature()),
    FB_USED(Type.INTEGER, "DEV_FB_USED", "", "", (gpu, part) -> gpu.usedMemory(part)),
    FB_FREE(
            Type.INTEGER,
            "DEV_FB_FREE",
            "",
            "",
            (gpu, part) ->
                    part.shareOf(gpu.model().memory) - part.shareOf(gpu.model().reserved) - gpu.usedMemory(part)),
    ENC_UTIL(Type.INTEGER, "DEV_ENC_UTIL", "", "enc_utilization", (gpu, part) -> 0),
    DEC_UTIL(Type.INTEGER, "DEV_DEC_UTIL", "", "dec_utilization", (gpu, part) -> 0),
    SM_CLOCK(
            Type.INTEGER,
            "DEV_SM_CLOCK",
            "",
            "",
            (gpu, part) -> gpu.busy() == 0
                    ? GpuModel.IDLE_CLOCK
                    : gpu.model().smClock - 15L * Math.max(0, (gpu.busy() - 900) / 10)),
    MEM_CLOCK(Type.INTEGER, "DEV_MEM_CLOCK", "", "memory_clock", (gpu, part) -> gpu.model().memoryClock),

    MEMORY_TEMP(
            Type.INTEGER,
            "DEV_MEMORY_TEMP",
            "DEV_MEMORY_TEMP_CELSIUS",
            "",
            (gpu, part) -> gpu.temperature() + 4 + gpu.busy() / 100),
    TOTAL_ENERGY_CONSUMPTION(
            Type.INTEGER,
            "DEV_TOTAL_ENERGY_CONSUMPTION",
            "",
            "",
            (gpu, part) -> gpu.model().idlePower * gpu.sinceDriverLoad()
                    + (gpu.model().fullPower - gpu.model().idlePower) * (gpu.work() / GpuLoad.FULL)),
    PCIE_REPLAY_COUNTER(
            Type.INTEGER,
            "DEV_PCIE_REPLAY_COUNTER",
            "DEV_PCIE_REPLAY_TOTAL",
            "",
            (gpu, part) -> gpu.eventsSinceDriverLoad(40, 50)),
    XID_ERRORS(Type.INTEGER, "DEV_XID_ERRORS", "DEV_XID_ERROR", "", (gpu, part) -> gpu.xid()),
    FB_RESERVED(Type.INTEGER, "DEV_FB_RESERVED", "", "", (gpu, part) -> part.shareOf(gpu.model().reserved)),
    NVLINK_BANDWIDTH_TOTAL(
            Type.INTEGER,
            "DEV_NVLINK_BANDWIDTH_TOTAL",
            "DEV_NVLINK_THROUGHPUT_TOTAL",
            "",
            (gpu, part) -> 90L * gpu.busy() + Math.max(0, gpu.noise(6, 30))),
    VGPU_LICENSE_STATUS(Type.INTEGER, "DEV_VGPU_LICENSE_STATUS", "", "", (gpu, part) -> 0),
    UNCORRECTABLE_REMAPPED_ROWS(
            Type.INTEGER,
            "DEV_UNCORRECTABLE_REMAPPED_ROWS",
            "DEV_ROW_REMAP_UNCORRECTABLE_TOTAL",
            "",
            (gpu, part) -> gpu.eventsOfLife(50, 4) / 16),
    CORRECTABLE_REMAPPED_ROWS(
            Type.INTEGER,
            "DEV_CORRECTABLE_REMAPPED_ROWS",
            "DEV_ROW_REMAP_CORRECTABLE_TOTAL",
            "",
            (gpu, part) -> gpu.eventsOfLife(60, 8) / 16),
    ROW_REMAP_FAILURE(Type.INTEGER, "DEV_ROW_REMAP_FAILURE", "DEV_ROW_REMAP_FAILED", "", (gpu, part) -> 0),
    GR_ENGINE_ACTIVE(
            Type.DECIMAL,
            "PROF_GR_ENGINE_ACTIVE",
            "PROF_GR_ENGINE_UTIL_RATIO",
            "",
            (gpu, part) -> 1_000L * gpu.busy(part)),
    PIPE_TENSOR_ACTIVE(
            Type.DECIMAL,
            "PROF_PIPE_TENSOR_ACTIVE",
            "PROF_TENSOR_UTIL_RATIO",
            "",
            (gpu, part) -> ratio(gpu, part, 400)),
    DRAM_ACTIVE(Type.DECIMAL, "PROF_DRAM_ACTIVE", "PROF_DRAM_UTIL_RATIO", "", (gpu, part) -> ratio(gpu, part, 600)),
    PCIE_TX_BYTES(
            Type.INTEGER,
            "PROF_PCIE_TX_BYTES",
            "",
            "",
            (gpu, part) -> 11_500_000L * gpu.busy() + gpu.trait(7, 0, 90_000)),
    PCIE_RX_BYTES(
            Type.INTEGER,
            "PROF_PCIE_RX_BYTES",
            "",
            "",
            (gpu, part) -> 24_000_000L * gpu.busy() + gpu.trait(8, 0, 90_000)),

    VIDEO_CLOCK(
            Type.INTEGER,
            "DEV_VIDEO_CLOCK",
            "",
            "",
            (gpu, part) -> gpu.busy() == 0 ? GpuModel.IDLE_CLOCK : gpu.model().smClock * 3L / 4),
    CLOCK_THROTTLE_REASONS(
            Type.INTEGER,
            "DEV_CLOCK_THROTTLE_REASONS",
            "DEV_CLOCKS_EVENT_REASONS",
            "",
            (gpu, part) -> gpu.throttleReasons()),
    SLOWDOWN_TEMP(Type.INTEGER, "DEV_SLOWDOWN_TEMP", "DEV_GPU_TEMP_SLOWDOWN_CELSIUS", "", (gpu, part) -> 89),
    MEM_MAX_OP_TEMP(Type.INTEGER, "DEV_MEM_MAX_OP_TEMP", "DEV_MEMORY_MAX_OP_TEMP_CELSIUS", "", (gpu, part) -> 95),
    POWER_USAGE_INSTANT(
            Type.DECIMAL,
            "DEV_POWER_USAGE_INSTANT",
            "DEV_BOARD_POWER_RAW_WATTS",
            "",
            (gpu, part) -> 1_000L * (gpu.power() + gpu.noise(9, 9_000))),
    ENFORCED_POWER_LIMIT(
            Type.DECIMAL,
            "DEV_ENFORCED_POWER_LIMIT",
            "DEV_BOARD_POWER_LIMIT_ENFORCED_WATTS",
            "",
            (gpu, part) -> 1_000_000L * (gpu.model().fullPower + 10)),
    PSTATE(Type.INTEGER, "DEV_PSTATE", "DEV_GPU_PSTATE", "", (gpu, part) -> gpu.busy() == 0 ? 8 : 0),
    FB_TOTAL(Type.INTEGER, "DEV_FB_TOTAL", "", "", (gpu, part) -> part.shareOf(gpu.model().memory)),
    FB_USED_PERCENT(
            Type.DECIMAL,
            "DEV_FB_USED_PERCENT",
            "DEV_FB_USED_RATIO",
            "",
            (gpu, part) -> 1_000_000L * gpu.usedMemory(part) / part.shareOf(gpu.model().memory)),
    PCIE_TX_THROUGHPUT(Type.INTEGER, "DEV_PCIE_TX_THROUGHPUT", "", "", (gpu, part) -> 11_200L * gpu.busy()),
    PCIE_RX_THROUGHPUT(Type.INTEGER, "DEV_PCIE_RX_THROUGHPUT", "", "", (gpu, part) -> 23_400L * gpu.busy()),
    PCIE_MAX_LINK_GEN(Type.INTEGER, "DEV_PCIE_MAX_LINK_GEN", "", "", (gpu, part) -> 5),
    PCIE_MAX_LINK_WIDTH(Type.INTEGER, "DEV_PCIE_MAX_LINK_WIDTH", "", "", (gpu, part) -> 16),
    PCIE_LINK_GEN(Type.INTEGER, "DEV_PCIE_LINK_GEN", "", "", (gpu, part) -> gpu.busy() == 0 ? 1 : 5),
    PCIE_LINK_WIDTH(Type.INTEGER, "DEV_PCIE_LINK_WIDTH", "", "", (gpu, part) -> gpu.trait(10, 0, 499) == 0 ? 8 : 16),
    POWER_VIOLATION(Type.INTEGER, "DEV_POWER_VIOLATION", "", "", (gpu, part) -> 20 * gpu.work()),
    THERMAL_VIOLATION(Type.INTEGER, "DEV_THERMAL_VIOLATION", "", "", (gpu, part) -> gpu.work() / 10),
    RELIABILITY_VIOLATION(Type.INTEGER, "DEV_RELIABILITY_VIOLATION", "", "", (gpu, part) -> 0),
    ECC_SBE_VOL_TOTAL(Type.INTEGER, "DEV_ECC_SBE_VOL_TOTAL", "", "", (gpu, part) -> gpu.eventsSinceDriverLoad(70, 40)),
    ECC_DBE_VOL_TOTAL(Type.INTEGER, "DEV_ECC_DBE_VOL_TOTAL", "", "", (gpu, part) -> gpu.eventsSinceDriverLoad(80, 3)),
    ECC_SBE_AGG_TOTAL(Type.INTEGER, "DEV_ECC_SBE_AGG_TOTAL", "", "", (gpu, part) -> gpu.eventsOfLife(70, 40)),
    ECC_DBE_AGG_TOTAL(Type.INTEGER, "DEV_ECC_DBE_AGG_TOTAL", "", "", (gpu, part) -> gpu.eventsOfLife(80, 3)),
    RETIRED_SBE(
            Type.INTEGER,
            "DEV_RETIRED_SBE",
            "DEV_PAGE_RETIRED_SBE_TOTAL",
            "",
            (gpu, part) -> gpu.eventsOfLife(90, 10) / 32),
    RETIRED_DBE(
            Type.INTEGER,
            "DEV_RETIRED_DBE",
            "DEV_PAGE_RETIRED_DBE_TOTAL",
            "",
            (gpu, part) -> gpu.eventsOfLife(100, 5) / 32),
    RETIRED_PENDING(Type.INTEGER, "DEV_RETIRED_PENDING", "DEV_PAGE_RETIRED_PENDING", "", (gpu, part) -> 0),
    ROW_REMAP_PENDING(Type.INTEGER, "DEV_ROW_REMAP_PENDING", "", "", (gpu, part) -> 0),
    NVLINK_CRC_FLIT_ERROR_COUNT_TOTAL(
            Type.INTEGER,
            "DEV_NVLINK_CRC_FLIT_ERROR_COUNT_TOTAL",
            "DEV_NVLINK_CRC_FLIT_ERROR_TOTAL",
            "",
            (gpu, part) -> gpu.eventsSinceDriverLoad(110, 20)),
    NVLINK_REPLAY_ERROR_COUNT_TOTAL(
            Type.INTEGER,
            "DEV_NVLINK_REPLAY_ERROR_COUNT_TOTAL",
            "DEV_NVLINK_REPLAY_ERROR_TOTAL",
            "",
            (gpu, part) -> gpu.eventsSinceDriverLoad(120, 20)),
    SM_ACTIVE(Type.DECIMAL, "PROF_SM_ACTIVE", "PROF_SM_UTIL_RATIO", "", (gpu, part) -> ratio(gpu, part, 920)),
    SM_OCCUPANCY(
            Type.DECIMAL, "PROF_SM_OCCUPANCY", "PROF_SM_OCCUPANCY_RATIO", "", (gpu, part) -> ratio(gpu, part, 310)),
    PIPE_FP64_ACTIVE(
            Type.DECIMAL, "PROF_PIPE_FP64_ACTIVE", "PROF_FP64_UTIL_RATIO", "", (gpu, part) -> ratio(gpu, part, 9)),
    PIPE_FP32_ACTIVE(
            Type.DECIMAL, "PROF_PIPE_FP32_ACTIVE", "PROF_FP32_UTIL_RATIO", "", (gpu, part) -> ratio(gpu, part, 110)),
    PIPE_FP16_ACTIVE(
            Type.DECIMAL, "PROF_PIPE_FP16_ACTIVE", "PROF_FP16_UTIL_RATIO", "", (gpu, part) -> ratio(gpu, part, 35)),
    NVLINK_TX_BYTES(Type.INTEGER, "PROF_NVLINK_TX_BYTES", "", "", (gpu, part) -> 410_000_000L * gpu.busy()),
    NVLINK_RX_BYTES(Type.INTEGER, "PROF_NVLINK_RX_BYTES", "", "", (gpu, part) -> 405_000_000L * gpu.busy()),

    NVLINK_TX_BANDWIDTH(Type.INTEGER, "DEV_NVLINK_TX_BANDWIDTH", "", "", (gpu, part) -> 45L * gpu.busy()),
    NVLINK_RX_BANDWIDTH(Type.INTEGER, "DEV_NVLINK_RX_BANDWIDTH", "", "", (gpu, part) -> 44L * gpu.busy()),
    EXP_XID_ERRORS_COUNT(Type.INTEGER, "XID_ERRORS_COUNT", "", "", (gpu, part) -> gpu.xid() == 0 ? 0 : 1),
    EXP_CLOCK_EVENTS_COUNT(
            Type.INTEGER, "CLOCK_EVENTS_COUNT", "", "", (gpu, part) -> gpu.throttleReasons() == 0 ? 0 : 10),
    EXP_GPU_HEALTH_STATUS(Type.INTEGER, "GPU_HEALTH_STATUS", "", "", (gpu, part) -> gpu.xid() == 0 ? 0 : 20);

    /** The type of a metric's values. */
    enum Type {
        /** Written as digits. */
        INTEGER,
        /** Written with six places behind the point. */
        DECIMAL
    }

    /** The readings of a metric. */
    @FunctionalInterface
    interface Curve {
        /** Returns a whole number, or millionths. */
        long at(GpuMoment gpu, GpuPart part);
    }

    private static final String PREFIX = "DCGM_FI_";
    private static final String DEVICE = "DEV_";

    private final Type type;
    private final String name;
    private final String since46;
    private final String first;

    @SuppressWarnings("ImmutableEnumChecker") // the curves have no state
    private final Curve curve;

    @SuppressWarnings("ImmutableEnumChecker") // a metric is immutable
    private final GpuMetric stored;

    SimulatedMetric(Type type, String name, String since46, String first, Curve curve) {
        this.type = type;
        String prefix = name().startsWith("EXP_") ? "DCGM_EXP_" : PREFIX;
        this.name = prefix + name;
        this.since46 = prefix + (since46.isEmpty() ? name : since46);
        this.first = "dcgm_" + (first.isEmpty() ? firstName(name) : first);
        this.curve = curve;
        this.stored = GpuMetric.named(this.name);
    }

    private static String firstName(String name) {
        String rest = name.startsWith(DEVICE) ? name.substring(DEVICE.length()) : name;
        return rest.toLowerCase(Locale.ROOT);
    }

    /** Returns a part of the load as millionths. */
    private static long ratio(GpuMoment gpu, GpuPart part, int ofThousand) {
        return (long) gpu.busy(part) * ofThousand + (gpu.busy(part) == 0 ? 0 : gpu.trait(ofThousand, 0, 999));
    }

    String name(GpuFleetGenerator.Names names) {
        return switch (names) {
            case BEFORE_4_6 -> name;
            case SINCE_4_6 -> since46;
            case FIRST_EXPORTERS -> first;
        };
    }

    /** Returns the metric that samples are stored with. */
    GpuMetric stored() {
        return stored;
    }

    /** Returns a number that no other metric has. */
    int number() {
        return stored.fieldId() == 0 ? name.hashCode() : stored.fieldId();
    }

    boolean isDecimal() {
        return type == Type.DECIMAL;
    }

    /** Returns whether exporters have no reading of it for a MIG instance. */
    boolean isOfWholeGpus() {
        return this == GPU_UTIL || this == MEM_COPY_UTIL || this == ENC_UTIL || this == DEC_UTIL;
    }

    /** Returns the reading: a whole number, or millionths of a decimal one. */
    long at(GpuMoment gpu, GpuPart part) {
        return curve.at(gpu, part);
    }
}
