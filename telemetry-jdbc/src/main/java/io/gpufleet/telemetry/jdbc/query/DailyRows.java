package io.gpufleet.telemetry.jdbc.query;

import io.gpufleet.telemetry.heartbeat.ClientDailyStatistics;
import io.gpufleet.telemetry.heartbeat.DeviceDailyStatistics;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;

/** The daily statistics of a client and of its devices. Belongs to one transaction. */
final class DailyRows {
    private static final String DAYS = " WHERE client_id = :client AND date BETWEEN :first AND :last ORDER BY date";

    private static final String OF_CLIENT = "SELECT date, total_heartbeats, sum_cpu_usage, sum_memory_usage,"
            + " sum_disk_usage, total_network_in_bytes, total_network_out_bytes, last_heartbeat"
            + " FROM {client_daily_stats}" + DAYS;

    private static final String OF_DEVICES = "SELECT date, device_index, device_name, total_heartbeats,"
            + " sum_utilization, sum_temperature, sum_power_usage, sum_memory_usage, last_heartbeat"
            + " FROM {device_daily_stats}" + DAYS + ", device_index";

    private final Handle handle;
    private final Optional<String> schema;
    private final DailyQuery query;

    DailyRows(Handle handle, Optional<String> schema, DailyQuery query) {
        this.handle = handle;
        this.schema = schema;
        this.query = query;
    }

    List<ClientDailyStatistics> ofClient(LocalDate today) {
        return rows(OF_CLIENT, today, (row, context) -> client(row));
    }

    List<DeviceDailyStatistics> ofDevices(LocalDate today) {
        return rows(OF_DEVICES, today, (row, context) -> device(row));
    }

    private <R> List<R> rows(String sql, LocalDate today, RowMapper<R> mapper) {
        DayRange range = query.range().at(today);
        new MachineList(handle, schema).machine(query.client());
        return handle.createQuery(Identifier.qualifyAll(schema, sql))
                .bind("client", query.client().toBytes())
                .bind("first", range.first())
                .bind("last", range.last())
                .map(mapper)
                .list();
    }

    private ClientDailyStatistics client(ResultSet row) throws SQLException {
        return new ClientDailyStatistics(
                query.client(),
                date(row),
                row.getInt("total_heartbeats"),
                row.getLong("sum_cpu_usage"),
                row.getLong("sum_memory_usage"),
                row.getLong("sum_disk_usage"),
                row.getLong("total_network_in_bytes"),
                row.getLong("total_network_out_bytes"),
                lastHeartbeat(row));
    }

    private DeviceDailyStatistics device(ResultSet row) throws SQLException {
        return new DeviceDailyStatistics(
                query.client(),
                row.getInt("device_index"),
                date(row),
                row.getString("device_name"),
                row.getInt("total_heartbeats"),
                row.getLong("sum_utilization"),
                row.getLong("sum_temperature"),
                row.getLong("sum_power_usage"),
                row.getLong("sum_memory_usage"),
                lastHeartbeat(row));
    }

    private static LocalDate date(ResultSet row) throws SQLException {
        return row.getObject("date", LocalDate.class);
    }

    private static Instant lastHeartbeat(ResultSet row) throws SQLException {
        return row.getObject("last_heartbeat", OffsetDateTime.class).toInstant();
    }
}
