package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.TelemetryException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The capability of heartbeats, with their daily statistics, the newest states, and the first days that retention
 * keeps. Immutable.
 *
 * @param partitionedByDay whether the table of heartbeats is partitioned by UTC day
 * @param keyed whether that table has its primary key
 */
record HeartbeatCapability(boolean partitionedByDay, boolean keyed) implements Capability {
    private static final TableShape HEARTBEAT = TableShape.parse("heartbeat", """
            id bigint, client_id bytea, cpu_usage smallint, mem_usage smallint, disk_usage smallint,
            network_up bigint, network_down bigint, timestamp timestamp with time zone,
            created_at timestamp with time zone""", "client_id, timestamp");

    private static final TableShape CLIENT_DAILY_STATS = TableShape.parse("client_daily_stats", """
            id bigint, date date, client_id bytea, total_heartbeats integer,
            avg_cpu_usage double precision generated, avg_memory_usage double precision generated,
            avg_disk_usage double precision generated, total_network_in_bytes bigint, total_network_out_bytes bigint,
            last_heartbeat timestamp with time zone, created_at timestamp with time zone,
            updated_at timestamp with time zone, sum_cpu_usage bigint, sum_memory_usage bigint,
            sum_disk_usage bigint""", "client_id, date");

    private static final TableShape DEVICE_DAILY_STATS =
            TableShape.parse("device_daily_stats", """
            id bigint, date date, client_id bytea, device_index smallint, device_name text, total_heartbeats integer,
            avg_utilization double precision generated, avg_temperature double precision generated,
            avg_power_usage double precision generated, avg_memory_usage double precision generated,
            created_at timestamp with time zone, updated_at timestamp with time zone, sum_utilization bigint,
            sum_temperature bigint, sum_power_usage bigint, sum_memory_usage bigint,
            last_heartbeat timestamp with time zone""", "client_id, device_index, date");

    private static final TableShape SYSTEM_INFO = TableShape.parse("system_info", """
            client_id bytea, cpu_usage smallint, mem_usage smallint, disk_usage smallint, total_tflops integer,
            created_at timestamp with time zone, updated_at timestamp with time zone,
            heartbeat_at timestamp with time zone, device_memsize bigint, device_count integer,
            devices_at timestamp with time zone""", "client_id");

    private static final TableShape DEVICE_INFO = TableShape.parse("device_info", """
            client_id bytea, device_index smallint, device_name text, device_id integer, vendor_id integer,
            device_memusage smallint, device_gpuusage smallint, device_powerusage smallint, device_temp smallint,
            created_at timestamp with time zone, updated_at timestamp with time zone,
            heartbeat_at timestamp with time zone, device_memsize_gb integer, device_powerlimit_w integer""", "client_id, device_index");

    private static final TableShape HEARTBEAT_RETENTION = TableShape.parse("heartbeat_retention", "kept_from date", "");

    /** A repeatable migration: without a version, it runs after all that have one, however late it is requested. */
    private static final String WITHOUT_KEY = "R__heartbeat_without_key.sql";

    @Override
    public String name() {
        return "heartbeats";
    }

    @Override
    public List<String> files() {
        List<String> files = new ArrayList<>(List.of(
                "common/V1__statistics_state_retention.sql",
                (partitionedByDay ? "by_day" : "plain") + "/V1_1__heartbeat.sql"));
        if (!keyed) {
            files.add("without_key/" + WITHOUT_KEY);
        }
        return files;
    }

    @Override
    public List<TableShape> tables() {
        return List.of(
                keyed ? HEARTBEAT : HEARTBEAT.withoutKey(),
                CLIENT_DAILY_STATS,
                DEVICE_DAILY_STATS,
                SYSTEM_INFO,
                DEVICE_INFO,
                HEARTBEAT_RETENTION);
    }

    @Override
    public void refuse(Catalog catalog, Optional<String> schema) {
        TableShape heartbeat = HEARTBEAT.in(schema);
        catalog.kindOf(heartbeat).ifPresent(kind -> {
            requireKind(kind);
            requireKey(catalog.hasKey(heartbeat));
        });
    }

    private void requireKind(String kind) {
        if (kind.equals(Catalog.PARTITIONED) != partitionedByDay) {
            throw new TelemetryException("Table heartbeat is " + (partitionedByDay ? "one table" : "partitioned")
                    + " already; install with" + (partitionedByDay ? "out" : "") + " partitionedByDay()");
        }
    }

    private void requireKey(boolean hasKey) {
        if (keyed && !hasKey) {
            throw new TelemetryException(
                    "Table heartbeat has no primary key any more; install with withoutHeartbeatKey(), or restore the key:"
                            + " ALTER TABLE heartbeat ADD PRIMARY KEY (client_id, \"timestamp\"), and DELETE FROM "
                            + history()
                            + " WHERE script = '" + WITHOUT_KEY + "'");
        }
    }
}
