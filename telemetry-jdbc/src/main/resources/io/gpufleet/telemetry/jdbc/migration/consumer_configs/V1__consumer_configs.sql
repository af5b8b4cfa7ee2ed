-- Settings, monitoring and advice for consumers. Plain SQL for PostgreSQL 14 to 18; psql runs it as it is.
--
-- A view keeps the tables that it was made with, a function looks for its tables whenever it runs: so each function is
-- given the schema that it was made in, at the end of this file.

CREATE TABLE IF NOT EXISTS pipeline_consumer_configs (
    service_name                  text        PRIMARY KEY
        CONSTRAINT service_name_not_blank CHECK (service_name ~ '[^[:space:]]'),
    consumer_group_id             text
        CONSTRAINT consumer_group_id_not_blank CHECK (consumer_group_id ~ '[^[:space:]]'),
    max_poll_records              integer
        CONSTRAINT max_poll_records_1_to_5000 CHECK (max_poll_records BETWEEN 1 AND 5000),
    session_timeout_ms            integer,
    max_poll_interval_ms          integer,
    heartbeat_interval_ms         integer
        CONSTRAINT heartbeat_interval_ms_above_0 CHECK (heartbeat_interval_ms > 0),
    partition_assignment_strategy text
        CONSTRAINT partition_assignment_strategy_known
        CHECK (partition_assignment_strategy IN ('range', 'roundrobin', 'sticky', 'cooperative-sticky')),
    enable_auto_commit            boolean,
    auto_commit_interval_ms       integer
        CONSTRAINT auto_commit_interval_ms_0_or_more CHECK (auto_commit_interval_ms >= 0),
    auto_offset_reset             text
        CONSTRAINT auto_offset_reset_earliest_latest_or_none
        CHECK (auto_offset_reset IN ('earliest', 'latest', 'none')),
    fetch_min_bytes               integer
        CONSTRAINT fetch_min_bytes_0_or_more CHECK (fetch_min_bytes >= 0),
    fetch_max_bytes               integer
        CONSTRAINT fetch_max_bytes_above_0 CHECK (fetch_max_bytes > 0),
    fetch_max_wait_ms             integer
        CONSTRAINT fetch_max_wait_ms_0_or_more CHECK (fetch_max_wait_ms >= 0),
    max_partition_fetch_bytes     integer
        CONSTRAINT max_partition_fetch_bytes_above_0 CHECK (max_partition_fetch_bytes > 0),
    request_timeout_ms            integer
        CONSTRAINT request_timeout_ms_above_0 CHECK (request_timeout_ms > 0),
    retry_backoff_ms              integer
        CONSTRAINT retry_backoff_ms_0_or_more CHECK (retry_backoff_ms >= 0),
    reconnect_backoff_ms          integer
        CONSTRAINT reconnect_backoff_ms_0_or_more CHECK (reconnect_backoff_ms >= 0),
    reconnect_backoff_max_ms      integer,
    connections_max_idle_ms       integer
        CONSTRAINT connections_max_idle_ms_above_0 CHECK (connections_max_idle_ms > 0),
    isolation_level               text
        CONSTRAINT isolation_level_read_uncommitted_or_read_committed
        CHECK (isolation_level IN ('read_uncommitted', 'read_committed')),
    batch_max_records             integer
        CONSTRAINT batch_max_records_1_to_1000000 CHECK (batch_max_records BETWEEN 1 AND 1000000),
    batch_max_bytes               bigint
        CONSTRAINT batch_max_bytes_1_or_more CHECK (batch_max_bytes >= 1),
    batch_linger_ms               integer
        CONSTRAINT batch_linger_ms_0_to_3600000 CHECK (batch_linger_ms BETWEEN 0 AND 3600000),
    description                   text,
    created_at                    timestamptz NOT NULL DEFAULT now(),
    updated_at                    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT session_timeout_ms_above_2_heartbeat_interval_ms
        CHECK (coalesce(session_timeout_ms, 60000) > 2 * coalesce(heartbeat_interval_ms, 20000)::bigint),
    CONSTRAINT max_poll_interval_ms_above_session_timeout_ms
        CHECK (coalesce(max_poll_interval_ms, 300000) > coalesce(session_timeout_ms, 60000)),
    CONSTRAINT reconnect_backoff_max_ms_at_least_reconnect_backoff_ms
        CHECK (coalesce(reconnect_backoff_max_ms, 5000) >= coalesce(reconnect_backoff_ms, 50))
);

