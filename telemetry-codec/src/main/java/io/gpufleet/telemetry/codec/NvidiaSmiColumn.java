package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.gpu.GpuMetric;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A column of nvidia-smi that is a metric of DCGM. Immutable.
 *
 * @param metric the metric
 * @param unit the unit of the cells, which is DCGM's too; empty if they have none
 * @param content what the cells hold
 */
record NvidiaSmiColumn(GpuMetric metric, String unit, Content content) {

    /** What a cell holds. */
    enum Content {
        /** A number, with or without its unit. */
        NUMBER,
        /** {@code P8}. */
        STATE,
        /** {@code 0x0000000000000004}, or {@code Not Active}. */
        BITS,
        /** {@code Yes} or {@code No}, {@code Enabled} or {@code Disabled}. */
        FLAG
    }

    private static final Map<String, NvidiaSmiColumn> COLUMNS = new HashMap<>();
    private static final Map<String, String> WORDS =
            Map.of("not active", "0", "yes", "1", "no", "0", "enabled", "1", "disabled", "0");

    private static final Map<String, GpuMetric> TELEGRAF = new HashMap<>();

    static {
        add("GPU_TEMP", "", "temperature.gpu");
        add("MEMORY_TEMP", "", "temperature.memory");
        add("GPU_UTIL", "%", "utilization.gpu");
        add("MEM_COPY_UTIL", "%", "utilization.memory");
        add("ENC_UTIL", "%", "utilization.encoder");
        add("DEC_UTIL", "%", "utilization.decoder");
        add("FB_USED", "MiB", "memory.used");
        add("FB_FREE", "MiB", "memory.free");
        add("FB_TOTAL", "MiB", "memory.total");
        add("FB_RESERVED", "MiB", "memory.reserved");
        add("POWER_USAGE", "W", "power.draw");
        add("POWER_USAGE_INSTANT", "W", "power.draw.instant");
        add("POWER_MGMT_LIMIT", "W", "power.limit");
        add("ENFORCED_POWER_LIMIT", "W", "enforced.power.limit");
        add("SM_CLOCK", "MHz", "clocks.current.sm", "clocks.sm");
        add("MEM_CLOCK", "MHz", "clocks.current.memory", "clocks.mem");
        add("VIDEO_CLOCK", "MHz", "clocks.current.video", "clocks.video");
        add("FAN_SPEED", "%", "fan.speed");
        add("PCIE_LINK_GEN", "", "pcie.link.gen.current");
        add("PCIE_LINK_WIDTH", "", "pcie.link.width.current");
        add("ECC_SBE_VOL_TOTAL", "", "ecc.errors.corrected.volatile.total");
        add("ECC_DBE_VOL_TOTAL", "", "ecc.errors.uncorrected.volatile.total");
        add("ECC_SBE_AGG_TOTAL", "", "ecc.errors.corrected.aggregate.total");
        add("ECC_DBE_AGG_TOTAL", "", "ecc.errors.uncorrected.aggregate.total");
        add("RETIRED_SBE", "", "retired_pages.single_bit_ecc.count");
        add("RETIRED_DBE", "", "retired_pages.double_bit.count");
        add("CORRECTABLE_REMAPPED_ROWS", "", "remapped_rows.correctable");
        add("UNCORRECTABLE_REMAPPED_ROWS", "", "remapped_rows.uncorrectable");
        add(Content.STATE, "PSTATE", "pstate");
        add(Content.BITS, "CLOCK_THROTTLE_REASONS", "clocks_event_reasons.active", "clocks_throttle_reasons.active");
        add(Content.FLAG, "ROW_REMAP_FAILURE", "remapped_rows.failure");
        add(Content.FLAG, "ROW_REMAP_PENDING", "remapped_rows.pending");
        add(Content.FLAG, "MIG_MODE", "mig.mode.current");
    }

    private static void add(String metric, String unit, String... names) {
        put(new NvidiaSmiColumn(metric(metric), unit, Content.NUMBER), names);
    }

    private static void add(Content content, String metric, String... names) {
        put(new NvidiaSmiColumn(metric(metric), "", content), names);
    }

    private static GpuMetric metric(String name) {
        return GpuMetric.known("DCGM_FI_DEV_" + name).orElseThrow();
    }

    private static void put(NvidiaSmiColumn column, String... names) {
        for (String name : names) {
            COLUMNS.put(name, column);
            if (column.content() == Content.NUMBER) {
                TELEGRAF.put(name.replace('.', '_'), column.metric());
            }
        }
    }

    /** Returns the column of a name, in small letters, if it is a metric. */
    static @Nullable NvidiaSmiColumn named(String name) {
        return COLUMNS.get(name);
    }

    /** Returns the metric of a field of Telegraf, which has nvidia-smi's names and units, with underscores. */
    static Optional<GpuMetric> ofTelegraf(String field) {
        return Optional.ofNullable(TELEGRAF.get(field));
    }

    /**
     * Returns the number of a cell as a text.
     *
     * @param cell a cell that has a value
     * @param header the unit in the column's name, may be empty
     * @throws CodecException if it holds something else
     */
    String number(String cell, String header) {
        return switch (content) {
            case NUMBER -> withoutUnit(cell, header);
            case STATE -> cell.startsWith("P") ? cell.substring(1) : cell;
            case BITS -> cell.startsWith("0x") ? bits(cell) : word(cell);
            case FLAG -> word(cell);
        };
    }

    private String withoutUnit(String cell, String header) {
        int blank = cell.indexOf(' ');
        String found = blank < 0 ? header : cell.substring(blank).strip();
        String number = blank < 0 ? cell : cell.substring(0, blank);
        if (!found.isEmpty() && !found.equals(unit)) {
            String fault = new NumberReader().read(number)
                    ? " is not in " + (unit.isEmpty() ? "1" : unit)
                    : " is not a number";
            throw new CodecException("value " + Quotation.of(cell) + fault, 0);
        }
        return number;
    }

    private static String bits(String cell) {
        try {
            return Long.toUnsignedString(Long.parseUnsignedLong(cell, 2, cell.length(), 16));
        } catch (NumberFormatException noBits) {
            return cell;
        }
    }

    private static String word(String cell) {
        return WORDS.getOrDefault(cell.toLowerCase(Locale.ROOT), cell);
    }
}
