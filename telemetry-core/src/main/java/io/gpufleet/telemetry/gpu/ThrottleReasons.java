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

    /** The reasons by their bits, the lowest first. */
    private enum Reason {
        GPU_IDLE(1),
        CLOCKS_SETTING(2),
        SW_POWER_CAP(4),
        HW_SLOWDOWN(8),
        SYNC_BOOST(16),
        SW_THERMAL(32),
        HW_THERMAL(64),
        HW_POWER_BRAKE(128),
        DISPLAY_CLOCKS(256);

        private final long bit;

        Reason(long bit) {
            this.bit = bit;
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

    private boolean has(Reason reason) {
        return (mask & reason.bit) != 0;
    }

    /**
     * Returns the names of the reasons: GPU_IDLE, CLOCKS_SETTING, SW_POWER_CAP, HW_SLOWDOWN, SYNC_BOOST, SW_THERMAL,
     * HW_THERMAL, HW_POWER_BRAKE and DISPLAY_CLOCKS, for the bits 1 to 256.
     *
     * @return the names in the order of their bits
     */
    public List<String> names() {
        List<String> names = new ArrayList<>();
        for (Reason reason : Reason.values()) {
            if (has(reason)) {
                names.add(reason.name());
            }
        }
        return List.copyOf(names);
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
     * Returns whether software keeps the GPU at its power limit, which is no throttling.
     *
     * @return true at the limit
     */
    public boolean isPowerCapped() {
        return has(Reason.SW_POWER_CAP);
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
