package io.gpufleet.telemetry.examples.rest.gpus;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.gpufleet.telemetry.jdbc.query.FleetReading;
import io.gpufleet.telemetry.jdbc.query.FleetSummary;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The state of all GPUs. Immutable.
 *
 * @param time the time of it
 * @param gpus the number of GPUs that samples were stored of
 * @param hosts the number of their hosts
 * @param reporting the number of GPUs with a sample in the last two intervals
 * @param quiet the other ones, the longest silent first, 100 at most
 * @param readings the readings of the GPUs that report, by the columns of the table gpu_metrics
 * @param energyJoules the energy that they have used since their drivers were loaded; null if none tells it
 */
@Schema(description = "The state of all GPUs, from the newest reading of each of them")
record Fleet(
        Instant time,
        long gpus,
        long hosts,
        long reporting,

        @Schema(description = "The GPUs that do not report, the longest silent first, 100 at most")
        List<Gpu> quiet,

        @Schema(description = "By column of the table gpu_metrics, in its unit")
        Map<String, Reading> readings,

        @Schema(types = {"number", "null"}) @JsonProperty("energy_joules") @Nullable
        Double energyJoules) {
    /**
     * A reading over the GPUs that have it.
     *
     * @param gpus the number of these GPUs
     * @param sum the sum of their newest values
     * @param mean the mean of these
     */
    @Schema(name = "FleetReading", description = "A reading over the GPUs that have it")
    record Reading(long gpus, double sum, double mean) {}

    static Fleet of(FleetSummary fleet) {
        Map<String, Reading> readings = new TreeMap<>();
        fleet.readings().forEach((reading, values) -> readings.put(reading.column(), of(values)));
        return new Fleet(
                fleet.time(),
                fleet.gpus(),
                fleet.hosts(),
                fleet.reporting(),
                fleet.quiet().stream().map(Gpu::of).toList(),
                readings,
                fleet.energyJoules().isPresent() ? fleet.energyJoules().getAsDouble() : null);
    }

    private static Reading of(FleetReading values) {
        return new Reading(values.gpus(), values.sum(), values.mean());
    }
}
