package io.gpufleet.telemetry.jdbc;

import java.util.List;

/** The shapes of the tables that {@link TelemetrySchema} makes; a test compares them with what the migrations make. */
final class TelemetryTables {
    static final TableShape CONSUMER_OFFSETS = TableShape.parse("consumer_offsets", """
            group_id text, topic text, partition integer, cluster_id text, topic_id uuid, next_offset bigint,
            leader_epoch integer, newest_record_at timestamp with time zone,
            updated_at timestamp with time zone""", "group_id, topic, partition");

    static final TableShape DEAD_LETTERS =
            TableShape.parse("dead_letters", """
            id bigint, group_id text, topic text, cluster_id text, topic_id uuid, partition integer,
            kafka_offset bigint, record_timestamp timestamp with time zone, record_timestamp_type text, key bytea,
            value bytea, header_names text[],
            header_values bytea[], stage text, reasons text[], created_at timestamp with time zone,
            replayed_at timestamp with time zone""", "group_id, topic_id, partition, kafka_offset");

    static final TableShape CONSUMPTION_GAPS = TableShape.parse(
            "consumption_gaps",
            """
            id bigint, group_id text, topic text, partition integer, reason text, from_cluster_id text,
            from_topic_id uuid, from_offset bigint, to_cluster_id text, to_topic_id uuid, to_offset bigint, created_at timestamp with time zone""",
            "group_id, topic, partition, reason, from_topic_id, from_offset, to_topic_id, to_offset");

    static final TableShape HEARTBEAT = TableShape.parse("heartbeat", """
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

    private static final TableShape PIPELINE_CONSUMER_CONFIGS =
            TableShape.parse("pipeline_consumer_configs", """
            service_name text, consumer_group_id text, max_poll_records integer, session_timeout_ms integer,
            max_poll_interval_ms integer, heartbeat_interval_ms integer, partition_assignment_strategy text,
            enable_auto_commit boolean, auto_commit_interval_ms integer, auto_offset_reset text,
            fetch_min_bytes integer, fetch_max_bytes integer, fetch_max_wait_ms integer,
            max_partition_fetch_bytes integer, request_timeout_ms integer, retry_backoff_ms integer,
            reconnect_backoff_ms integer, reconnect_backoff_max_ms integer, connections_max_idle_ms integer,
            isolation_level text, batch_max_records integer, batch_max_bytes bigint, batch_linger_ms integer,
            description text, created_at timestamp with time zone,
            updated_at timestamp with time zone""", "service_name");

    private static final TableShape CONSUMER_CONFIG_CHANGES = TableShape.parse("consumer_config_changes", """
            id bigint, service_name text, setting text, old_value text, new_value text, changed_by text,
            changed_at timestamp with time zone""", "");

    private static final TableShape CONSUMER_LAG_HISTORY = TableShape.parse("consumer_lag_history", """
            id bigint, service_name text, consumer_group_id text, topic text, partition integer,
            consumer_offset bigint, log_end_offset bigint, lag bigint, timestamp timestamp with time zone,
            behind_ms bigint""", "");

    private static final TableShape CONSUMER_PROCESSING_METRICS =
            TableShape.parse("consumer_processing_metrics", """
            id bigint, service_name text, consumer_group_id text, batch_size integer, messages_processed bigint,
            messages_failed bigint, processing_time_ms bigint, messages_per_second double precision,
            memory_usage_mb bigint, timestamp timestamp with time zone""", "");

    private static final TableShape KAFKA_TOPICS = TableShape.parse("kafka_topics", """
            topic_name text, partitions integer, expected_events_per_second numeric, consumer_replicas integer,
            priority text, is_active boolean""", "topic_name");

    private static final TableShape TOPIC_PARTITION_CHANGES = TableShape.parse("topic_partition_changes", """
            id bigint, topic_name text, current_partitions integer, recommended_partitions integer, reason text,
            applied boolean, applied_at timestamp with time zone, created_at timestamp with time zone""", "");

    /** All of them. */
    static final List<TableShape> ALL = List.of(
            CONSUMER_OFFSETS,
            DEAD_LETTERS,
            CONSUMPTION_GAPS,
            HEARTBEAT,
            CLIENT_DAILY_STATS,
            DEVICE_DAILY_STATS,
            SYSTEM_INFO,
            DEVICE_INFO,
            HEARTBEAT_RETENTION,
            PIPELINE_CONSUMER_CONFIGS,
            CONSUMER_CONFIG_CHANGES,
            CONSUMER_LAG_HISTORY,
            CONSUMER_PROCESSING_METRICS,
            KAFKA_TOPICS,
            TOPIC_PARTITION_CHANGES);

    /** Those that every sink writes to, whatever its steps. */
    static final List<TableShape> BOOKKEEPING = List.of(CONSUMER_OFFSETS, DEAD_LETTERS, CONSUMPTION_GAPS);

    private TelemetryTables() {}
}
