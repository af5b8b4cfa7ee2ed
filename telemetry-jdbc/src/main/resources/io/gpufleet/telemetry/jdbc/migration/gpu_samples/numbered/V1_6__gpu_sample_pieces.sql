-- Compacted samples: pieces of one hour (UTC), each a row of a GPU, metric and series, partitioned by UTC day. Plain SQL
-- for PostgreSQL 14 to 18; psql runs it as it is.
--
-- Lists of times are kept apart, each once, since most metrics of a GPU share them. Writers and the compaction agree by
-- locks on the rows of gpu_sample_hour.

CREATE TABLE IF NOT EXISTS gpu_sample_compaction (
    day          date        PRIMARY KEY,
    started_at   timestamptz NOT NULL DEFAULT now(),
    compacted_at timestamptz,
    samples      bigint      NOT NULL DEFAULT 0,
    bytes_before bigint,
    bytes_after  bigint
);

COMMENT ON TABLE gpu_sample_compaction IS 'The days of samples that are compacted, or about to be: a writer looks for their samples in pieces, too';
COMMENT ON COLUMN gpu_sample_compaction.day IS 'Day, UTC';
COMMENT ON COLUMN gpu_sample_compaction.started_at IS 'When the compaction of the day began';
COMMENT ON COLUMN gpu_sample_compaction.compacted_at IS 'When all rows had become pieces and the space of the partitions of the day alone was given back; null before, and with late rows';
COMMENT ON COLUMN gpu_sample_compaction.samples IS 'Number of samples that have become parts of pieces';
COMMENT ON COLUMN gpu_sample_compaction.bytes_before IS 'Bytes of the rows of the day when its compaction began, indexes included, and since then those of late rows; null if they lay in a partition with other days';
COMMENT ON COLUMN gpu_sample_compaction.bytes_after IS 'Bytes of the day when it was compacted the last time, rows and pieces with their indexes; null before';

CREATE TABLE IF NOT EXISTS gpu_sample_hour (
    hour    timestamptz NOT NULL CHECK (mod(extract(epoch FROM hour), 3600) = 0),
    gpu_no  integer     NOT NULL,
    failure text,
    PRIMARY KEY (gpu_no, hour)
) PARTITION BY RANGE (hour);

COMMENT ON TABLE gpu_sample_hour IS 'Hours of GPUs on compacted days, for locks: compaction locks the row to rewrite the hour, writers share it to add samples';
COMMENT ON COLUMN gpu_sample_hour.hour IS 'Beginning of the hour, UTC';
COMMENT ON COLUMN gpu_sample_hour.gpu_no IS 'GPU, see gpu';
COMMENT ON COLUMN gpu_sample_hour.failure IS 'Why the samples of the hour stay rows; null if they do not, or were not tried yet';

CREATE TABLE IF NOT EXISTS gpu_sample_times (
    hour     timestamptz NOT NULL CHECK (mod(extract(epoch FROM hour), 3600) = 0),
    gpu_no   integer     NOT NULL,
    samples  integer     NOT NULL CHECK (samples > 0),
    step     integer     CHECK (step > 0),
    times_no smallint    NOT NULL,
    micros   integer[]   NOT NULL,
    PRIMARY KEY (gpu_no, hour, times_no, samples),
    CONSTRAINT gpu_sample_times_length CHECK (array_ndims(micros) = 1
        AND cardinality(micros) = CASE WHEN step IS NULL THEN samples ELSE 1 END),
    CONSTRAINT gpu_sample_times_range CHECK (array_position(micros, NULL) IS NULL
        AND -1800000000 <= ALL (micros) AND 1800000000 > ALL (micros)
        AND (micros[1] + (samples - 1) * step::bigint < 1800000000) IS NOT FALSE)
) PARTITION BY RANGE (hour);

