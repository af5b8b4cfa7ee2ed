package io.gpufleet.telemetry.jdbc;

/** The layout of the table of GPU samples. */
public enum GpuLayout {
    /**
     * The table {@code gpu_sample} with numbers in place of texts, and {@code gpu_telemetry} as a view with the texts:
     * about 140 bytes a sample.
     */
    NUMBERED,
    /** The table {@code gpu_telemetry} with all texts in every row, for those who have programs that write to it. */
    FLAT
}
