package io.gpufleet.telemetry.benchmarks.gpu;

import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.gpu.GpuMetricsSink;
import io.gpufleet.telemetry.jdbc.gpu.GpuSampleSink;
import java.util.Locale;
import javax.sql.DataSource;

/** The form in which samples are stored. */
enum SampleForm {
    /** A row for each sample. */
    LONG("gpu_sample", 1),
    /** A row for each GPU and scrape. */
    WIDE("gpu_metrics", ScrapeBacklog.METRICS);

    private final String table;
    private final int samplesOfARow;

    SampleForm(String table, int samplesOfARow) {
        this.table = table;
        this.samplesOfARow = samplesOfARow;
    }

    String table() {
        return table;
    }

    /** Returns the number of samples in a full row. */
    int samplesOfARow() {
        return samplesOfARow;
    }

    PostgresSink<GpuSample> sink(DataSource dataSource) {
        return this == LONG ? GpuSampleSink.create(dataSource) : GpuMetricsSink.create(dataSource);
    }

    /** Returns the name of a row of the table of results. */
    String row(String what, int lanes) {
        return what + ", " + this + ", " + lanes + (lanes == 1 ? " lane" : " lanes");
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
