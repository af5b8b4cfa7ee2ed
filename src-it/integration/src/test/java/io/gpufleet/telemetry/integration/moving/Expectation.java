package io.gpufleet.telemetry.integration.moving;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.heartbeat.Device;
import io.gpufleet.telemetry.heartbeat.SystemInfo;
import io.gpufleet.telemetry.testkit.FleetRecord;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The expected content of our tables after a move. Belongs to one thread. */
final class Expectation {
    private final MovingService service;

    Expectation(MovingService service) {
        this.service = service;
    }

    /** Returns the old consumer's stored rows of a time range, as far as they can be right. */
    List<FleetRecord> copied(Instant from, Instant to) {
        return service.oldConsumer().stored().stream()
                .filter(record ->
                        !record.timestamp().isBefore(from) && record.timestamp().isBefore(to))
                .filter(record -> canBeRight(record.heartbeat().systemInfo()))
                .toList();
    }

    private static boolean canBeRight(SystemInfo load) {
        return load.cpuUsage() <= 100 && load.networkRx() >= 0;
    }

    /** Checks that the copied or read heartbeats are stored, each once, with the values that were stored first. */
    void heartbeats(Collection<FleetRecord> copied, Collection<FleetRecord> read) {
        Set<String> expected = Stream.concat(copied.stream(), read.stream())
                .map(Expectation::row)
                .collect(Collectors.toSet());
        assertThat(service.database()
                        .rows("SELECT encode(client_id, 'hex'), (extract(epoch FROM \"timestamp\") * 1000)::bigint,"
                                + " cpu_usage, network_down FROM telemetry.heartbeat"))
                .containsExactlyInAnyOrderElementsOf(expected);
    }

    private static String row(FleetRecord record) {
        SystemInfo load = record.heartbeat().systemInfo();
        return record.heartbeat().clientId() + " " + record.timestamp().toEpochMilli() + " " + load.cpuUsage() + " "
                + load.networkRx();
    }

    /** Checks that the days with only statistics keep these, except for rounding. */
    void oldDays(String keptFrom) {
        assertThat(service.database().rows("""
                        SELECT o.date, encode(o.client_id, 'hex'), o.avg_cpu_usage, n.avg_cpu_usage
                        FROM public.client_daily_stats AS o LEFT JOIN telemetry.client_daily_stats AS n
                            USING (client_id, date)
                        WHERE date < '%s' AND ((o.total_heartbeats, o.total_network_in_bytes, o.total_network_out_bytes)
                                IS DISTINCT FROM
                                (n.total_heartbeats, n.total_network_in_bytes, n.total_network_out_bytes)
                            OR o.last_heartbeat IS DISTINCT FROM n.last_heartbeat
                            OR abs(o.avg_cpu_usage - n.avg_cpu_usage) * o.total_heartbeats > 0.501
                            OR abs(o.avg_memory_usage - n.avg_memory_usage) * o.total_heartbeats > 0.501
                            OR abs(o.avg_disk_usage - n.avg_disk_usage) * o.total_heartbeats > 0.501)""".formatted(keptFrom))).isEmpty();
        assertThat(count("telemetry.client_daily_stats WHERE date < '" + keptFrom + "'"))
                .isEqualTo(count("public.client_daily_stats WHERE date < '" + keptFrom + "'"))
                .isPositive();
    }

    /** Checks that the statistics of devices before a day are the old ones, unless these are packed numbers. */
    void oldDevices(String before) {
        assertThat(count("""
                        public.device_daily_stats AS o LEFT JOIN telemetry.device_daily_stats AS n
                            USING (client_id, device_index, date)
                        WHERE date < '%s' AND o.avg_temperature <= 255
                            AND (abs(o.avg_temperature - n.avg_temperature) * n.total_heartbeats > 0.501
                                OR n.client_id IS NULL OR n.total_heartbeats > o.total_heartbeats)""".formatted(before))).isZero();
        assertThat(count("telemetry.device_daily_stats WHERE date < '" + before + "'"))
                .isEqualTo(count("public.device_daily_stats WHERE avg_temperature <= 255 AND date < '" + before + "'"))
                .isPositive();
        noDeviceMoreOftenThanItsClient();
    }

