package io.gpufleet.telemetry.examples.options;

import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.gpu.GpuMetricsSink;
import io.gpufleet.telemetry.jdbc.gpu.GpuSampleSink;
import io.gpufleet.telemetry.jdbc.gpu.WideRows;
import java.util.Locale;
import javax.sql.DataSource;

/** The tables for GPU samples. */
enum GpuTableLayout {
    /** A row for each sample. */
    LONG,
    /** A row for all readings of a GPU at one time. */
    WIDE,
    /** Both, written in one transaction. */
    BOTH;

    PostgresSink.Builder<GpuSample> sink(DataSource pool, GpuLayout samples, WideRows rows) {
        return switch (this) {
            case LONG -> GpuSampleSink.builder(pool, samples);
            case WIDE -> GpuMetricsSink.builder(pool, rows);
            case BOTH -> GpuMetricsSink.addTo(GpuSampleSink.builder(pool, samples), rows);
        };
    }

    /** Returns the name as it is given. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
