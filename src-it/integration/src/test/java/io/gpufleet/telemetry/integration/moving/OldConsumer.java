package io.gpufleet.telemetry.integration.moving;

import io.gpufleet.telemetry.heartbeat.Device;
import io.gpufleet.telemetry.heartbeat.DeviceNames;
import io.gpufleet.telemetry.heartbeat.DevicePod;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.heartbeat.SystemInfo;
import io.gpufleet.telemetry.testkit.FleetRecord;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * The old consumer of a service, with its faults: it loses batches, applies others again after a rebalance, averages
 * packed numbers, stores impossible values, lets a replay overwrite the state, and loses heartbeats of machines with
 * two pods. Belongs to one thread.
 */
final class OldConsumer {
    static final String TABLES = """
            CREATE TABLE heartbeat (id bigserial PRIMARY KEY, client_id bytea NOT NULL, cpu_usage integer,
                mem_usage integer, disk_usage integer, network_up bigint, network_down bigint,
                "timestamp" timestamptz NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
            CREATE TABLE client_daily_stats (id bigserial PRIMARY KEY, date date NOT NULL, client_id bytea NOT NULL,
                total_heartbeats integer NOT NULL, avg_cpu_usage double precision, avg_memory_usage double precision,
                avg_disk_usage double precision, total_network_in_bytes bigint, total_network_out_bytes bigint,
                last_heartbeat timestamptz, created_at timestamptz DEFAULT now(), updated_at timestamptz DEFAULT now(),
                UNIQUE (client_id, date));
            CREATE TABLE device_daily_stats (id bigserial PRIMARY KEY, date date NOT NULL, client_id bytea NOT NULL,
                device_index smallint NOT NULL, device_name text, total_heartbeats integer NOT NULL,
                avg_utilization double precision, avg_temperature double precision, avg_power_usage double precision,
                avg_memory_usage double precision, created_at timestamptz DEFAULT now(),
                updated_at timestamptz DEFAULT now(), UNIQUE (client_id, device_index, date));
            CREATE TABLE system_info (client_id bytea PRIMARY KEY, cpu_usage integer, mem_usage integer,
                disk_usage integer, total_tflops integer, created_at timestamptz DEFAULT now(),
                updated_at timestamptz DEFAULT now());
            CREATE TABLE device_info (client_id bytea NOT NULL, device_index smallint NOT NULL, device_name text,
                device_id integer, vendor_id integer, device_memusage smallint, device_gpuusage smallint,
                device_powerusage smallint, device_temp smallint, created_at timestamptz DEFAULT now(),
                updated_at timestamptz DEFAULT now(), UNIQUE (client_id, device_index))""";

    private static final String HEARTBEAT = """
            INSERT INTO heartbeat (client_id, cpu_usage, mem_usage, disk_usage, network_up, network_down, "timestamp")
            VALUES (?, ?, ?, ?, ?, ?, ?)""";

    private static final String CLIENT_DAILY_STATS = """
            INSERT INTO client_daily_stats AS s (client_id, date, total_heartbeats, avg_cpu_usage, avg_memory_usage,
                avg_disk_usage, total_network_in_bytes, total_network_out_bytes, last_heartbeat)
            VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (client_id, date) DO UPDATE SET total_heartbeats = s.total_heartbeats + 1,
                avg_cpu_usage = (s.avg_cpu_usage * s.total_heartbeats + excluded.avg_cpu_usage)
                    / (s.total_heartbeats + 1),
                avg_memory_usage = (s.avg_memory_usage * s.total_heartbeats + excluded.avg_memory_usage)
                    / (s.total_heartbeats + 1),
                avg_disk_usage = (s.avg_disk_usage * s.total_heartbeats + excluded.avg_disk_usage)
                    / (s.total_heartbeats + 1),
                total_network_in_bytes = s.total_network_in_bytes + excluded.total_network_in_bytes,
                total_network_out_bytes = s.total_network_out_bytes + excluded.total_network_out_bytes,
                last_heartbeat = excluded.last_heartbeat""";

    private static final String DEVICE_DAILY_STATS = """
            INSERT INTO device_daily_stats AS s (client_id, device_index, date, device_name, total_heartbeats,
                avg_utilization, avg_temperature, avg_power_usage, avg_memory_usage)
            VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?)
            ON CONFLICT (client_id, device_index, date) DO UPDATE SET total_heartbeats = s.total_heartbeats + 1,
                avg_utilization = (s.avg_utilization * s.total_heartbeats + excluded.avg_utilization)
                    / (s.total_heartbeats + 1),
                avg_temperature = (s.avg_temperature * s.total_heartbeats + excluded.avg_temperature)
                    / (s.total_heartbeats + 1),
                avg_power_usage = (s.avg_power_usage * s.total_heartbeats + excluded.avg_power_usage)
                    / (s.total_heartbeats + 1),
                avg_memory_usage = (s.avg_memory_usage * s.total_heartbeats + excluded.avg_memory_usage)
                    / (s.total_heartbeats + 1)""";