    /** Checks that no device has more heartbeats of a day than its client. */
    private void noDeviceMoreOftenThanItsClient() {
        assertThat(count("telemetry.device_daily_stats AS d JOIN telemetry.client_daily_stats AS c"
                        + " USING (client_id, date) WHERE d.total_heartbeats > c.total_heartbeats"))
                .isZero();
    }

    /** Checks that the statistics of devices from a day on are those of these heartbeats. */
    void devices(Collection<FleetRecord> records, String from) {
        List<Device> readings = records.stream()
                .flatMap(record -> record.heartbeat().devices().stream())
                .toList();
        assertThat(service.database()
                        .rows("SELECT sum(total_heartbeats), sum(sum_temperature), sum(sum_utilization),"
                                + " sum(sum_power_usage), sum(sum_memory_usage) FROM telemetry.device_daily_stats"
                                + " WHERE date >= '" + from + "'"))
                .containsExactly(readings.size() + " " + sum(readings, Device::temperature) + " "
                        + sum(readings, Device::usage) + " " + sum(readings, Device::powerUsage) + " "
                        + sum(readings, Device::memoryUsage));
    }

    /** Checks that the only device of a client has as many heartbeats of a day as the client. */
    void oneDeviceAsOftenAsItsClient(String day) {
        assertThat(service.database().rows("""
                        SELECT c.total_heartbeats - d.total_heartbeats, count(*)
                        FROM telemetry.client_daily_stats AS c LEFT JOIN telemetry.device_daily_stats AS d
                            USING (client_id, date)
                        WHERE date = '%s' AND client_id IN (SELECT client_id FROM telemetry.device_info
                            GROUP BY client_id HAVING count(*) = 1)
                        GROUP BY 1""".formatted(day))).containsExactly("0 5");
    }

    private static long sum(List<Device> readings, ToIntFunction<Device> reading) {
        return readings.stream().mapToInt(reading).sum();
    }

    /** Checks that every client has the state of its newest heartbeat, and its devices, even a silent one. */
    void states() {
        assertThat(service.database().rows("""
                        SELECT encode(client_id, 'hex'), i.heartbeat_at, s.newest, i.cpu_usage, h.cpu_usage
                        FROM telemetry.system_info AS i
                        FULL JOIN (SELECT client_id, max(last_heartbeat) AS newest FROM telemetry.client_daily_stats
                            GROUP BY client_id) AS s USING (client_id)
                        LEFT JOIN telemetry.heartbeat AS h USING (client_id)
                        WHERE (h."timestamp" = s.newest AND h.cpu_usage IS DISTINCT FROM i.cpu_usage)
                            OR i.heartbeat_at IS DISTINCT FROM s.newest""")).isEmpty();
        assertThat(count("telemetry.device_info AS d JOIN telemetry.system_info AS s USING (client_id)"
                        + " WHERE d.heartbeat_at = s.heartbeat_at"))
                .isEqualTo(History.DEVICES);
        assertThat(count("telemetry.device_info")).isEqualTo(History.DEVICES);
        assertThat(service.database()
                        .rows("SELECT count(*), bool_and(device_memsize = 0) FROM telemetry.system_info"
                                + " WHERE encode(client_id, 'hex') IN ('" + History.EARLY + "', '" + History.LATE
                                + "')"))
                .containsExactly("2 t");
    }

    /** Checks that the views have the columns of the replaced tables, and are read-only. */
    void viewsOfTheOldTables() {
        String columns = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = '%s'"
                + " ORDER BY table_name, ordinal_position";
        assertThat(service.database().rows(columns.formatted("public")))
                .isEqualTo(service.database().rows(columns.formatted("old")))
                .isNotEmpty();
        assertThat(service.database()
                        .rows("SELECT DISTINCT is_updatable, is_insertable_into"
                                + " FROM information_schema.views WHERE table_schema = 'public'"))
                .containsExactly("NO NO");
    }

    private long count(String tables) {
        return service.database().number("SELECT count(*) FROM " + tables);
    }
}