COMMENT ON TABLE pipeline_consumer_configs IS 'Settings of the consumer of each service; null is not set: then the value of the service''s code applies, then the default. A running consumer applies most changes by itself';
COMMENT ON COLUMN pipeline_consumer_configs.service_name IS 'Service; also the beginning of client.id';
COMMENT ON COLUMN pipeline_consumer_configs.consumer_group_id IS 'group.id; applied at the next start, and another group applies everything again. Null: the group of the service''s code, else <service>-consumer-group';
COMMENT ON COLUMN pipeline_consumer_configs.max_poll_records IS 'max.poll.records: the most records that one poll hands out';
COMMENT ON COLUMN pipeline_consumer_configs.session_timeout_ms IS 'session.timeout.ms: how long the group waits for a silent member';
COMMENT ON COLUMN pipeline_consumer_configs.max_poll_interval_ms IS 'max.poll.interval.ms: how long a member may take between two polls';
COMMENT ON COLUMN pipeline_consumer_configs.heartbeat_interval_ms IS 'heartbeat.interval.ms: how often a member sends a sign of life to the group';
COMMENT ON COLUMN pipeline_consumer_configs.partition_assignment_strategy IS 'partition.assignment.strategy: how the group shares out partitions; applied at the next start';
COMMENT ON COLUMN pipeline_consumer_configs.enable_auto_commit IS 'enable.auto.commit of a plain client; the batching consumer commits written records only';
COMMENT ON COLUMN pipeline_consumer_configs.auto_commit_interval_ms IS 'auto.commit.interval.ms of a plain client';
COMMENT ON COLUMN pipeline_consumer_configs.auto_offset_reset IS 'Where a partition without a usable position starts';
COMMENT ON COLUMN pipeline_consumer_configs.fetch_min_bytes IS 'fetch.min.bytes: how many bytes a broker collects before it answers';
COMMENT ON COLUMN pipeline_consumer_configs.fetch_max_bytes IS 'fetch.max.bytes: the most bytes of one answer of a broker';
COMMENT ON COLUMN pipeline_consumer_configs.fetch_max_wait_ms IS 'fetch.max.wait.ms: how long a broker waits for fetch_min_bytes';
COMMENT ON COLUMN pipeline_consumer_configs.max_partition_fetch_bytes IS 'max.partition.fetch.bytes: the most bytes of one partition in an answer';
COMMENT ON COLUMN pipeline_consumer_configs.request_timeout_ms IS 'request.timeout.ms: how long the client waits for an answer';
COMMENT ON COLUMN pipeline_consumer_configs.retry_backoff_ms IS 'retry.backoff.ms: how long the client waits before it makes a failed request again';
COMMENT ON COLUMN pipeline_consumer_configs.reconnect_backoff_ms IS 'reconnect.backoff.ms: how long the client waits at first before it connects again';
COMMENT ON COLUMN pipeline_consumer_configs.reconnect_backoff_max_ms IS 'reconnect.backoff.max.ms: how long the client waits at most before it connects again';
COMMENT ON COLUMN pipeline_consumer_configs.connections_max_idle_ms IS 'connections.max.idle.ms: after how long an unused connection is closed';
COMMENT ON COLUMN pipeline_consumer_configs.isolation_level IS 'isolation.level of a plain client; the batching consumer reads committed records only';
COMMENT ON COLUMN pipeline_consumer_configs.batch_max_records IS 'The number of records at which a batch is written';
COMMENT ON COLUMN pipeline_consumer_configs.batch_max_bytes IS 'The limit of bytes of keys, values and headers in a batch';
COMMENT ON COLUMN pipeline_consumer_configs.batch_linger_ms IS 'The age of its oldest record at which a batch is written';
COMMENT ON COLUMN pipeline_consumer_configs.description IS 'Description of the service, or the reason for its settings';
COMMENT ON COLUMN pipeline_consumer_configs.created_at IS 'When the row was inserted';
COMMENT ON COLUMN pipeline_consumer_configs.updated_at IS 'When the row was last changed; set by a trigger';

