package io.gpufleet.telemetry.examples.rest.stream;

import java.time.Duration;

/**
 * The limits of streams. Immutable.
 *
 * @param clients the clients at one time
 * @param events the events that wait for a client
 * @param bytes the bytes that wait for a client
 * @param comment the longest time without a byte
 */
record StreamLimits(int clients, int events, long bytes, Duration comment) {
    static final StreamLimits DEFAULT = new StreamLimits(100, 20_000, 8 << 20, Duration.ofSeconds(15));
}