COMMENT ON TABLE gpu_sample_times IS 'Times of compacted samples: each distinct list of times of a GPU and hour, once';
COMMENT ON COLUMN gpu_sample_times.hour IS 'Beginning of the hour, UTC';
COMMENT ON COLUMN gpu_sample_times.gpu_no IS 'GPU, see gpu';
COMMENT ON COLUMN gpu_sample_times.samples IS 'Number of times';
COMMENT ON COLUMN gpu_sample_times.times_no IS 'Number of the list among those of the GPU and hour';
COMMENT ON COLUMN gpu_sample_times.step IS 'Distance of the times in microseconds, if they all have the same; else null';
COMMENT ON COLUMN gpu_sample_times.micros IS 'Times in microseconds after the middle of the hour; the first only if there is a step';

CREATE TABLE IF NOT EXISTS gpu_sample_piece (
    hour       timestamptz NOT NULL CHECK (mod(extract(epoch FROM hour), 3600) = 0),
    series_key bigint      NOT NULL,
    labels_id  bigint,
    base       bigint,
    value      double precision,
    gpu_no     integer     NOT NULL,
    metric_no  integer     NOT NULL,
    samples    integer     NOT NULL CHECK (samples > 0),
    divisor    integer     CHECK (divisor IN (1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000)),
    times_no   smallint    NOT NULL,
    scope      smallint,
    quality    smallint,
    instance   text,
    small      smallint[],
    whole      integer[],
    single     real[],
    exact      double precision[],
    labels_ids bigint[],
    instances  text[],
    scopes     smallint[],
    qualities  smallint[],
    PRIMARY KEY (gpu_no, metric_no, hour, series_key),
    CONSTRAINT gpu_sample_piece_form CHECK (num_nonnulls(value, small, whole, single, exact) = 1
        AND num_nonnulls(labels_id, labels_ids) = 1 AND num_nonnulls(instance, instances) = 1
        AND num_nonnulls(scope, scopes) = 1 AND num_nonnulls(quality, qualities) = 1
        AND (divisor IS NULL) = (small IS NULL AND whole IS NULL) AND (base IS NULL OR divisor IS NOT NULL)),
    CONSTRAINT gpu_sample_piece_length CHECK (cardinality(small) = samples IS NOT FALSE
        AND cardinality(whole) = samples IS NOT FALSE AND cardinality(single) = samples IS NOT FALSE
        AND cardinality(exact) = samples IS NOT FALSE AND cardinality(labels_ids) = samples IS NOT FALSE
        AND cardinality(instances) = samples IS NOT FALSE AND cardinality(scopes) = samples IS NOT FALSE
        AND cardinality(qualities) = samples IS NOT FALSE),
    CONSTRAINT gpu_sample_piece_complete CHECK (array_position(small, NULL) IS NULL
        AND array_position(whole, NULL) IS NULL AND array_position(single, NULL) IS NULL
        AND array_position(exact, NULL) IS NULL AND array_position(labels_ids, NULL) IS NULL
        AND array_position(instances, NULL) IS NULL AND array_position(scopes, NULL) IS NULL
        AND array_position(qualities, NULL) IS NULL)
) PARTITION BY RANGE (hour);

