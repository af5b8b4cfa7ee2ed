package io.gpufleet.telemetry.gpu;

import java.util.ArrayList;
import java.util.List;

/**
 * The reasons for lower clocks, the bits of DCGM's field 112 ({@link GpuMetric#CLOCK_THROTTLE_REASONS}).
 *
 * <p>Not every reason is throttling: an idle GPU, an operator's setting of the clocks and a GPU at its power limit are
 * as they should be. Immutable.
 *
 * @param mask the bits, 0 or more; those without a name are kept
 */
public record ThrottleReasons(long mask) {

    /** One reason, a bit of the mask. */
    public enum Reason {
        /** Nothing runs; bit 1. */
        GPU_IDLE(1),
        /** The setting of the applications clocks; bit 2. */
        CLOCKS_SETTING(2),
        /** The power limit, kept by software; bit 4. */
        SW_POWER_CAP(4),
        /** The hardware halves the clocks, or more: too hot, or too much power; bit 8. */
        HW_SLOWDOWN(8),
        /** The clocks of a group of GPUs; bit 16. */
        SYNC_BOOST(16),
        /** Too hot, kept by software; bit 32. */
        SW_THERMAL(32),
        /** Too hot, the hardware halves the clocks, or more; bit 64. */
        HW_THERMAL(64),
        /** The power supply asks for less, the hardware halves the clocks, or more; bit 128. */
        HW_POWER_BRAKE(128),
        /** The setting of the display's clocks; bit 256. */
        DISPLAY_CLOCKS(256);

        private final long bit;

        Reason(long bit) {
            this.bit = bit;
        }

        /**
         * Returns the bit of this reason.
         *
         * @return a power of two
         */
        public long bit() {
            return bit;
        }
    }

    private static final long SOFTWARE_OR_HARDWARE_THERMAL = Reason.SW_THERMAL.bit | Reason.HW_THERMAL.bit;
    private static final long THROTTLED =
            Reason.HW_SLOWDOWN.bit | SOFTWARE_OR_HARDWARE_THERMAL | Reason.HW_POWER_BRAKE.bit;

    /**
     * Checks the mask.
     *
     * @param mask as the component
     */
    public ThrottleReasons {
        if (mask < 0) {
            throw new IllegalArgumentException("mask: " + mask + " is not 0 or more");
        }
    }

    /**
     * Returns whether a reason is among these.
     *
     * @param reason a reason
     * @return whether its bit is set
     */
    public boolean has(Reason reason) {
        return (mask & reason.bit) != 0;
    }

    /**
     * Returns the reasons with a name.
     *
     * @return the reasons in the order of their bits
     */
    public List<Reason> reasons() {
        List<Reason> reasons = new ArrayList<>();
        for (Reason reason : Reason.values()) {
            if (has(reason)) {
                reasons.add(reason);
            }
        }
        return List.copyOf(reasons);
    }

    /**
     * Returns whether the GPU is slowed down against its will: by a hardware slowdown, by heat or by the power brake.
     *
     * @return false for the reasons that are no fault
     */
    public boolean isThrottled() {
        return (mask & THROTTLED) != 0;
    }

    /**
     * Returns whether the reason is heat: a thermal reason, or a hardware slowdown that is not due to the power brake.
     *
     * @return true for heat
     */
    public boolean isThermal() {
        return (mask & SOFTWARE_OR_HARDWARE_THERMAL) != 0 || (has(Reason.HW_SLOWDOWN) && !has(Reason.HW_POWER_BRAKE));
    }

    /**
     * Returns whether the reason is the power supply's brake.
     *
     * @return true for the power brake
     */
    public boolean isPowerBrake() {
        return has(Reason.HW_POWER_BRAKE);
    }

    /**
     * Returns whether the GPU is idle.
     *
     * @return whether the bit of idleness is set
     */
    public boolean isIdle() {
        return has(Reason.GPU_IDLE);
    }
}
