package io.gpufleet.telemetry.examples.rest.clients;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.LogId;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.PositionChange;
import io.gpufleet.telemetry.SinkContext;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.heartbeat.ClientId;
import io.gpufleet.telemetry.heartbeat.Device;
import io.gpufleet.telemetry.heartbeat.DevicePod;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.heartbeat.SystemInfo;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import javax.sql.DataSource;

/** Heartbeats that the sink of a consumer has stored. Not thread-safe. */
final class StoredMachines {
    private static final SourcePartition PARTITION = new SourcePartition("client-heartbeats", 0);
    private static final LogId LOG = new LogId("a-cluster", new UUID(3, 4));

    private final PostgresSink<Heartbeat> sink;
    private final Batch.Builder<Heartbeat> batch = Batch.<Heartbeat>builder().open(PARTITION, LOG, 0);
    private long next;

    StoredMachines(DataSource database) {
        this.sink = HeartbeatSink.create(database);
        sink.open(SinkContext.of("machines", event -> {}));
        sink.change(
                List.of(new PositionChange(PARTITION, Optional.empty(), new Position(LOG, 0, -1), Optional.empty())));
    }

    static String id(int number) {
        return new ClientId(0xabcd_0000_0000_0000L, number).toString();
    }

    /** Adds a heartbeat of a machine, with the same usage of all that it has. */
    StoredMachines heartbeat(int machine, int usage, int devices, String time) {
        List<Device> all = IntStream.range(0, devices)
                .mapToObj(index -> new Device(index, usage, usage, usage, usage, 0x10de, 0x2331, 80, 350))
                .toList();
        Heartbeat heartbeat = new Heartbeat(
                ClientId.parse(id(machine)),
                new SystemInfo(usage, usage, usage, 1_000, 2_000),
                80L * devices,
                devices,
                100,
                devices == 0 ? List.of() : List.of(DevicePod.of(all)));
        Instant at = Instant.parse(time);
        SourceRecord source = SourceRecord.builder(PARTITION, next)
                .timestampMillis(at.toEpochMilli())
                .value(new byte[] {1})
                .build();
        batch.add(Delivery.of(heartbeat, at, source));
        next++;
        return this;
    }

    void store() {
        sink.write(batch.build());
    }
}