COMMENT ON TABLE gpu_sample_piece IS 'Compacted samples: those of a GPU, metric and series in an hour, in one row';
COMMENT ON COLUMN gpu_sample_piece.hour IS 'Beginning of the hour, UTC';
COMMENT ON COLUMN gpu_sample_piece.series_key IS 'Same as gpu_sample.series_key';
COMMENT ON COLUMN gpu_sample_piece.labels_id IS 'Labels of all samples; null if they differ';
COMMENT ON COLUMN gpu_sample_piece.base IS 'The whole numbers are differences, the first one from this number; null if they are not';
COMMENT ON COLUMN gpu_sample_piece.value IS 'Value of all samples; null if they differ';
COMMENT ON COLUMN gpu_sample_piece.gpu_no IS 'GPU, see gpu';
COMMENT ON COLUMN gpu_sample_piece.metric_no IS 'Metric, see gpu_metric';
COMMENT ON COLUMN gpu_sample_piece.samples IS 'Number of samples, the length of every array';
COMMENT ON COLUMN gpu_sample_piece.divisor IS 'Divisor of the whole numbers, a power of ten; null if the values are no whole numbers';
COMMENT ON COLUMN gpu_sample_piece.times_no IS 'Times, see gpu_sample_times';
COMMENT ON COLUMN gpu_sample_piece.scope IS 'Same as gpu_sample.scope; null if the samples differ';
COMMENT ON COLUMN gpu_sample_piece.quality IS 'Same as gpu_sample.quality; null if the samples differ';
COMMENT ON COLUMN gpu_sample_piece.instance IS 'Same as gpu_sample.instance; null if the samples differ';
COMMENT ON COLUMN gpu_sample_piece.small IS 'Values as whole numbers of two bytes';
COMMENT ON COLUMN gpu_sample_piece.whole IS 'Values as whole numbers of four bytes';
COMMENT ON COLUMN gpu_sample_piece.single IS 'Values in single precision, if none of them loses a bit';
COMMENT ON COLUMN gpu_sample_piece.exact IS 'Values that have no smaller form';
COMMENT ON COLUMN gpu_sample_piece.labels_ids IS 'Labels of each sample, if they differ';
COMMENT ON COLUMN gpu_sample_piece.instances IS 'Instance of each sample, if they differ';
COMMENT ON COLUMN gpu_sample_piece.scopes IS 'Scope of each sample, if they differ';
COMMENT ON COLUMN gpu_sample_piece.qualities IS 'Quality of each sample, if they differ';

-- Each half alone, so that a query that joins it for a metric or GPU unpacks only their pieces.
CREATE OR REPLACE VIEW gpu_sample_unpacked_values AS
SELECT p.hour + interval '30 minutes' + a.micros * interval '1 microsecond' AS ts, p.series_key,
    CASE
        WHEN p.value IS NOT NULL THEN p.value
        WHEN p.divisor IS NOT NULL THEN coalesce(a.small, a.whole)::double precision / p.divisor
        WHEN p.single IS NOT NULL THEN a.single::double precision
        ELSE a.exact
    END AS metric_value,
    coalesce(p.labels_id, a.labels_id) AS labels_id, p.gpu_no, p.metric_no, coalesce(p.instance, a.instance) AS instance,
    coalesce(p.scope, a.scope) AS scope, coalesce(p.quality, a.quality) AS quality, p.hour,
    t.hour AS times_hour
FROM gpu_sample_piece AS p
    JOIN gpu_sample_times AS t USING (gpu_no, hour, times_no, samples)
    CROSS JOIN LATERAL unnest(CASE WHEN t.step IS NULL THEN t.micros ELSE ARRAY(
            SELECT (t.micros[1] + n * t.step)::integer FROM generate_series(0::bigint, t.samples - 1) AS n ORDER BY n) END,
        p.small, p.whole, p.single, p.exact, p.labels_ids, p.instances, p.scopes, p.qualities)
        AS a(micros, small, whole, single, exact, labels_id, instance, scope, quality)
WHERE p.base IS NULL;

CREATE OR REPLACE VIEW gpu_sample_unpacked_differences AS
SELECT p.hour + interval '30 minutes' + a.micros * interval '1 microsecond' AS ts, p.series_key,
    (p.base + a.above)::double precision / p.divisor AS metric_value,
    coalesce(p.labels_id, a.labels_id) AS labels_id, p.gpu_no, p.metric_no, coalesce(p.instance, a.instance) AS instance,
    coalesce(p.scope, a.scope) AS scope, coalesce(p.quality, a.quality) AS quality, p.hour,
    t.hour AS times_hour
FROM gpu_sample_piece AS p
    JOIN gpu_sample_times AS t USING (gpu_no, hour, times_no, samples)
    CROSS JOIN LATERAL (
        SELECT d.micros, sum(coalesce(d.small, d.whole)) OVER (ORDER BY d.place ROWS UNBOUNDED PRECEDING) AS above,
            d.labels_id, d.instance, d.scope, d.quality
        FROM unnest(CASE WHEN t.step IS NULL THEN t.micros ELSE ARRAY(
                SELECT (t.micros[1] + n * t.step)::integer FROM generate_series(0::bigint, t.samples - 1) AS n ORDER BY n) END,
            p.small, p.whole, p.labels_ids, p.instances, p.scopes, p.qualities) WITH ORDINALITY
            AS d(micros, small, whole, labels_id, instance, scope, quality, place)
    ) AS a
