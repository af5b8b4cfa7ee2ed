-- Samples with numbers in place of texts, partitioned by UTC day: the sink creates the days, retention drops them. Plain
-- SQL for PostgreSQL 14 to 18; psql runs it as it is.
--
-- The key is the only b-tree: it serves the samples, the newest sample and the aggregates of a GPU and metric. There
-- are no foreign keys: the sink checks the numbers that it uses in the transaction that uses them, once a batch.

CREATE TABLE IF NOT EXISTS gpu_labels (
    labels_id  bigint  PRIMARY KEY,
    hostname   text    NOT NULL,
    namespace  text    NOT NULL,
    pod        text    NOT NULL,
    container  text    NOT NULL,
    gpu_id     integer CHECK (gpu_id >= 0),
    device     text    NOT NULL,
    model_name text    NOT NULL,
    pci_bus_id text    NOT NULL,
    labels     jsonb   NOT NULL,
    last_day   date    NOT NULL
) WITH (fillfactor = 80);

COMMENT ON TABLE gpu_labels IS 'Sets of labels of samples: where a GPU was, and whose, as of then';
COMMENT ON COLUMN gpu_labels.labels_id IS 'The first 8 bytes of the SHA-256 of all labels';
COMMENT ON COLUMN gpu_labels.hostname IS 'Host; empty if unknown';
COMMENT ON COLUMN gpu_labels.namespace IS 'Namespace of the workload; empty if there is none';
COMMENT ON COLUMN gpu_labels.pod IS 'Pod of the workload; empty if there is none';
COMMENT ON COLUMN gpu_labels.container IS 'Container of the workload; empty if there is none';
COMMENT ON COLUMN gpu_labels.gpu_id IS 'Number of the GPU on its host; null if unknown';
COMMENT ON COLUMN gpu_labels.device IS 'Name of the device on its host; empty if unknown';
COMMENT ON COLUMN gpu_labels.model_name IS 'Model; empty if unknown';
COMMENT ON COLUMN gpu_labels.pci_bus_id IS 'PCI address on its host; empty if unknown';
COMMENT ON COLUMN gpu_labels.labels IS 'All other labels, texts by name';
COMMENT ON COLUMN gpu_labels.last_day IS 'The last UTC day with such samples; once retention has dropped it, the set is removed';

CREATE TABLE IF NOT EXISTS gpu_sample (
    ts           timestamptz      NOT NULL,
    series_key   bigint           NOT NULL,
    metric_value double precision NOT NULL,
    labels_id    bigint           NOT NULL,
    gpu_no       integer          NOT NULL,
    metric_no    integer          NOT NULL,
    instance     text             NOT NULL,
    scope        smallint         NOT NULL,
    quality      smallint         NOT NULL,
    PRIMARY KEY (gpu_no, metric_no, ts, series_key)
) PARTITION BY RANGE (ts);
CREATE INDEX IF NOT EXISTS gpu_sample_ts ON gpu_sample USING brin (ts);

COMMENT ON TABLE gpu_sample IS 'Every sample, once';
COMMENT ON COLUMN gpu_sample.ts IS 'Time of the reading';
COMMENT ON COLUMN gpu_sample.series_key IS 'The first 8 bytes of the SHA-256 of the labels that distinguish readings of one GPU, metric and time; 0 if there are none';
COMMENT ON COLUMN gpu_sample.metric_value IS 'Value in the unit of the metric';
COMMENT ON COLUMN gpu_sample.labels_id IS 'Labels, see gpu_labels';
COMMENT ON COLUMN gpu_sample.gpu_no IS 'GPU, see gpu';
COMMENT ON COLUMN gpu_sample.metric_no IS 'Metric, see gpu_metric';
COMMENT ON COLUMN gpu_sample.instance IS 'Part of the GPU: gi:7 a MIG instance, nvlink:3 a link; empty for the whole GPU';
COMMENT ON COLUMN gpu_sample.scope IS '0 whole GPU, 1 MIG instance, 2 link, 3 copy or share of a workload, 4 other series';
COMMENT ON COLUMN gpu_sample.quality IS 'Sum of doubts: 1 out of range, 2 late, 4 second delivery';

CREATE OR REPLACE VIEW gpu_telemetry AS
SELECT 0::bigint AS id, s.ts, m.metric_name, l.gpu_id, l.device, g.uuid, l.model_name, l.hostname, l.container, l.pod,
    l.namespace, s.metric_value,
    CASE WHEN l.pci_bus_id = '' THEN l.labels ELSE l.labels || jsonb_build_object('pci_bus_id', l.pci_bus_id) END AS labels_raw,
    s.ts AS created_at, s.instance, s.scope, s.quality, s.series_key,
    date_bin(interval '1 hour', s.ts, timestamptz '2000-01-01 00:00+00') AS hour
