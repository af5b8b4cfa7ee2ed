package io.gpufleet.telemetry.jdbc.query;

/**
 * A reading over the GPUs of a fleet that have it. Immutable.
 *
 * @param gpus the number of these GPUs, at least 1
 * @param sum the sum of their newest values, in the unit of the reading's column
 */
public record FleetReading(long gpus, double sum) {
    /**
     * Returns the mean of the newest values.
     *
     * @return the sum by the number of GPUs
     */
    public double mean() {
        return sum / gpus;
    }

    FleetReading plus(FleetReading other) {
        return new FleetReading(gpus + other.gpus, sum + other.sum);
    }
}