WHERE p.base IS NOT NULL;

CREATE OR REPLACE VIEW gpu_sample_unpacked AS
SELECT * FROM gpu_sample_unpacked_values
UNION ALL
SELECT * FROM gpu_sample_unpacked_differences;

COMMENT ON VIEW gpu_sample_unpacked_values IS 'The samples of the pieces that keep values, in the columns of gpu_sample_unpacked';
COMMENT ON VIEW gpu_sample_unpacked_differences IS 'The samples of the pieces that keep differences, in the columns of gpu_sample_unpacked';
COMMENT ON COLUMN gpu_sample_unpacked_values.ts IS 'Same as gpu_sample_unpacked.ts';
COMMENT ON COLUMN gpu_sample_unpacked_values.series_key IS 'Same as gpu_sample_unpacked.series_key';
COMMENT ON COLUMN gpu_sample_unpacked_values.metric_value IS 'Same as gpu_sample_unpacked.metric_value';
COMMENT ON COLUMN gpu_sample_unpacked_values.labels_id IS 'Same as gpu_sample_unpacked.labels_id';
COMMENT ON COLUMN gpu_sample_unpacked_values.gpu_no IS 'Same as gpu_sample_unpacked.gpu_no';
COMMENT ON COLUMN gpu_sample_unpacked_values.metric_no IS 'Same as gpu_sample_unpacked.metric_no';
COMMENT ON COLUMN gpu_sample_unpacked_values.instance IS 'Same as gpu_sample_unpacked.instance';
COMMENT ON COLUMN gpu_sample_unpacked_values.scope IS 'Same as gpu_sample_unpacked.scope';
COMMENT ON COLUMN gpu_sample_unpacked_values.quality IS 'Same as gpu_sample_unpacked.quality';
COMMENT ON COLUMN gpu_sample_unpacked_values.hour IS 'Same as gpu_sample_unpacked.hour';
COMMENT ON COLUMN gpu_sample_unpacked_values.times_hour IS 'Same as gpu_sample_unpacked.times_hour';
COMMENT ON COLUMN gpu_sample_unpacked_differences.ts IS 'Same as gpu_sample_unpacked.ts';
COMMENT ON COLUMN gpu_sample_unpacked_differences.series_key IS 'Same as gpu_sample_unpacked.series_key';
COMMENT ON COLUMN gpu_sample_unpacked_differences.metric_value IS 'Same as gpu_sample_unpacked.metric_value';
COMMENT ON COLUMN gpu_sample_unpacked_differences.labels_id IS 'Same as gpu_sample_unpacked.labels_id';
COMMENT ON COLUMN gpu_sample_unpacked_differences.gpu_no IS 'Same as gpu_sample_unpacked.gpu_no';
COMMENT ON COLUMN gpu_sample_unpacked_differences.metric_no IS 'Same as gpu_sample_unpacked.metric_no';
COMMENT ON COLUMN gpu_sample_unpacked_differences.instance IS 'Same as gpu_sample_unpacked.instance';
COMMENT ON COLUMN gpu_sample_unpacked_differences.scope IS 'Same as gpu_sample_unpacked.scope';
COMMENT ON COLUMN gpu_sample_unpacked_differences.quality IS 'Same as gpu_sample_unpacked.quality';
COMMENT ON COLUMN gpu_sample_unpacked_differences.hour IS 'Same as gpu_sample_unpacked.hour';
COMMENT ON COLUMN gpu_sample_unpacked_differences.times_hour IS 'Same as gpu_sample_unpacked.times_hour';
COMMENT ON VIEW gpu_sample_unpacked IS 'The samples of all pieces, in the columns of gpu_sample; a query with a bound of hour reads only these pieces';
COMMENT ON COLUMN gpu_sample_unpacked.ts IS 'Same as gpu_sample.ts';
COMMENT ON COLUMN gpu_sample_unpacked.series_key IS 'Same as gpu_sample.series_key';
COMMENT ON COLUMN gpu_sample_unpacked.metric_value IS 'Same as gpu_sample.metric_value';
COMMENT ON COLUMN gpu_sample_unpacked.labels_id IS 'Same as gpu_sample.labels_id';
COMMENT ON COLUMN gpu_sample_unpacked.gpu_no IS 'Same as gpu_sample.gpu_no';
COMMENT ON COLUMN gpu_sample_unpacked.metric_no IS 'Same as gpu_sample.metric_no';
COMMENT ON COLUMN gpu_sample_unpacked.instance IS 'Same as gpu_sample.instance';
COMMENT ON COLUMN gpu_sample_unpacked.scope IS 'Same as gpu_sample.scope';
COMMENT ON COLUMN gpu_sample_unpacked.quality IS 'Same as gpu_sample.quality';
COMMENT ON COLUMN gpu_sample_unpacked.hour IS 'Beginning of the hour of ts, UTC';
COMMENT ON COLUMN gpu_sample_unpacked.times_hour IS 'Same as hour: a query with a range of hours gives it for both, or it looks for times in all days';