    private static final String SYSTEM_INFO = """
            INSERT INTO system_info (client_id, cpu_usage, mem_usage, disk_usage, total_tflops)
            VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (client_id) DO UPDATE SET cpu_usage = excluded.cpu_usage, mem_usage = excluded.mem_usage,
                disk_usage = excluded.disk_usage, total_tflops = excluded.total_tflops""";

    private static final String DEVICE_INFO = """
            INSERT INTO device_info (client_id, device_index, device_name, device_id, vendor_id, device_memusage,
                device_gpuusage, device_powerusage, device_temp)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (client_id, device_index) DO UPDATE SET device_memusage = excluded.device_memusage,
                device_gpuusage = excluded.device_gpuusage, device_powerusage = excluded.device_powerusage,
                device_temp = excluded.device_temp""";

    private static final Duration SLICE = Duration.ofHours(6);
    private static final Set<Instant> LOST =
            Set.of(History.at("01-04T06"), History.at("01-05T12"), History.at("01-07T00"));
    private static final Set<Instant> APPLIED_AGAIN =
            Set.of(History.at("01-03T06"), History.at("01-04T12"), History.at("01-05T18"), History.at("01-07T12"));

    private final Jdbi jdbi;
    private final List<FleetRecord> stored = new ArrayList<>();

    private OldConsumer(Database database) {
        this.jdbi = Jdbi.create(database.source());
    }

    static OldConsumer install(Database database) {
        database.execute(TABLES);
        return new OldConsumer(database);
    }

    /** Returns its stored heartbeats, each once, in the order of their times. */
    List<FleetRecord> stored() {
        return List.copyOf(stored);
    }

    /** Consumes the records in slices of six hours: loses some, and applies some again after the next one. */
    void consume(Instant from, Instant to) {
        for (Instant slice = from; slice.isBefore(to); slice = slice.plus(SLICE)) {
            if (!LOST.contains(slice)) {
                List<FleetRecord> records = storable(slice);
                apply(records);
                stored.addAll(records);
            }
            if (APPLIED_AGAIN.contains(slice.minus(SLICE))) {
                apply(storable(slice.minus(SLICE)));
            }
        }
    }

    /** Returns the records that the consumer can store: those that decode, violate no key and cause no error. */
    private static List<FleetRecord> storable(Instant slice) {
        return History.between(slice, slice.plus(SLICE)).stream()
                .filter(record -> record.kind() != FleetRecord.Kind.DAMAGED)
                .filter(record -> record.heartbeat().pods().size() == 1)
                .filter(record -> record.heartbeat().pods().get(0).num() <= DevicePod.MAX_DEVICES)
                .toList();
    }

    private void apply(List<FleetRecord> records) {
        jdbi.useTransaction(handle -> {
            try (PreparedBatch heartbeats = handle.prepareBatch(HEARTBEAT);
                    PreparedBatch clients = handle.prepareBatch(CLIENT_DAILY_STATS);
                    PreparedBatch devices = handle.prepareBatch(DEVICE_DAILY_STATS);
                    PreparedBatch systems = handle.prepareBatch(SYSTEM_INFO);
                    PreparedBatch deviceStates = handle.prepareBatch(DEVICE_INFO)) {
                for (FleetRecord record : records) {
                    addClient(record, heartbeats, clients, systems);
                    addDevices(record, devices, deviceStates);
                }
                List.of(heartbeats, clients, devices, systems, deviceStates).forEach(PreparedBatch::execute);
            }
        });
    }

    private static void addClient(
            FleetRecord record, PreparedBatch heartbeats, PreparedBatch clients, PreparedBatch systems) {
        Heartbeat heartbeat = record.heartbeat();
        byte[] client = heartbeat.clientId().toBytes();
        SystemInfo load = heartbeat.systemInfo();
        OffsetDateTime time = record.timestamp().atOffset(ZoneOffset.UTC);
        int cpu = load.cpuUsage();
        int memory = load.memoryUsage();
        int disk = load.diskUsage();
        long in = load.networkRx();
        heartbeats.add(client, cpu, memory, disk, load.networkTx(), in, time);
        clients.add(client, day(record), cpu, memory, disk, Math.max(in, 0), load.networkTx(), time);
        systems.add(client, cpu, memory, disk, (int) heartbeat.totalTflops());
    }

    /** Adds every device with the reading of all: the packed number. */
    private static void addDevices(FleetRecord record, PreparedBatch devices, PreparedBatch deviceStates) {
        byte[] client = record.heartbeat().clientId().toBytes();
        DevicePod pod = record.heartbeat().pods().get(0);
        for (Device device : record.heartbeat().devices()) {
            String name = DeviceNames.standard().nameOf(device.vendorId(), device.deviceId());
            devices.add(
                    client,
                    device.index(),
                    day(record),
                    name,
                    pod.usage().bits(),
                    pod.temperature().bits(),
                    pod.powerUsage().bits(),
                    pod.memoryUsage().bits());
            deviceStates.add(
                    client,
                    device.index(),
                    name,
                    device.deviceId(),
                    device.vendorId(),
                    device.memoryUsage(),
                    device.usage(),
                    device.powerUsage(),
                    device.temperature());
        }
    }

    private static LocalDate day(FleetRecord record) {
        return LocalDate.ofInstant(record.timestamp(), ZoneOffset.UTC);
    }
}
