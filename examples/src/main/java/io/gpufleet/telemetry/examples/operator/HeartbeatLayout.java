package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import javax.sql.DataSource;
import picocli.CommandLine.Option;

/** The option for the layout of the table of heartbeats. */
final class HeartbeatLayout {
    @Option(names = "--without-heartbeat-key", description = "Heartbeats are in a table without a primary key.")
    private boolean withoutKey;

    void applyTo(TelemetrySchema.Builder schema, Capabilities capabilities) {
        if (withoutKey) {
            capabilities.requireHeartbeats("--without-heartbeat-key");
            schema.withoutHeartbeatKey();
        }
    }

    PostgresSink.Builder<Heartbeat> sink(DataSource dataSource) {
        return withoutKey ? HeartbeatSink.withoutKey(dataSource) : HeartbeatSink.builder(dataSource);
    }
}
