package io.gpufleet.telemetry.jdbc.gpu;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.gpu.GpuMetricsRow;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How samples come into the rows of {@code gpu_metrics}. Immutable.
 *
 * <p>Where a message has all samples of a scrape, its samples are joined, since the metrics of one scrape differ in
 * time by some seconds. Where every sample is a message of its own, as in CSV and JSON, the rows are the cells of a
 * grid: the stored rows then depend on the set of samples only. One group uses the same rows all the time: a grid finds
 * its readings by times that the rows of messages do not have.
 */
public final class WideRows {
    private static final Duration DEFAULT_TOLERANCE = Duration.ofSeconds(15);

    private final Duration length;
    private final boolean inGrid;

    private WideRows(Duration length, boolean inGrid) {
        this.length = length;
        this.inGrid = inGrid;
    }

    /**
     * Returns the rows of messages with a tolerance of 15 s.
     *
     * @return the default
     */
    public static WideRows ofMessages() {
        return ofMessages(DEFAULT_TOLERANCE);
    }

    /**
     * Returns the rows of messages: a sample joins the row of its GPU whose first sample is not earlier by more than
     * the tolerance, if the row has no reading of its metric.
     *
     * @param tolerance 0 or more, less than the interval of scrapes
     * @return rows
     */
    public static WideRows ofMessages(Duration tolerance) {
        GpuMetricsRow.join(List.of(), sample -> true, tolerance);
        return new WideRows(tolerance, false);
    }

    /**
     * Returns the rows of a grid of times: {@code date_bin(grid, time, '1970-01-01 00:00:00+00')}. A row has the newest
     * reading of each metric in its cell; of one time, the largest.
     *
     * @param grid the length of a cell, best the interval of scrapes: 1 µs to 30 min
     * @return rows
     */
    public static WideRows inGrid(Duration grid) {
        GpuMetricsRow.inGrid(List.of(), grid);
        return new WideRows(requireNonNull(grid, "grid"), true);
    }

    /** Returns the tolerance; absent for a grid. */
    Optional<Duration> tolerance() {
        return inGrid ? Optional.empty() : Optional.of(length);
    }

    /** Returns the length of a cell; absent for messages. */
    Optional<Duration> grid() {
        return inGrid ? Optional.of(length) : Optional.empty();
    }

    @Override
    public String toString() {
        return "WideRows[" + (inGrid ? "grid=" : "tolerance=") + length + "]";
    }
}
