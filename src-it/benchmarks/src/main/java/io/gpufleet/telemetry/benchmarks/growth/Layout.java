package io.gpufleet.telemetry.benchmarks.growth;

import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import javax.sql.DataSource;

/** The layout of the table of heartbeats. */
enum Layout {
    ONE_TABLE("one table", false, true),
    BY_DAY("by day", true, true),
    BY_DAY_WITHOUT_KEY("by day, without key", true, false);

    private final String text;
    private final boolean partitionedByDay;
    private final boolean key;

    Layout(String text, boolean partitionedByDay, boolean key) {
        this.text = text;
        this.partitionedByDay = partitionedByDay;
        this.key = key;
    }

    void applyTo(TelemetrySchema.Builder schema) {
        if (partitionedByDay) {
            schema.partitionedByDay();
        }
        if (!key) {
            schema.withoutHeartbeatKey();
        }
    }

    boolean isPartitionedByDay() {
        return partitionedByDay;
    }

    PostgresSink<Heartbeat> sink(DataSource dataSource) {
        return key
                ? HeartbeatSink.create(dataSource)
                : HeartbeatSink.withoutKey(dataSource).build();
    }

    @Override
    public String toString() {
        return text;
    }
}
