package io.gpufleet.telemetry.testkit;

import java.util.Locale;

/**
 * The identity of a GPU of the fleet.
 *
 * @param seed its noise
 * @param index its number on its host
 * @param uuid its UUID
 * @param model its model
 */
record SimulatedGpu(long seed, int index, String uuid, GpuModel model) {
    private static final String[] BUSES = {"18", "2A", "3A", "5D", "9A", "AB", "BA", "DB"};

    static SimulatedGpu of(long seed, int index, GpuModel model) {
        return new SimulatedGpu(seed, index, uuid(Noise.of(seed, -1), Noise.of(seed, -2)), model);
    }

    private static String uuid(long high, long low) {
        return String.format(
                Locale.ROOT,
                "GPU-%08x-%04x-4%03x-%04x-%012x",
                high >>> 32,
                high >>> 16 & 0xffff,
                high & 0xfff,
                0x8000 | (low >>> 48 & 0x3fff),
                low & 0xffff_ffff_ffffL);
    }

    String device() {
        return "nvidia" + index;
    }

    String pciBusId() {
        return "00000000:" + BUSES[index] + ":00.0";
    }
}
