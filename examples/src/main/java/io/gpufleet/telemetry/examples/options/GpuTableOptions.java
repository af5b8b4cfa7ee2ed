package io.gpufleet.telemetry.examples.options;

import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.gpu.WideRows;
import java.time.Duration;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options for the tables of GPU samples: a picocli mixin. Not thread-safe. */
public final class GpuTableOptions {
    @Option(
            names = "--layout",
            paramLabel = "<layout>",
            defaultValue = "${env:TELEMETRY_LAYOUT}",
            description = {
                "The tables: ${COMPLETION-CANDIDATES}, else from TELEMETRY_LAYOUT (default: long).",
                "Long has each sample, wide a row for all readings of a GPU at one time.",
                "After a change from long to both, samples that are stored already stay out of the wide rows, also if"
                        + " they are read again: read them once with layout wide, as another group."
            })
    private @Nullable GpuTableLayout layout;

    @Option(
            names = "--grid",
            paramLabel = "<time>",
            converter = TimeSpan.Grid.class,
            description = {
                "The interval of wide rows for records that hold one sample each, as 30s or 1m.",
                "Otherwise a row has the samples of one record."
            })
    private Optional<Duration> grid = Optional.empty();

    /**
     * Checks that the options fit together.
     *
     * @throws IllegalArgumentException if an interval is given for tables without wide rows
     */
    public void check() {
        checkGrid("--layout=wide and --layout=both");
    }

    private void checkGrid(String allowed) {
        if (grid.isPresent() && chosen() == GpuTableLayout.LONG) {
            throw new IllegalArgumentException("--grid: has no effect with --layout=" + chosen()
                    + ", which has a row for each sample; allowed: " + allowed);
        }
    }

    /**
     * Checks that the tables have a row for each sample, and that the options fit together.
     *
     * @throws IllegalArgumentException if they have wide rows only, or if an interval is given for tables without any
     */
    public void requireSamples() {
        if (chosen() == GpuTableLayout.WIDE) {
            throw new IllegalArgumentException("--layout: " + chosen() + " has no row for each sample, by which a move"
                    + " proves itself; allowed: --layout=long and --layout=both");
        }
        checkGrid("--layout=both");
    }

    private GpuTableLayout chosen() {
        return layout == null ? GpuTableLayout.LONG : layout;
    }

    /**
     * Returns whether the tables are named.
     *
     * @return false if they are the usual ones
     */
    public boolean isNamed() {
        return layout != null;
    }

    /**
     * Starts the sink for the tables.
     *
     * @param pool the source of connections
     * @param samples the layout of the table of samples
     * @return a builder
     */
    public PostgresSink.Builder<GpuSample> sink(DataSource pool, GpuLayout samples) {
        return chosen().sink(pool, samples, grid.map(WideRows::inGrid).orElseGet(WideRows::ofMessages));
    }
}
