package io.gpufleet.telemetry.jdbc.query;

import io.gpufleet.telemetry.heartbeat.ClientId;
import io.gpufleet.telemetry.heartbeat.Device;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/** The machines and their devices, from the tables of the newest heartbeats alone. Belongs to one transaction. */
final class MachineList {
    private static final String MACHINES = " FROM {system_info} WHERE true";
    private static final String MACHINE = "SELECT client_id, cpu_usage, mem_usage, disk_usage, total_tflops,"
            + " device_memsize, device_count, heartbeat_at" + MACHINES;

    private static final String DEVICES = " FROM {device_info} WHERE true";
    private static final String DEVICE = "SELECT client_id, device_index, device_name, device_id, vendor_id,"
            + " device_memusage, device_gpuusage, device_powerusage, device_temp, device_memsize_gb,"
            + " device_powerlimit_w, heartbeat_at" + DEVICES;

    private static final String OF_CLIENT = " AND client_id = :client";
    private static final String SEEN = " AND heartbeat_at >= :since";

    /** A heartbeat whose collector failed leaves the devices as they were, with their older time. */
    private static final String OF_SEEN = " AND client_id IN (SELECT client_id" + MACHINES + SEEN + ")";

    private static final String SILENT = " AND heartbeat_at < :before";
    private static final String PAGE = " OFFSET :offset LIMIT :limit";
    private static final String COUNT = "SELECT count(*)";

    private final Handle handle;
    private final Optional<String> schema;

    MachineList(Handle handle, Optional<String> schema) {
        this.handle = handle;
        this.schema = schema;
    }

    Page<Machine> machines(MachineFilter filter) {
        String conditions = conditions(filter, SEEN);
        List<Machine> rows = paged(MACHINE + conditions + " ORDER BY client_id", filter)
                .map((row, context) -> machine(row))
                .list();
        return page(rows, query(COUNT + MACHINES + conditions, filter));
    }

    Page<MachineDevice> devices(MachineFilter filter) {
        String conditions = conditions(filter, OF_SEEN);
        List<MachineDevice> rows = paged(DEVICE + conditions + " ORDER BY client_id, device_index", filter)
                .map((row, context) -> device(row))
                .list();
        return page(rows, query(COUNT + DEVICES + conditions, filter));
    }

    MachineState state(ClientId client) {
        List<MachineDevice> devices = query(DEVICE + OF_CLIENT + " ORDER BY device_index")
                .bind("client", client.toBytes())
                .map((row, context) -> device(row))
                .list();
        return new MachineState(machine(client), devices);
    }

    /**
     * Returns the machine of a client.
     *
     * @throws UnknownClientException if there is none
     */
    Machine machine(ClientId client) {
        return query(MACHINE + OF_CLIENT)
                .bind("client", client.toBytes())
                .map((row, context) -> machine(row))
                .findOne()
                .orElseThrow(() -> new UnknownClientException(client.toString()));
    }

    /** Returns the machines whose newest heartbeat is before a time, the longest silent first. */
    Page<Machine> quiet(Instant before, int limit) {
        OffsetDateTime bound = before.atOffset(ZoneOffset.UTC);
        List<Machine> rows = query(MACHINE + SILENT + " ORDER BY heartbeat_at, client_id LIMIT :limit")
                .bind("before", bound)
                .bind("limit", limit)
                .map((row, context) -> machine(row))
                .list();
        return page(rows, query(COUNT + MACHINES + SILENT).bind("before", bound));
    }

    private String conditions(MachineFilter filter, String seen) {
        filter.client().ifPresent(this::machine);
        return (filter.client().isPresent() ? OF_CLIENT : "")
                + (filter.seenSince().isPresent() ? seen : "");
    }

    private Query paged(String sql, MachineFilter filter) {
        return query(sql + PAGE, filter).bind("offset", filter.offset()).bind("limit", filter.limit());
    }

    private Query query(String sql, MachineFilter filter) {
        Query query = query(sql);
        filter.client().ifPresent(client -> query.bind("client", client.toBytes()));
        filter.seenSince().ifPresent(since -> query.bind("since", since.atOffset(ZoneOffset.UTC)));
        return query;
    }

    private Query query(String sql) {
        return handle.createQuery(Identifier.qualifyAll(schema, sql));
    }

    private static <R> Page<R> page(List<R> rows, Query count) {
        return new Page<>(
                rows, Optional.empty(), OptionalLong.of(count.mapTo(Long.class).one()));
    }

    private static Machine machine(ResultSet row) throws SQLException {
        return new Machine(
                ClientId.of(row.getBytes("client_id")),
                row.getInt("cpu_usage"),
                row.getInt("mem_usage"),
                row.getInt("disk_usage"),
                row.getLong("total_tflops"),
                row.getLong("device_memsize"),
                row.getLong("device_count"),
                time(row));
    }

    private static MachineDevice device(ResultSet row) throws SQLException {
        Device device = new Device(
                row.getInt("device_index"),
                row.getInt("device_gpuusage"),
                row.getInt("device_memusage"),
                row.getInt("device_powerusage"),
                row.getInt("device_temp"),
                row.getInt("vendor_id"),
                row.getInt("device_id"),
                row.getInt("device_memsize_gb"),
                row.getInt("device_powerlimit_w"));
        return new MachineDevice(
                ClientId.of(row.getBytes("client_id")), device, row.getString("device_name"), time(row));
    }

    private static Instant time(ResultSet row) throws SQLException {
        return row.getObject("heartbeat_at", OffsetDateTime.class).toInstant();
    }
}