CREATE TABLE IF NOT EXISTS consumer_config_changes (
    id           bigint      GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    service_name text        NOT NULL,
    setting      text        NOT NULL,
    old_value    text,
    new_value    text,
    changed_by   text        NOT NULL DEFAULT current_user,
    changed_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS consumer_config_changes_by_service ON consumer_config_changes (service_name, changed_at DESC);

COMMENT ON TABLE consumer_config_changes IS 'Every change of a value in pipeline_consumer_configs, with its role; filled by a trigger';
COMMENT ON COLUMN consumer_config_changes.id IS 'Number of the row';
COMMENT ON COLUMN consumer_config_changes.service_name IS 'Service; for a renamed service, its new name';
COMMENT ON COLUMN consumer_config_changes.setting IS 'Column of pipeline_consumer_configs';
COMMENT ON COLUMN consumer_config_changes.old_value IS 'Old value; null if there was none';
COMMENT ON COLUMN consumer_config_changes.new_value IS 'New value; null if there is none';
COMMENT ON COLUMN consumer_config_changes.changed_by IS 'Role that changed it';
COMMENT ON COLUMN consumer_config_changes.changed_at IS 'When it was changed';

CREATE OR REPLACE FUNCTION pipeline_consumer_configs_touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION pipeline_consumer_configs_touch() IS 'Sets updated_at';

CREATE OR REPLACE FUNCTION pipeline_consumer_configs_notify() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    names text[] := ARRAY[''];
    name  text;
BEGIN
    IF TG_OP = 'INSERT' THEN
        names := ARRAY[NEW.service_name];
    ELSIF TG_OP = 'UPDATE' THEN
        names := ARRAY[OLD.service_name, NEW.service_name];
    ELSIF TG_OP = 'DELETE' THEN
        names := ARRAY[OLD.service_name];
    END IF;
    FOREACH name IN ARRAY names LOOP
        PERFORM pg_notify('pipeline_consumer_configs', CASE WHEN octet_length(name) < 8000 THEN name ELSE '' END);
    END LOOP;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION pipeline_consumer_configs_notify() IS 'Notifies the listeners of the channel pipeline_consumer_configs of a changed service; an empty name means any service';

CREATE OR REPLACE FUNCTION pipeline_consumer_configs_record() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before jsonb := '{}';
    after  jsonb := '{}';
BEGIN
    IF TG_OP <> 'INSERT' THEN
        before := to_jsonb(OLD);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        after := to_jsonb(NEW);
    END IF;
    INSERT INTO consumer_config_changes (service_name, setting, old_value, new_value)
    SELECT coalesce(after ->> 'service_name', before ->> 'service_name'), setting, o.value, n.value
    FROM jsonb_each_text(before) AS o(setting, value) FULL JOIN jsonb_each_text(after) AS n(setting, value) USING (setting)
    WHERE o.value IS DISTINCT FROM n.value AND setting NOT IN ('created_at', 'updated_at')
    ORDER BY setting;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION pipeline_consumer_configs_record() IS 'Writes every changed value to consumer_config_changes';

CREATE OR REPLACE TRIGGER pipeline_consumer_configs_touch
    BEFORE UPDATE ON pipeline_consumer_configs FOR EACH ROW EXECUTE FUNCTION pipeline_consumer_configs_touch();
CREATE OR REPLACE TRIGGER pipeline_consumer_configs_notify
    AFTER INSERT OR UPDATE OR DELETE ON pipeline_consumer_configs
    FOR EACH ROW EXECUTE FUNCTION pipeline_consumer_configs_notify();
CREATE OR REPLACE TRIGGER pipeline_consumer_configs_notify_any
    AFTER TRUNCATE ON pipeline_consumer_configs EXECUTE FUNCTION pipeline_consumer_configs_notify();
CREATE OR REPLACE TRIGGER pipeline_consumer_configs_record
    AFTER INSERT OR UPDATE OR DELETE ON pipeline_consumer_configs
    FOR EACH ROW EXECUTE FUNCTION pipeline_consumer_configs_record();

CREATE TABLE IF NOT EXISTS consumer_lag_history (
    id                bigint      GENERATED BY DEFAULT AS IDENTITY (CACHE 100) PRIMARY KEY,
    service_name      text        NOT NULL,
    consumer_group_id text        NOT NULL,
    topic             text        NOT NULL,
    partition         integer     NOT NULL CHECK (partition >= 0),
    consumer_offset   bigint      NOT NULL CHECK (consumer_offset >= 0),
    log_end_offset    bigint      NOT NULL CHECK (log_end_offset >= 0),
    lag               bigint      NOT NULL CHECK (lag >= 0),
    "timestamp"       timestamptz NOT NULL DEFAULT now(),
    behind_ms         bigint      CHECK (behind_ms >= 0)
);
CREATE INDEX IF NOT EXISTS consumer_lag_history_by_service ON consumer_lag_history (service_name, "timestamp" DESC);
-- For trimming: it costs next to nothing, since rows come in the order of their times.
CREATE INDEX IF NOT EXISTS consumer_lag_history_by_time ON consumer_lag_history USING brin ("timestamp");

COMMENT ON TABLE consumer_lag_history IS 'Samples of the lag of each service, one for each partition; old ones are deleted';
COMMENT ON COLUMN consumer_lag_history.id IS 'Number of the row';
COMMENT ON COLUMN consumer_lag_history.service_name IS 'Service';
COMMENT ON COLUMN consumer_lag_history.consumer_group_id IS 'Its consumer group';
COMMENT ON COLUMN consumer_lag_history.topic IS 'Kafka topic';
COMMENT ON COLUMN consumer_lag_history.partition IS 'Partition of the topic';
COMMENT ON COLUMN consumer_lag_history.consumer_offset IS 'Next offset to consume: everything before it is durable';
COMMENT ON COLUMN consumer_lag_history.log_end_offset IS 'End of the log, up to which committed records can be read';
COMMENT ON COLUMN consumer_lag_history.lag IS 'Messages between the two';
COMMENT ON COLUMN consumer_lag_history."timestamp" IS 'When the sample was taken';
COMMENT ON COLUMN consumer_lag_history.behind_ms IS 'Lag in time: age of the newest written record, 0 if no record waits; null if none was written yet';

CREATE TABLE IF NOT EXISTS consumer_processing_metrics (
    id                  bigint           GENERATED BY DEFAULT AS IDENTITY (CACHE 100) PRIMARY KEY,
    service_name        text             NOT NULL,
    consumer_group_id   text             NOT NULL,
    batch_size          integer          NOT NULL CHECK (batch_size >= 0),
    messages_processed  bigint           NOT NULL CHECK (messages_processed >= 0),
    messages_failed     bigint           NOT NULL DEFAULT 0 CHECK (messages_failed >= 0),
    processing_time_ms  bigint           NOT NULL CHECK (processing_time_ms >= 0),
    messages_per_second double precision CHECK (messages_per_second >= 0),
    memory_usage_mb     bigint           CHECK (memory_usage_mb >= 0),
    "timestamp"         timestamptz      NOT NULL DEFAULT now(),
    samples_rejected    bigint           NOT NULL DEFAULT 0 CHECK (samples_rejected >= 0),
    samples_repeated    bigint           NOT NULL DEFAULT 0 CHECK (samples_repeated >= 0)
);
CREATE INDEX IF NOT EXISTS consumer_processing_metrics_by_service ON consumer_processing_metrics (service_name, "timestamp" DESC);
CREATE INDEX IF NOT EXISTS consumer_processing_metrics_by_time ON consumer_processing_metrics USING brin ("timestamp");

COMMENT ON TABLE consumer_processing_metrics IS 'Samples of the batches of each service; old ones are deleted';
COMMENT ON COLUMN consumer_processing_metrics.id IS 'Number of the row';
COMMENT ON COLUMN consumer_processing_metrics.service_name IS 'Service';
COMMENT ON COLUMN consumer_processing_metrics.consumer_group_id IS 'Its consumer group';
COMMENT ON COLUMN consumer_processing_metrics.batch_size IS 'Records of a batch';
COMMENT ON COLUMN consumer_processing_metrics.messages_processed IS 'Processed records, without failed ones';
COMMENT ON COLUMN consumer_processing_metrics.messages_failed IS 'Dead-lettered records, and records with nothing but refused values that are counted only';
COMMENT ON COLUMN consumer_processing_metrics.processing_time_ms IS 'Time of a batch';
COMMENT ON COLUMN consumer_processing_metrics.messages_per_second IS 'Records a second; null if unknown';
COMMENT ON COLUMN consumer_processing_metrics.memory_usage_mb IS 'Heap in use in MB; null if unknown';
COMMENT ON COLUMN consumer_processing_metrics."timestamp" IS 'When the sample was taken';
COMMENT ON COLUMN consumer_processing_metrics.samples_rejected IS 'Refused values of the records, in dead letters or counted only';
COMMENT ON COLUMN consumer_processing_metrics.samples_repeated IS 'Those of samples_rejected that are counted only: another record has the dead letter of the same kind';

CREATE TABLE IF NOT EXISTS kafka_topics (
    topic_name                 text    PRIMARY KEY
        CONSTRAINT topic_name_of_kafka CHECK (topic_name ~ '^[A-Za-z0-9._-]{1,249}$'),
    partitions                 integer NOT NULL DEFAULT 1
        CONSTRAINT partitions_1_or_more CHECK (partitions >= 1),
    expected_events_per_second numeric NOT NULL DEFAULT 0
        CONSTRAINT expected_events_per_second_0_or_more
        CHECK (expected_events_per_second >= 0 AND expected_events_per_second < 'Infinity'),
    consumer_replicas          integer NOT NULL DEFAULT 1
        CONSTRAINT consumer_replicas_0_or_more CHECK (consumer_replicas >= 0),
    priority                   text    NOT NULL DEFAULT 'medium',
    is_active                  boolean NOT NULL DEFAULT true
);

COMMENT ON TABLE kafka_topics IS 'Topics whose partitions are watched';
COMMENT ON COLUMN kafka_topics.topic_name IS 'Kafka topic';
COMMENT ON COLUMN kafka_topics.partitions IS 'Number of its partitions, measured or entered';
COMMENT ON COLUMN kafka_topics.expected_events_per_second IS 'Records a second, measured or expected';
COMMENT ON COLUMN kafka_topics.consumer_replicas IS 'Number of consumers of one group that share the topic';
COMMENT ON COLUMN kafka_topics.priority IS 'Priority of the topic, in the words of its owner; no advice depends on it';
COMMENT ON COLUMN kafka_topics.is_active IS 'Whether the topic is measured and gets advice';

CREATE TABLE IF NOT EXISTS topic_partition_changes (
    id                     bigint      GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    topic_name             text        NOT NULL
        CONSTRAINT topic_name_of_kafka CHECK (topic_name ~ '^[A-Za-z0-9._-]{1,249}$'),
    current_partitions     integer     NOT NULL
        CONSTRAINT current_partitions_1_or_more CHECK (current_partitions >= 1),
    recommended_partitions integer     NOT NULL,
    reason                 text        NOT NULL,
    applied                boolean     NOT NULL DEFAULT false,
    applied_at             timestamptz,
    created_at             timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT recommended_partitions_above_current_partitions CHECK (recommended_partitions > current_partitions)
);
CREATE UNIQUE INDEX IF NOT EXISTS topic_partition_changes_one_open ON topic_partition_changes (topic_name) WHERE NOT applied;

COMMENT ON TABLE topic_partition_changes IS 'Advice to add partitions to topics; at most one open change for each topic';
COMMENT ON COLUMN topic_partition_changes.id IS 'Number of the row';
COMMENT ON COLUMN topic_partition_changes.topic_name IS 'Kafka topic; only allowed names, since a shell runs the generated script';
COMMENT ON COLUMN topic_partition_changes.current_partitions IS 'Number of partitions at the time of the advice';
COMMENT ON COLUMN topic_partition_changes.recommended_partitions IS 'Number of partitions that it should have';
COMMENT ON COLUMN topic_partition_changes.reason IS 'Reason of the advice';
COMMENT ON COLUMN topic_partition_changes.applied IS 'Whether the topic has this number';
COMMENT ON COLUMN topic_partition_changes.applied_at IS 'When the change was marked as applied; null while it is open';
COMMENT ON COLUMN topic_partition_changes.created_at IS 'When the advice was first given';

-- The names of the services are found by jumping from one to the next in the index, and the samples of each by its
-- times: a whole history is never read, however long it is.
CREATE OR REPLACE VIEW v_consumer_performance_monitor AS
WITH RECURSIVE with_lag AS (
    (SELECT service_name FROM consumer_lag_history ORDER BY service_name LIMIT 1)
    UNION ALL
    SELECT (
        SELECT h.service_name FROM consumer_lag_history AS h
        WHERE h.service_name > w.service_name ORDER BY h.service_name LIMIT 1
    ) FROM with_lag AS w WHERE w.service_name IS NOT NULL
), with_processing AS (
    (SELECT service_name FROM consumer_processing_metrics ORDER BY service_name LIMIT 1)
    UNION ALL
    SELECT (
        SELECT h.service_name FROM consumer_processing_metrics AS h
        WHERE h.service_name > w.service_name ORDER BY h.service_name LIMIT 1
    ) FROM with_processing AS w WHERE w.service_name IS NOT NULL
), services AS (
    SELECT service_name FROM pipeline_consumer_configs
    UNION SELECT service_name FROM with_lag
    UNION SELECT service_name FROM with_processing
), samples AS (
    SELECT s.service_name, coalesce(c.consumer_group_id, last_lag.consumer_group_id,
            last_processing.consumer_group_id, s.service_name || '-consumer-group') AS consumer_group_id,
        coalesce(c.max_poll_records, 100) AS max_poll_records,
        coalesce(c.max_poll_interval_ms, 300000) AS max_poll_interval_ms,
        last_lag."timestamp" AS last_lag_at, now_lag.total AS current_lag, lag.mean AS lag, lag.most AS max_lag,
        processing.mean_time AS time, processing.mean_batch AS batch, processing.mean_rate AS rate,
        processing.failed / nullif(processing.processed + processing.failed, 0) AS error_rate,
        now_lag.reported_at, extract(epoch FROM now() - now_lag.reported_at)::double precision AS age,
        -- A consumer measures every 5 s and its monitor writes every 2: three reports are due by then.
        now_lag.reported_at < now() - interval '20 seconds' AS silent,
        c.service_name IS NOT NULL OR last_lag."timestamp" > now() - interval '1 day' OR processing.samples > 0 AS known
    FROM services AS s
        LEFT JOIN pipeline_consumer_configs AS c ON c.service_name = s.service_name
        LEFT JOIN LATERAL (
            SELECT h.consumer_group_id, h."timestamp" FROM consumer_lag_history AS h
            WHERE h.service_name = s.service_name ORDER BY h."timestamp" DESC LIMIT 1
        ) AS last_lag ON true
        LEFT JOIN LATERAL (
            SELECT h.consumer_group_id FROM consumer_processing_metrics AS h
            WHERE h.service_name = s.service_name ORDER BY h."timestamp" DESC LIMIT 1
        ) AS last_processing ON true
        CROSS JOIN LATERAL (
            SELECT sum(newest.lag) AS total, coalesce(min(newest."timestamp"), last_lag."timestamp") AS reported_at
            FROM (
                SELECT DISTINCT ON (h.topic, h.partition) h.lag, h."timestamp" FROM consumer_lag_history AS h
                WHERE h.service_name = s.service_name AND h."timestamp" > now() - interval '5 minutes'
                ORDER BY h.topic, h.partition, h."timestamp" DESC, h.id DESC
            ) AS newest
        ) AS now_lag
        CROSS JOIN LATERAL (
            SELECT count(*) AS samples, avg(h.lag) AS mean, max(h.lag) AS most FROM consumer_lag_history AS h
            WHERE h.service_name = s.service_name AND h."timestamp" > now() - interval '1 hour'
        ) AS lag
        CROSS JOIN LATERAL (
            SELECT count(*) AS samples, avg(h.processing_time_ms) AS mean_time, avg(h.batch_size) AS mean_batch,
                avg(h.messages_per_second) AS mean_rate, sum(h.messages_processed) AS processed,
                sum(h.messages_failed) AS failed
            FROM consumer_processing_metrics AS h
            WHERE h.service_name = s.service_name AND h."timestamp" > now() - interval '1 hour'
        ) AS processing
    WHERE s.service_name IS NOT NULL
)
SELECT service_name, consumer_group_id, current_lag::bigint AS current_total_lag,
    coalesce(lag, 0)::double precision AS avg_lag, coalesce(max_lag, 0) AS max_lag, last_lag_at,
    CASE
        WHEN current_lag IS NULL OR silent THEN 'UNKNOWN'
        WHEN current_lag > 10000 THEN 'CRITICAL'
        WHEN current_lag > 1000 THEN 'WARNING'
        WHEN current_lag > 100 THEN 'WATCH'
        ELSE 'HEALTHY'
    END AS lag_status,
    time::double precision AS avg_processing_time_ms, max_poll_interval_ms,
    CASE
        WHEN time IS NULL THEN 'UNKNOWN'
        WHEN time > 0.8 * max_poll_interval_ms THEN 'TOO_SLOW'
        WHEN time > 0.5 * max_poll_interval_ms THEN 'MARGINAL'
        ELSE 'GOOD'
    END AS processing_speed,
    batch::double precision AS avg_batch_size, max_poll_records,
    (100 * batch / max_poll_records)::double precision AS batch_efficiency_percent,
    rate AS avg_messages_per_second, error_rate::double precision AS error_rate,
    CASE
        WHEN silent THEN 'Look at the service: it has not reported '
            || CASE WHEN last_lag_at > reported_at THEN 'all its partitions for ' ELSE 'for ' END
            || CASE
                WHEN age < 120 THEN floor(age) || ' seconds'
                WHEN age < 7200 THEN floor(age / 60) || ' minutes'
                WHEN age < 172800 THEN floor(age / 3600) || ' hours'
                ELSE floor(age / 86400) || ' days'
            END
            || coalesce('; its lag was ' || current_lag || ' at ' || to_char(reported_at AT TIME ZONE 'UTC', 'HH24:MI:SS')
                || ' UTC', '')
        WHEN current_lag > 10000 AND batch < 0.5 * max_poll_records
            THEN 'Raise max_poll_records: many messages wait, and batches are small'
        WHEN time > 0.8 * max_poll_interval_ms
            THEN 'Lower max_poll_records, or raise max_poll_interval_ms and the other timeouts: batches take too long'
        WHEN error_rate > 0.1 THEN 'Check the processing: many records fail'
        WHEN current_lag < 10 AND batch < 10 THEN 'Use fewer resources: few messages wait, and batches are small'
        WHEN current_lag IS NULL THEN 'Look at the service: it has never reported its lag'
        ELSE 'Fine'
    END AS recommendation,
    age AS lag_age_seconds
FROM samples WHERE known;

COMMENT ON VIEW v_consumer_performance_monitor IS 'The performance of each service that has a row in pipeline_consumer_configs or has reported in the last day; limits that its row does not set are the defaults';
COMMENT ON COLUMN v_consumer_performance_monitor.service_name IS 'Service';
COMMENT ON COLUMN v_consumer_performance_monitor.consumer_group_id IS 'Its consumer group: that of its row, or the last reported one, or the default';
COMMENT ON COLUMN v_consumer_performance_monitor.current_total_lag IS 'Sum over its partitions of the newest sample of each in the last 5 minutes, as reported; null if there is none. Out of date if lag_status is UNKNOWN';
COMMENT ON COLUMN v_consumer_performance_monitor.avg_lag IS 'Mean of the samples of the last hour, each of one partition; 0 without samples, so that the largest lag sorts first';
COMMENT ON COLUMN v_consumer_performance_monitor.max_lag IS 'Largest sample of the last hour, of one partition; 0 without samples';
COMMENT ON COLUMN v_consumer_performance_monitor.last_lag_at IS 'When it last reported its lag; null if it never did';
COMMENT ON COLUMN v_consumer_performance_monitor.lag_status IS 'By current_total_lag: CRITICAL above 10000, WARNING above 1000, WATCH above 100, else HEALTHY; UNKNOWN if it is null, or if a partition of it was not reported in the last 20 seconds';
COMMENT ON COLUMN v_consumer_performance_monitor.avg_processing_time_ms IS 'Mean time of a batch in the last hour; null without samples';
COMMENT ON COLUMN v_consumer_performance_monitor.max_poll_interval_ms IS 'Longest allowed time of a batch';
COMMENT ON COLUMN v_consumer_performance_monitor.processing_speed IS 'By the mean time of a batch as a share of max_poll_interval_ms: TOO_SLOW above 0.8, MARGINAL above 0.5, else GOOD; UNKNOWN without samples';
COMMENT ON COLUMN v_consumer_performance_monitor.avg_batch_size IS 'Mean records of a batch in the last hour; null without samples';
COMMENT ON COLUMN v_consumer_performance_monitor.max_poll_records IS 'Limit of records of a poll';
COMMENT ON COLUMN v_consumer_performance_monitor.batch_efficiency_percent IS 'avg_batch_size in percent of max_poll_records; null without samples';
COMMENT ON COLUMN v_consumer_performance_monitor.avg_messages_per_second IS 'Mean of the rates of the last hour; null without samples';
COMMENT ON COLUMN v_consumer_performance_monitor.error_rate IS 'Records that failed in the last hour, as a share of those that failed or were processed, 0 to 1; null if there were none';
COMMENT ON COLUMN v_consumer_performance_monitor.recommendation IS 'What to do, the first matching advice';
COMMENT ON COLUMN v_consumer_performance_monitor.lag_age_seconds IS 'Age of the oldest part of current_total_lag; without one, age of the last report; null if there was none';

CREATE OR REPLACE VIEW v_consumer_alerts AS
SELECT service_name, consumer_group_id, lag_status, current_total_lag, last_lag_at, processing_speed,
    avg_processing_time_ms, max_poll_interval_ms, error_rate, recommendation,
    CASE
        WHEN lag_status IN ('CRITICAL', 'UNKNOWN') OR processing_speed = 'TOO_SLOW' OR error_rate > 0.2 THEN 'IMMEDIATE_ACTION'
        WHEN lag_status = 'WARNING' OR processing_speed = 'MARGINAL' OR error_rate > 0.1 THEN 'INVESTIGATE'
        ELSE 'MONITOR'
    END AS action_required,
    lag_age_seconds
FROM v_consumer_performance_monitor
WHERE lag_status <> 'HEALTHY' OR processing_speed IN ('TOO_SLOW', 'MARGINAL') OR error_rate > 0.05;

COMMENT ON VIEW v_consumer_alerts IS 'The services that need attention, including those with an unknown lag';
COMMENT ON COLUMN v_consumer_alerts.service_name IS 'Service';
COMMENT ON COLUMN v_consumer_alerts.consumer_group_id IS 'Its consumer group';
COMMENT ON COLUMN v_consumer_alerts.lag_status IS 'As in v_consumer_performance_monitor';
COMMENT ON COLUMN v_consumer_alerts.current_total_lag IS 'As in v_consumer_performance_monitor';
COMMENT ON COLUMN v_consumer_alerts.last_lag_at IS 'When it last reported its lag';
COMMENT ON COLUMN v_consumer_alerts.processing_speed IS 'As in v_consumer_performance_monitor';
COMMENT ON COLUMN v_consumer_alerts.avg_processing_time_ms IS 'Mean time of a batch in the last hour; null without samples';
COMMENT ON COLUMN v_consumer_alerts.max_poll_interval_ms IS 'Longest allowed time of a batch';
COMMENT ON COLUMN v_consumer_alerts.error_rate IS 'As in v_consumer_performance_monitor';
COMMENT ON COLUMN v_consumer_alerts.recommendation IS 'As in v_consumer_performance_monitor';
COMMENT ON COLUMN v_consumer_alerts.action_required IS 'IMMEDIATE_ACTION if CRITICAL, UNKNOWN, TOO_SLOW or error rate above 0.2; INVESTIGATE if WARNING, MARGINAL or above 0.1; else MONITOR';
COMMENT ON COLUMN v_consumer_alerts.lag_age_seconds IS 'As in v_consumer_performance_monitor';

CREATE OR REPLACE VIEW v_consumer_performance_history AS
SELECT service_name, hour AS "timestamp", avg(lag)::double precision AS avg_lag, max(lag) AS max_lag,
    avg(processing_time_ms)::double precision AS avg_processing_time_ms, avg(batch_size)::double precision AS avg_batch_size,
    avg(messages_per_second) AS avg_messages_per_second, sum(messages_processed)::bigint AS messages_processed,
    sum(messages_failed)::bigint AS messages_failed,
    (sum(messages_failed) / nullif(sum(messages_processed) + sum(messages_failed), 0))::double precision AS error_rate
FROM (
    SELECT service_name, date_trunc('hour', "timestamp", 'UTC') AS hour, lag, NULL::bigint AS processing_time_ms,
        NULL::integer AS batch_size, NULL::double precision AS messages_per_second, NULL::bigint AS messages_processed,
        NULL::bigint AS messages_failed
    FROM consumer_lag_history WHERE "timestamp" > now() - interval '7 days'
    UNION ALL
    SELECT service_name, date_trunc('hour', "timestamp", 'UTC'), NULL, processing_time_ms, batch_size,
        messages_per_second, messages_processed, messages_failed
    FROM consumer_processing_metrics WHERE "timestamp" > now() - interval '7 days'
) AS samples
GROUP BY service_name, hour;

COMMENT ON VIEW v_consumer_performance_history IS 'The last 7 days of each service, hour by hour; an hour without samples has no row';
COMMENT ON COLUMN v_consumer_performance_history.service_name IS 'Service';
COMMENT ON COLUMN v_consumer_performance_history."timestamp" IS 'Begin of the hour, in UTC whatever the session''s time zone is';
COMMENT ON COLUMN v_consumer_performance_history.avg_lag IS 'Mean of the samples, each of one partition; null without samples';
COMMENT ON COLUMN v_consumer_performance_history.max_lag IS 'Largest sample, of one partition; null without samples';
COMMENT ON COLUMN v_consumer_performance_history.avg_processing_time_ms IS 'Mean time of a batch; null without samples';
COMMENT ON COLUMN v_consumer_performance_history.avg_batch_size IS 'Mean records of a batch; null without samples';
COMMENT ON COLUMN v_consumer_performance_history.avg_messages_per_second IS 'Mean of the rates; null without samples';
COMMENT ON COLUMN v_consumer_performance_history.messages_processed IS 'Records that were processed; null without samples';
COMMENT ON COLUMN v_consumer_performance_history.messages_failed IS 'As in consumer_processing_metrics; null without samples';
COMMENT ON COLUMN v_consumer_performance_history.error_rate IS 'Records that failed as a share of those that failed or were processed, 0 to 1; null if there were none';

CREATE OR REPLACE VIEW v_partition_efficiency AS
SELECT topic_name, partitions, expected_events_per_second,
    expected_events_per_second / partitions AS events_per_second_per_partition, consumer_replicas, priority,
    least(greatest(ceil(expected_events_per_second / 10), consumer_replicas, 3), 2147483647)::integer AS ideal_partitions,
    expected_events_per_second > 10 * partitions::numeric OR consumer_replicas > 2 * partitions::bigint AS needs_more,
    CASE
        WHEN expected_events_per_second > 10 * partitions::numeric
            THEN format('More partitions: %s events a second on %s partitions are more than 10 each', round(expected_events_per_second, 1), partitions)
        WHEN consumer_replicas > 2 * partitions::bigint
            THEN format('More partitions: %s consumers of %s partitions are more than 2 each', consumer_replicas, partitions)
        ELSE 'Fine'
    END AS recommendation
FROM kafka_topics WHERE is_active;

COMMENT ON VIEW v_partition_efficiency IS 'Whether the active topics of kafka_topics have enough partitions';
COMMENT ON COLUMN v_partition_efficiency.topic_name IS 'Kafka topic';
COMMENT ON COLUMN v_partition_efficiency.partitions IS 'Number of its partitions';
COMMENT ON COLUMN v_partition_efficiency.expected_events_per_second IS 'Records a second';
COMMENT ON COLUMN v_partition_efficiency.events_per_second_per_partition IS 'Mean records a second of a partition';
COMMENT ON COLUMN v_partition_efficiency.consumer_replicas IS 'Number of consumers of one group that share the topic';
COMMENT ON COLUMN v_partition_efficiency.priority IS 'Priority of the topic, in the words of its owner';
COMMENT ON COLUMN v_partition_efficiency.ideal_partitions IS 'The largest of: one for every 10 events a second, one for every consumer, and 3';
COMMENT ON COLUMN v_partition_efficiency.needs_more IS 'Whether a partition has more than 10 events a second or more than 2 consumers';
COMMENT ON COLUMN v_partition_efficiency.recommendation IS 'What to do, with the reason';

CREATE OR REPLACE FUNCTION recommend_partition_changes() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    changes integer;
BEGIN
    UPDATE topic_partition_changes AS c SET applied = true, applied_at = now()
    FROM kafka_topics AS t
    WHERE t.topic_name = c.topic_name AND t.partitions >= c.recommended_partitions AND NOT c.applied;

    INSERT INTO topic_partition_changes AS c (topic_name, current_partitions, recommended_partitions, reason)
    SELECT topic_name, partitions, ideal_partitions, recommendation
    FROM v_partition_efficiency WHERE needs_more ORDER BY topic_name
    ON CONFLICT (topic_name) WHERE NOT applied DO UPDATE
        SET current_partitions = excluded.current_partitions, recommended_partitions = excluded.recommended_partitions,
            reason = excluded.reason
        WHERE (c.current_partitions, c.recommended_partitions, c.reason)
            IS DISTINCT FROM (excluded.current_partitions, excluded.recommended_partitions, excluded.reason);
    GET DIAGNOSTICS changes = ROW_COUNT;
    RETURN changes;
END
$$;

COMMENT ON FUNCTION recommend_partition_changes() IS 'Opens a change for every active topic that needs more partitions, or updates the open one; closes changes that a topic has reached. Returns the number of opened and updated changes';

CREATE OR REPLACE FUNCTION generate_partition_update_script() RETURNS SETOF text LANGUAGE sql STABLE AS $$
    SELECT format('kafka-topics --alter --topic %s --partitions %s', topic_name, recommended_partitions)
    FROM topic_partition_changes WHERE NOT applied ORDER BY topic_name
$$;

COMMENT ON FUNCTION generate_partition_update_script() IS 'The command for each open change, without --bootstrap-server. After it, a key''s records may go to another partition';

CREATE OR REPLACE FUNCTION mark_partition_changes_applied(topic text) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    changes integer;
BEGIN
    UPDATE kafka_topics AS t SET partitions = c.recommended_partitions
    FROM topic_partition_changes AS c
    WHERE t.topic_name = topic AND c.topic_name = topic AND NOT c.applied AND t.partitions < c.recommended_partitions;

    UPDATE topic_partition_changes SET applied = true, applied_at = now() WHERE NOT applied AND topic_name = topic;
    GET DIAGNOSTICS changes = ROW_COUNT;
    RETURN changes;
END
$$;

COMMENT ON FUNCTION mark_partition_changes_applied(text) IS 'Marks the open change of a topic as applied, and stores its partitions in kafka_topics. Returns the number of changes: 0 or 1';

CREATE OR REPLACE FUNCTION mark_partition_changes_applied() RETURNS integer LANGUAGE sql AS $$
    SELECT coalesce(sum(mark_partition_changes_applied(topic_name)), 0)::integer
    FROM topic_partition_changes WHERE NOT applied
$$;

COMMENT ON FUNCTION mark_partition_changes_applied() IS 'Marks all open changes as applied. Returns their number';

-- Not SET search_path FROM CURRENT: a "$user" in it would be the role that calls, not the one that installs. Temporary
-- tables come last, or one of the caller's could stand in for ours.
DO $$
DECLARE
    made regprocedure;
BEGIN
    FOR made IN
        SELECT p.oid FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
        WHERE n.nspname = current_schema() AND p.proname IN ('pipeline_consumer_configs_touch',
            'pipeline_consumer_configs_notify', 'pipeline_consumer_configs_record', 'recommend_partition_changes',
            'generate_partition_update_script', 'mark_partition_changes_applied')
    LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', made, current_schema());
    END LOOP;
END
$$;
