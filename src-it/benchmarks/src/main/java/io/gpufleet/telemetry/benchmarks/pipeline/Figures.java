package io.gpufleet.telemetry.benchmarks.pipeline;

import java.util.OptionalDouble;

/**
 * The figures of one round of a row, from the first record to the moment at which the last one was durable. Immutable.
 *
 * @param records the number of heartbeats
 * @param seconds the duration
 * @param clientCpuSeconds the CPU time of the row's JVM
 * @param serverCpuSeconds the CPU time of PostgreSQL, where the system reports it
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
