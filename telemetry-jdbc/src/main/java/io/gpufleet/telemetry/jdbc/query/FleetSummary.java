package io.gpufleet.telemetry.jdbc.query;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.gpu.GpuReading;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * The state of all GPUs at a time, from the newest reading of each of them. Immutable.
 *
 * @param time the time
 * @param gpus the number of GPUs that samples were stored of
 * @param hosts the number of their hosts
 * @param reporting the number of GPUs with a sample in the last two intervals
 * @param quiet the other GPUs, the longest silent first; the first {@value #MOST_QUIET} of them
 * @param readings the readings of the GPUs that report, without those that none of them has; unmodifiable
 */
public record FleetSummary(
        Instant time,
        long gpus,
        long hosts,
        long reporting,
        List<StoredGpu> quiet,
        Map<GpuReading, FleetReading> readings) {
    /** The most quiet GPUs of a list. */
    public static final int MOST_QUIET = 100;

    private static final double MILLIJOULES = 1_000;

    /**
     * Copies the list and the map.
     *
     * @param time as the component
     * @param gpus as the component
     * @param hosts as the component
     * @param reporting as the component
     * @param quiet as the component
     * @param readings as the component
     */
    public FleetSummary {
        requireNonNull(time, "time");
        quiet = List.copyOf(quiet);
        readings = Map.copyOf(readings);
    }

    /**
     * Returns the energy that the GPUs that report have used since their drivers were loaded.
     *
     * @return joules; absent if no GPU tells it
     */
    public OptionalDouble energyJoules() {
        FleetReading energy = readings.get(GpuReading.ENERGY);
        return energy == null ? OptionalDouble.empty() : OptionalDouble.of(energy.sum() / MILLIJOULES);
    }
}