-- Each part joins on its own, so that a query for a GPU or metric unpacks only their pieces.
CREATE OR REPLACE VIEW gpu_telemetry AS
SELECT 0::bigint AS id, s.ts, m.metric_name, l.gpu_id, l.device, g.uuid, l.model_name, l.hostname, l.container, l.pod,
    l.namespace, s.metric_value,
    CASE WHEN l.pci_bus_id = '' THEN l.labels ELSE l.labels || jsonb_build_object('pci_bus_id', l.pci_bus_id) END AS labels_raw,
    s.ts AS created_at, s.instance, s.scope, s.quality, s.series_key,
    date_bin(interval '1 hour', s.ts, timestamptz '2000-01-01 00:00+00') AS hour
FROM gpu_sample AS s
    JOIN gpu AS g USING (gpu_no)
    JOIN gpu_metric AS m USING (metric_no)
    JOIN gpu_labels AS l USING (labels_id)
UNION ALL
SELECT 0::bigint AS id, s.ts, m.metric_name, l.gpu_id, l.device, g.uuid, l.model_name, l.hostname, l.container, l.pod,
    l.namespace, s.metric_value,
    CASE WHEN l.pci_bus_id = '' THEN l.labels ELSE l.labels || jsonb_build_object('pci_bus_id', l.pci_bus_id) END AS labels_raw,
    s.ts AS created_at, s.instance, s.scope, s.quality, s.series_key, s.hour
FROM gpu_sample_unpacked_values AS s
    JOIN gpu AS g USING (gpu_no)
    JOIN gpu_metric AS m USING (metric_no)
    JOIN gpu_labels AS l USING (labels_id)
UNION ALL
SELECT 0::bigint AS id, s.ts, m.metric_name, l.gpu_id, l.device, g.uuid, l.model_name, l.hostname, l.container, l.pod,
    l.namespace, s.metric_value,
    CASE WHEN l.pci_bus_id = '' THEN l.labels ELSE l.labels || jsonb_build_object('pci_bus_id', l.pci_bus_id) END AS labels_raw,
    s.ts AS created_at, s.instance, s.scope, s.quality, s.series_key, s.hour
FROM gpu_sample_unpacked_differences AS s
    JOIN gpu AS g USING (gpu_no)
    JOIN gpu_metric AS m USING (metric_no)
    JOIN gpu_labels AS l USING (labels_id);

