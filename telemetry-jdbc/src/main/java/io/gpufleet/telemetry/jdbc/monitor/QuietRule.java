package io.gpufleet.telemetry.jdbc.monitor;

import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.TelemetryListener;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BiFunction;

/**
 * When the sources of a table are quiet, and who gets to know it.
 *
 * @param quietAfter for how long a source is not heard
 * @param quiet the event of a source and the time at which it was heard last
 * @param heard the event of a source and the time at which it was heard again
 * @param receiver gets the events
 */
record QuietRule(
        SourceTable table,
        Duration quietAfter,
        BiFunction<String, Instant, TelemetryEvent> quiet,
        BiFunction<String, Instant, TelemetryEvent> heard,
        TelemetryListener receiver) {

    /** The clients that send heartbeats. */
    static QuietRule clients(Duration quietAfter, TelemetryListener receiver) {
        return new QuietRule(
                SourceTable.of("system_info", "client_id", "heartbeat_at"),
                quietAfter,
                TelemetryEvent.ClientQuiet::new,
                TelemetryEvent.ClientHeard::new,
                receiver);
    }

    static QuietRule sources(SourceTable table, Duration quietAfter, TelemetryListener receiver) {
        return new QuietRule(
                table,
                quietAfter,
                (source, last) -> new TelemetryEvent.SourceQuiet(table.table(), source, last),
                (source, at) -> new TelemetryEvent.SourceHeard(table.table(), source, at),
                receiver);
    }
}
