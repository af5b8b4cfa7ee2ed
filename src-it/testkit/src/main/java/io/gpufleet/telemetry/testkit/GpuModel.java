package io.gpufleet.telemetry.testkit;

import java.util.List;

/**
 * The GPUs of a simulated fleet, with the figures that their exporters show. Memory in MiB, power in W, clocks in MHz.
 */
enum GpuModel {
    H100("NVIDIA H100 80GB HBM3", 81_559, 552, 72, 684, 1980, 2619, 10),
    H200("NVIDIA H200", 143_771, 615, 76, 694, 1980, 3201, 18),
    A100("NVIDIA A100-SXM4-80GB", 81_920, 769, 55, 400, 1410, 1593, 10),
    L40S("NVIDIA L40S", 46_068, 598, 33, 345, 2520, 9001, 0),
    B200("NVIDIA B200", 183_359, 720, 140, 990, 1965, 3996, 23);

    /** The clock of an idle GPU. */
    static final int IDLE_CLOCK = 345;

    final String label;
    final int memory;
    final int reserved;
    final int idlePower;
    final int fullPower;
    final int smClock;
    final int memoryClock;
    private final int gigabytesOfSlice;

    GpuModel(
            String label,
            int memory,
            int reserved,
            int idlePower,
            int fullPower,
            int smClock,
            int memoryClock,
            int gigabytesOfSlice) {
        this.label = label;
        this.memory = memory;
        this.reserved = reserved;
        this.idlePower = idlePower;
        this.fullPower = fullPower;
        this.smClock = smClock;
        this.memoryClock = memoryClock;
        this.gigabytesOfSlice = gigabytesOfSlice;
    }

    /** Returns the model of a label. */
    static GpuModel labelled(String label) {
        for (GpuModel model : values()) {
            if (model.label.equals(label)) {
                return model;
            }
        }
        throw new IllegalArgumentException("models: \"" + label + "\" is not one of " + labels());
    }

    private static List<String> labels() {
        return List.of(values()).stream().map(model -> model.label).toList();
    }

    /** Returns whether it can be split into MIG instances, and has links. */
    boolean isForDataCenters() {
        return gigabytesOfSlice > 0;
    }

    /** Returns the name of the profile of a MIG instance. */
    String profile(int slices) {
        // Three slices have as much memory as four.
        int eighths = slices == 3 ? 4 : slices;
        return slices + "g." + eighths * gigabytesOfSlice + "gb";
    }
}
