package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.gpu.GpuSample;
import java.time.Instant;
import java.util.function.Function;

/**
 * The time of the row of a sample: the beginning of its cell, or its own time, since the row of a message has the time
 * of one of its samples. Immutable.
 */
final class RowTime implements Function<Delivery<GpuSample>, Instant> {
    private static final long MICROS = 1_000_000;

    private final long grid;

    RowTime(WideRows rows) {
        this.grid = rows.grid().map(length -> length.toNanos() / 1_000).orElse(1L);
    }

    @Override
    public Instant apply(Delivery<GpuSample> delivery) {
        Instant time = delivery.value().time();
        if (grid == 1) {
            return time;
        }
        long micros = time.getEpochSecond() * MICROS + time.getNano() / 1_000;
        long cell = Math.floorDiv(micros, grid) * grid;
        return Instant.ofEpochSecond(Math.floorDiv(cell, MICROS), Math.floorMod(cell, MICROS) * 1_000);
    }
}
