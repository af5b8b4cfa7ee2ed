package io.gpufleet.telemetry.jdbc;

import java.util.List;

/** The settings of consumers, what they report, and the advice on them, with views and functions. Immutable. */
record ConsumerConfigCapability() implements Capability {
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
            memory_usage_mb bigint, timestamp timestamp with time zone, samples_rejected bigint,
            samples_repeated bigint""", "");

    private static final TableShape KAFKA_TOPICS = TableShape.parse("kafka_topics", """
            topic_name text, partitions integer, expected_events_per_second numeric, consumer_replicas integer,
            priority text, is_active boolean""", "topic_name");

    private static final TableShape TOPIC_PARTITION_CHANGES = TableShape.parse("topic_partition_changes", """
            id bigint, topic_name text, current_partitions integer, recommended_partitions integer, reason text,
            applied boolean, applied_at timestamp with time zone, created_at timestamp with time zone""", "");

    @Override
    public String name() {
        return "consumer_configs";
    }

    @Override
    public List<String> files() {
        return List.of("V1__consumer_configs.sql");
    }

    @Override
    public List<TableShape> tables() {
        return List.of(
                PIPELINE_CONSUMER_CONFIGS,
                CONSUMER_CONFIG_CHANGES,
                CONSUMER_LAG_HISTORY,
                CONSUMER_PROCESSING_METRICS,
                KAFKA_TOPICS,
                TOPIC_PARTITION_CHANGES);
    }
}
