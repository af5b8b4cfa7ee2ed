package io.gpufleet.telemetry.jdbc.monitor;

import io.gpufleet.telemetry.TelemetryListener;
import java.time.Duration;

/**
 * The rule by which sources of a table are quiet, and the receiver of its events.
 *
 * @param quietAfter the silence after which a source is quiet
 * @param receiver gets the events
 */
record QuietRule(SourceTable table, Duration quietAfter, TelemetryListener receiver) {
    /** The clients that send heartbeats. */
    static final SourceTable CLIENTS = SourceTable.of("system_info", "client_id", "heartbeat_at");
}
