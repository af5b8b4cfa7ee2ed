package io.gpufleet.telemetry.benchmarks.pipeline;

import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.heartbeat.SystemInfo;
import io.gpufleet.telemetry.jdbc.ColumnType;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.PostgresTable;
import java.sql.SQLException;
import java.util.function.Function;

/** The product with one table and one lane, exactly once: the same task as that of {@link ConnectSink}. */
final class OursHeartbeatOnly implements Contestant {
    static final String NAME = "ours, heartbeat only";

    private static final PostgresTable<Delivery<Heartbeat>> TABLE = PostgresTable.<Delivery<Heartbeat>>builder(
                    "heartbeat")
            .key(
                    "client_id",
                    ColumnType.BYTEA,
                    delivery -> delivery.value().clientId().toBytes())
            .key("timestamp", ColumnType.TIMESTAMPTZ, Delivery::time)
            .keep("cpu_usage", ColumnType.SMALLINT, of(SystemInfo::cpuUsage))
            .keep("mem_usage", ColumnType.SMALLINT, of(SystemInfo::memoryUsage))
            .keep("disk_usage", ColumnType.SMALLINT, of(SystemInfo::diskUsage))
            .keep("network_up", ColumnType.BIGINT, of(SystemInfo::networkTx))
            .keep("network_down", ColumnType.BIGINT, of(SystemInfo::networkRx))
            .build();

    private final BacklogSettings settings;

    /**
     * Creates the row.
     *
     * @param backlog the settings, of which the batches count; there is one lane
     */
    OursHeartbeatOnly(BacklogSettings backlog) {
        this.settings = new BacklogSettings(1, backlog.maxRecords());
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String settings() {
        return settings.toString();
    }

    @Override
    public Figures run(Stage stage) throws InterruptedException, SQLException {
        try (Database database = stage.newDatabase(settings.connections())) {
            PostgresSink<Heartbeat> sink = PostgresSink.<Heartbeat>builder(database.pool())
                    .insertOnce(TABLE)
                    .build();
            Figures figures = ConsumerRun.of(stage, settings, sink);
            Contents.ofHeartbeatsOnly(stage.backlog().records()).requireIn(database, name());
            return figures;
        }
    }

    private static <V> Function<Delivery<Heartbeat>, V> of(Function<SystemInfo, V> value) {
        return delivery -> value.apply(delivery.value().systemInfo());
    }
}