CREATE OR REPLACE VIEW gpu_xid_events AS
SELECT DISTINCT ON (g.uuid, v.ts) v.ts, g.uuid, v.metric_value::integer AS xid, v.instance, l.hostname, v.gpu_no
FROM (
    SELECT s.ts, s.gpu_no, s.metric_value, s.instance, s.labels_id,
        lag(s.metric_value, 1, 0::double precision) OVER (PARTITION BY s.gpu_no, s.series_key ORDER BY s.ts) AS previous
    FROM (
        SELECT ts, gpu_no, metric_no, series_key, metric_value, instance, labels_id FROM gpu_sample
        UNION ALL
        SELECT ts, gpu_no, metric_no, series_key, metric_value, instance, labels_id FROM gpu_sample_unpacked
    ) AS s
    WHERE s.metric_no = (SELECT m.metric_no FROM gpu_metric AS m WHERE m.metric_name = 'DCGM_FI_DEV_XID_ERRORS')
) AS v
    JOIN gpu AS g USING (gpu_no)
    JOIN gpu_labels AS l USING (labels_id)
WHERE v.metric_value <> v.previous AND v.metric_value <> 0
ORDER BY g.uuid, v.ts, v.metric_value DESC, v.instance;

-- In a string, since some drivers take all that follows BEGIN ATOMIC for a part of it.
DO $do$ BEGIN EXECUTE $sql$
CREATE OR REPLACE FUNCTION gpu_samples_between(gpu integer, metric integer, since timestamptz, before timestamptz)
    RETURNS SETOF gpu_sample LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT s.ts, s.series_key, s.metric_value, s.labels_id, s.gpu_no, s.metric_no, s.instance, s.scope, s.quality
    FROM gpu_sample AS s
    WHERE s.gpu_no = gpu AND s.metric_no = metric AND s.ts >= since AND s.ts < before
    UNION ALL
    SELECT u.ts, u.series_key, u.metric_value, u.labels_id, u.gpu_no, u.metric_no, u.instance, u.scope, u.quality
    FROM gpu_sample_unpacked AS u
    WHERE u.gpu_no = gpu AND u.metric_no = metric AND u.ts >= since AND u.ts < before
        AND u.hour >= date_bin(interval '1 hour', since, timestamptz '2000-01-01 00:00+00') AND u.hour < before
        AND u.times_hour >= date_bin(interval '1 hour', since, timestamptz '2000-01-01 00:00+00')
        AND u.times_hour < before;
END
$sql$; END $do$;

COMMENT ON FUNCTION gpu_samples_between(integer, integer, timestamptz, timestamptz) IS 'The samples of a GPU and metric in a range of time, compacted ones included';

DO $do$ BEGIN EXECUTE $sql$
CREATE OR REPLACE FUNCTION gpu_sample_compacted(gpu integer, metric integer, at timestamptz, series bigint)
    RETURNS SETOF double precision LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce(
        p.value,
        (p.base + (SELECT sum(coalesce(d.small, d.whole))
            FROM unnest(p.small[:f.place], p.whole[:f.place]) AS d(small, whole)))::double precision / p.divisor,
        coalesce(p.small[f.place], p.whole[f.place])::double precision / p.divisor,
        p.single[f.place]::double precision,
        p.exact[f.place])
    FROM gpu_sample_piece AS p
        JOIN gpu_sample_times AS t USING (gpu_no, hour, times_no, samples)
        CROSS JOIN LATERAL (
            SELECT CASE
                WHEN t.step IS NULL THEN array_position(t.micros, o.micros::integer)
                WHEN o.after >= 0 AND mod(o.after, t.step) = 0 AND o.after / t.step < t.samples
                    THEN (o.after / t.step)::integer + 1
            END AS place
            FROM (SELECT x.micros, x.micros - t.micros[1] AS after FROM (
                SELECT (extract(epoch FROM at - p.hour - interval '30 minutes') * 1000000)::bigint AS micros) AS x) AS o
        ) AS f
    WHERE p.gpu_no = gpu AND p.metric_no = metric AND p.series_key = series
        AND p.hour = date_bin(interval '1 hour', at, timestamptz '2000-01-01 00:00+00') AND f.place IS NOT NULL;
END
$sql$; END $do$;

COMMENT ON FUNCTION gpu_sample_compacted(integer, integer, timestamptz, bigint) IS 'The value of a compacted sample; no row if there is none with this key';
