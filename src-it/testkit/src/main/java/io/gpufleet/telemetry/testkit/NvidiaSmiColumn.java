package io.gpufleet.telemetry.testkit;

import java.util.EnumMap;
import java.util.HexFormat;
import java.util.Map;

/**
 * A column of nvidia-smi.
 *
 * @param name its name
 * @param unit its unit, empty for none
 * @param content what its cells hold
 */
record NvidiaSmiColumn(String name, String unit, Content content) {
    /** What cells hold. */
    enum Content {
        /** A number with its unit. */
        NUMBER,
        /** A number with two places and its unit. */
        HUNDREDTHS,
        /** {@code P8}. */
        STATE,
        /** Bits in hexadecimal digits. */
        BITS,
        /** {@code Yes} or {@code No}. */
        FLAG
    }

    private static final long MILLIONTHS_OF_HUNDREDTH = 10_000;
    private static final double HUNDRED = 100;
    private static final int BYTES = 16;
    private static final String MEBIBYTE = "MiB";
    private static final String MEGAHERTZ = "MHz";
    private static final Map<SimulatedMetric, NvidiaSmiColumn> COLUMNS = new EnumMap<>(SimulatedMetric.class);

    static {
        add(SimulatedMetric.GPU_TEMP, "temperature.gpu", "");
        add(SimulatedMetric.MEMORY_TEMP, "temperature.memory", "");
        add(SimulatedMetric.GPU_UTIL, "utilization.gpu", "%");
        add(SimulatedMetric.MEM_COPY_UTIL, "utilization.memory", "%");
        add(SimulatedMetric.ENC_UTIL, "utilization.encoder", "%");
        add(SimulatedMetric.DEC_UTIL, "utilization.decoder", "%");
        add(SimulatedMetric.FB_USED, "memory.used", MEBIBYTE);
        add(SimulatedMetric.FB_FREE, "memory.free", MEBIBYTE);
        add(SimulatedMetric.FB_TOTAL, "memory.total", MEBIBYTE);
        add(SimulatedMetric.FB_RESERVED, "memory.reserved", MEBIBYTE);
        add(SimulatedMetric.POWER_USAGE, "power.draw", "W");
        add(SimulatedMetric.POWER_USAGE_INSTANT, "power.draw.instant", "W");
        add(SimulatedMetric.ENFORCED_POWER_LIMIT, "enforced.power.limit", "W");
        add(SimulatedMetric.SM_CLOCK, "clocks.current.sm", MEGAHERTZ);
        add(SimulatedMetric.MEM_CLOCK, "clocks.current.memory", MEGAHERTZ);
        add(SimulatedMetric.VIDEO_CLOCK, "clocks.current.video", MEGAHERTZ);
        add(SimulatedMetric.PCIE_LINK_GEN, "pcie.link.gen.current", "");
        add(SimulatedMetric.PCIE_LINK_WIDTH, "pcie.link.width.current", "");
        add(SimulatedMetric.ECC_SBE_VOL_TOTAL, "ecc.errors.corrected.volatile.total", "");
        add(SimulatedMetric.ECC_DBE_VOL_TOTAL, "ecc.errors.uncorrected.volatile.total", "");
        add(SimulatedMetric.ECC_SBE_AGG_TOTAL, "ecc.errors.corrected.aggregate.total", "");
        add(SimulatedMetric.ECC_DBE_AGG_TOTAL, "ecc.errors.uncorrected.aggregate.total", "");
        add(SimulatedMetric.RETIRED_SBE, "retired_pages.single_bit_ecc.count", "");
        add(SimulatedMetric.RETIRED_DBE, "retired_pages.double_bit.count", "");
        add(SimulatedMetric.CORRECTABLE_REMAPPED_ROWS, "remapped_rows.correctable", "");
        add(SimulatedMetric.UNCORRECTABLE_REMAPPED_ROWS, "remapped_rows.uncorrectable", "");
        COLUMNS.put(SimulatedMetric.PSTATE, new NvidiaSmiColumn("pstate", "", Content.STATE));
        COLUMNS.put(
                SimulatedMetric.CLOCK_THROTTLE_REASONS,
                new NvidiaSmiColumn("clocks_event_reasons.active", "", Content.BITS));
        COLUMNS.put(SimulatedMetric.ROW_REMAP_FAILURE, new NvidiaSmiColumn("remapped_rows.failure", "", Content.FLAG));
        COLUMNS.put(SimulatedMetric.ROW_REMAP_PENDING, new NvidiaSmiColumn("remapped_rows.pending", "", Content.FLAG));
    }

    private static void add(SimulatedMetric metric, String name, String unit) {
        Content content = metric.isDecimal() ? Content.HUNDREDTHS : Content.NUMBER;
        COLUMNS.put(metric, new NvidiaSmiColumn(name, unit, content));
    }

    static boolean has(SimulatedMetric metric) {
        return COLUMNS.containsKey(metric);
    }

    /** Returns the column of a metric. */
    static NvidiaSmiColumn of(SimulatedMetric metric) {
        NvidiaSmiColumn column = COLUMNS.get(metric);
        if (column == null) {
            throw new IllegalArgumentException("metric: " + metric + " is no column of nvidia-smi");
        }
        return column;
    }

    /** Returns the name with the unit. */
    String header() {
        return unit.isEmpty() ? name : name + " [" + unit + ']';
    }

    /** Returns the number that a cell holds. */
    double number(SampleRow row) {
        long hundredths = row.value() / MILLIONTHS_OF_HUNDREDTH;
        return content == Content.HUNDREDTHS ? hundredths / HUNDRED : row.number();
    }

    /** Returns the cell of a reading. */
    String cell(SampleRow row) {
        long value = row.value();
        return switch (content) {
            case NUMBER -> withUnit(Long.toString(value));
            case HUNDREDTHS -> {
                ByteText number = new ByteText(BYTES);
                long hundredths = value / MILLIONTHS_OF_HUNDREDTH;
                number.add(hundredths / (long) HUNDRED, 1).add('.').add(hundredths % (long) HUNDRED, 2);
                yield withUnit(number.toString());
            }
            case STATE -> "P" + value;
            case BITS -> value == 0 ? "Not Active" : "0x" + HexFormat.of().toHexDigits(value);
            case FLAG -> value == 0 ? "No" : "Yes";
        };
    }

    private String withUnit(String number) {
        return unit.isEmpty() ? number : number + ' ' + unit;
    }
}