FROM gpu_sample AS s
    JOIN gpu AS g USING (gpu_no)
    JOIN gpu_metric AS m USING (metric_no)
    JOIN gpu_labels AS l USING (labels_id);

COMMENT ON VIEW gpu_telemetry IS 'Every sample with its texts, in the columns of a flat table';
COMMENT ON COLUMN gpu_telemetry.id IS 'Always 0: a sample is known by uuid, metric_name, ts and its labels';
COMMENT ON COLUMN gpu_telemetry.ts IS 'Time of the reading';
COMMENT ON COLUMN gpu_telemetry.metric_name IS 'Metric';
COMMENT ON COLUMN gpu_telemetry.gpu_id IS 'Number of the GPU on its host at that time; null if unknown';
COMMENT ON COLUMN gpu_telemetry.device IS 'Name of the device at that time; empty if unknown';
COMMENT ON COLUMN gpu_telemetry.uuid IS 'UUID of the GPU';
COMMENT ON COLUMN gpu_telemetry.model_name IS 'Model; empty if unknown';
COMMENT ON COLUMN gpu_telemetry.hostname IS 'Host at that time; empty if unknown';
COMMENT ON COLUMN gpu_telemetry.container IS 'Container of the workload; empty if there is none';
COMMENT ON COLUMN gpu_telemetry.pod IS 'Pod of the workload; empty if there is none';
COMMENT ON COLUMN gpu_telemetry.namespace IS 'Namespace of the workload; empty if there is none';
COMMENT ON COLUMN gpu_telemetry.metric_value IS 'Value in the unit of the metric';
COMMENT ON COLUMN gpu_telemetry.labels_raw IS 'All other labels, texts by name';
COMMENT ON COLUMN gpu_telemetry.created_at IS 'Same as ts';
COMMENT ON COLUMN gpu_telemetry.instance IS 'Part of the GPU: gi:7 a MIG instance, nvlink:3 a link; empty for the whole GPU';
COMMENT ON COLUMN gpu_telemetry.scope IS '0 whole GPU, 1 MIG instance, 2 link, 3 copy or share of a workload, 4 other series';
COMMENT ON COLUMN gpu_telemetry.quality IS 'Sum of doubts: 1 out of range, 2 late, 4 second delivery';
COMMENT ON COLUMN gpu_telemetry.series_key IS 'The first 8 bytes of the SHA-256 of the labels that distinguish readings of one GPU, metric and time; 0 if there are none';
COMMENT ON COLUMN gpu_telemetry.hour IS 'Beginning of the hour of ts, UTC: a query for one hour gives it, too, and reads only its pieces of compacted days';

CREATE OR REPLACE VIEW gpu_xid_events AS
SELECT DISTINCT ON (g.uuid, v.ts) v.ts, g.uuid, v.metric_value::integer AS xid, v.instance, l.hostname, v.gpu_no
FROM (
    SELECT s.ts, s.gpu_no, s.metric_value, s.instance, s.labels_id,
        lag(s.metric_value, 1, 0::double precision) OVER (PARTITION BY s.gpu_no, s.series_key ORDER BY s.ts) AS previous
    FROM gpu_sample AS s
    WHERE s.metric_no = (SELECT m.metric_no FROM gpu_metric AS m WHERE m.metric_name = 'DCGM_FI_DEV_XID_ERRORS')
) AS v
    JOIN gpu AS g USING (gpu_no)
    JOIN gpu_labels AS l USING (labels_id)
WHERE v.metric_value <> v.previous AND v.metric_value <> 0
ORDER BY g.uuid, v.ts, v.metric_value DESC, v.instance;

COMMENT ON VIEW gpu_xid_events IS 'Every change of the last Xid of a GPU to another one, computed from all samples, so that late and repeated ones do not matter';
COMMENT ON COLUMN gpu_xid_events.ts IS 'Time of the first sample with that number';
COMMENT ON COLUMN gpu_xid_events.uuid IS 'UUID of the GPU';
COMMENT ON COLUMN gpu_xid_events.xid IS 'Number of the Xid; the largest of one GPU and time';
COMMENT ON COLUMN gpu_xid_events.instance IS 'Part of the GPU that reported it; empty for the whole GPU';
COMMENT ON COLUMN gpu_xid_events.hostname IS 'Host at that time; empty if unknown';
COMMENT ON COLUMN gpu_xid_events.gpu_no IS 'Number of the GPU, see gpu';
