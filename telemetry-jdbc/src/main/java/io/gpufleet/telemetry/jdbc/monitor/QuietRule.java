package io.gpufleet.telemetry.jdbc.monitor;

import io.gpufleet.telemetry.TelemetryListener;
import java.time.Duration;

/**
 * When the sources of a table are quiet, and who gets to know it.
 *
 * @param quietAfter for how long a source is not heard
 * @param receiver gets the events
 */
record QuietRule(SourceTable table, Duration quietAfter, TelemetryListener receiver) {
    /** The clients that send heartbeats. */
    static final SourceTable CLIENTS = SourceTable.of("system_info", "client_id", "heartbeat_at");
}
