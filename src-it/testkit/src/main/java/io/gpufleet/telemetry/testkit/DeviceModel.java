package io.gpufleet.telemetry.testkit;

/** The devices of a simulated fleet: PCI ids, and the figures of their makers. */
enum DeviceModel {
    TESLA_T4(0x10de, 0x1eb8, 16, 70, 65),
    L4(0x10de, 0x27b8, 24, 72, 121),
    RTX_4090(0x10de, 0x2684, 24, 450, 165),
    L40S(0x10de, 0x26b9, 48, 350, 362),
    A100_PCIE_80GB(0x10de, 0x20b5, 80, 300, 312),
    H100_SXM5(0x10de, 0x2330, 80, 700, 989),
    MI300X(0x1002, 0x74a1, 192, 750, 1307);

    final int vendorId;
    final int deviceId;
    final int memoryGb;
    final int powerLimitWatts;
    final int tflops;

    DeviceModel(int vendorId, int deviceId, int memoryGb, int powerLimitWatts, int tflops) {
        this.vendorId = vendorId;
        this.deviceId = deviceId;
        this.memoryGb = memoryGb;
        this.powerLimitWatts = powerLimitWatts;
        this.tflops = tflops;
    }
}
