package io.gpufleet.telemetry.benchmarks.pipeline;

import java.util.OptionalDouble;

/**
 * What one round of a row took, from the first record to the moment at which the last one was durable. Immutable.
 *
 * @param records how many heartbeats were done
 * @param seconds how long that took
 * @param clientCpuSeconds the time of all processors in the JVM that did it
 * @param serverCpuSeconds the time of all processors in PostgreSQL, where the system reports it
 */
public record Figures(long records, double seconds, double clientCpuSeconds, OptionalDouble serverCpuSeconds) {
    private static final double MILLION = 1_000_000;

    public double recordsPerSecond() {
        return records / seconds;
    }

    public double clientCpuSecondsPerMillion() {
        return clientCpuSeconds / records * MILLION;
    }

    public double serverCpuSecondsPerMillion() {
        return serverCpuSeconds.orElse(Double.NaN) / records * MILLION;
    }
}
