package io.gpufleet.telemetry.jdbc.heartbeat;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.heartbeat.ClientDailyStatistics;
import io.gpufleet.telemetry.heartbeat.DeviceDailyStatistics;
import io.gpufleet.telemetry.heartbeat.DeviceNames;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.heartbeat.NewestHeartbeat;
import io.gpufleet.telemetry.jdbc.NewestSet;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import javax.sql.DataSource;

/**
 * The {@link PostgresSink} of heartbeats: writes every heartbeat once into {@code heartbeat}, and keeps the statistics
 * of clients and devices for each UTC day, and the newest state of clients and their devices. The stored rows depend
 * only on the set of heartbeats, not on batches or order.
 *
 * <pre>{@code
 * PostgresSink<Heartbeat> sink = HeartbeatSink.builder(dataSource).schema("telemetry").build();
 * }</pre>
 *
 * <p>A heartbeat whose client and time are stored changes nothing. A late heartbeat counts for its day and changes no
 * state. Thread-safe.
 */
public final class HeartbeatSink {
    private HeartbeatSink() {}

    /**
     * Creates a sink for the tables in the search path.
     *
     * @param dataSource the source of connections, usually a pool
     * @return a thread-safe sink
     */
    public static PostgresSink<Heartbeat> create(DataSource dataSource) {
        return builder(dataSource).build();
    }

    /**
     * Starts from the sink of heartbeats, to add options and further steps.
     *
     * @param dataSource the source of connections, usually a pool
     * @return a builder
     */
    public static PostgresSink.Builder<Heartbeat> builder(DataSource dataSource) {
        return builder(dataSource, DeviceNames.standard());
    }

    /**
     * Starts from the sink of heartbeats with the host's own names of devices.
     *
     * @param dataSource the source of connections, usually a pool
     * @param names returns the names of devices
     * @return a builder
     */
    public static PostgresSink.Builder<Heartbeat> builder(DataSource dataSource, DeviceNames names) {
        return folding(PostgresSink.<Heartbeat>builder(dataSource).insertOnce(HeartbeatTables.HEARTBEAT), names);
    }

    /**
     * Starts from the sink of heartbeats for a table {@code heartbeat} that was installed
     * {@linkplain TelemetrySchema.Builder#withoutHeartbeatKey() without its key}.
     *
     * @param dataSource the source of connections, usually a pool
     * @return a builder
     */
    public static PostgresSink.Builder<Heartbeat> withoutKey(DataSource dataSource) {
        return withoutKey(dataSource, DeviceNames.standard());
    }

    /**
     * Starts from the sink of heartbeats for a table {@code heartbeat} that was installed
     * {@linkplain TelemetrySchema.Builder#withoutHeartbeatKey() without its key}, with the host's own names of devices.
     *
     * @param dataSource the source of connections, usually a pool
     * @param names returns the names of devices
     * @return a builder
     */
    public static PostgresSink.Builder<Heartbeat> withoutKey(DataSource dataSource, DeviceNames names) {
        return folding(PostgresSink.<Heartbeat>builder(dataSource).insertAll(HeartbeatTables.HEARTBEAT), names);
    }

    private static PostgresSink.Builder<Heartbeat> folding(PostgresSink.Builder<Heartbeat> sink, DeviceNames names) {
        requireNonNull(names, "names");
        return sink.fold(ClientDailyStatistics.aggregator(), HeartbeatTables.CLIENT_DAILY_STATS)
                .fold(DeviceDailyStatistics.aggregator(names), HeartbeatTables.DEVICE_DAILY_STATS)
                .replaceNewestSet(NewestSet.of(NewestHeartbeat.aggregator(), HeartbeatTables.SYSTEM_INFO)
                        .members(
                                HeartbeatTables.DEVICE_INFO,
                                "devices_at",
                                newest -> HeartbeatTables.devices(newest, names)));
    }
}
