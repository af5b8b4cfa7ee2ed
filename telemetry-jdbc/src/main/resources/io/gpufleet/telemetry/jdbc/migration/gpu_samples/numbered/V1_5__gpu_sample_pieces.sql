-- Compacted samples: pieces of six hours (UTC), each a row of a GPU, metric and series, partitioned by UTC day. Plain SQL
-- for PostgreSQL 14 to 18; psql runs it as it is.
--
-- Six hours, since PostgreSQL compresses no row below 2 KB. The distances of times are kept, not the times, since a
-- regular cadence then compresses to nearly nothing.

CREATE TABLE IF NOT EXISTS gpu_sample_times (
    from_ts   timestamptz NOT NULL CHECK (mod(extract(epoch FROM from_ts), 21600) = 0),
    gpu_no    integer     NOT NULL,
    samples   integer     NOT NULL CHECK (samples > 0),
    unit      integer     NOT NULL CHECK (unit IN (1, 1000, 1000000)),
    times_no  smallint    NOT NULL,
    gaps      integer[],
    wide_gaps bigint[],
    PRIMARY KEY (gpu_no, from_ts, times_no, samples),
    CONSTRAINT gpu_sample_times_form CHECK (num_nonnulls(gaps, wide_gaps) = 1),
    CONSTRAINT gpu_sample_times_length CHECK (array_ndims(coalesce(gaps::bigint[], wide_gaps)) = 1
        AND cardinality(gaps) = samples IS NOT FALSE AND cardinality(wide_gaps) = samples IS NOT FALSE),
    CONSTRAINT gpu_sample_times_order CHECK (coalesce(gaps[1], wide_gaps[1]) >= 0
        AND (0 < ALL (gaps[2:]) AND 0 < ALL (wide_gaps[2:])) IS NOT FALSE
        AND array_position(gaps, NULL) IS NULL AND array_position(wide_gaps, NULL) IS NULL)
) PARTITION BY RANGE (from_ts);

COMMENT ON TABLE gpu_sample_times IS 'Times of compacted samples: each distinct list of times of a GPU and piece, once';
COMMENT ON COLUMN gpu_sample_times.from_ts IS 'Beginning of the piece: 00:00, 06:00, 12:00 or 18:00 UTC';
COMMENT ON COLUMN gpu_sample_times.gpu_no IS 'GPU, see gpu';
COMMENT ON COLUMN gpu_sample_times.samples IS 'Number of times';
COMMENT ON COLUMN gpu_sample_times.unit IS 'Unit of the distances in microseconds';
COMMENT ON COLUMN gpu_sample_times.times_no IS 'Number of the list among those of the GPU and piece';
COMMENT ON COLUMN gpu_sample_times.gaps IS 'Distances: of the first time from from_ts, of each later one from the time before; null if they are in wide_gaps';
COMMENT ON COLUMN gpu_sample_times.wide_gaps IS 'Distances of which one does not fit into gaps; else null';

CREATE TABLE IF NOT EXISTS gpu_sample_piece (
    from_ts    timestamptz NOT NULL CHECK (mod(extract(epoch FROM from_ts), 21600) = 0),
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
    PRIMARY KEY (gpu_no, metric_no, from_ts, series_key),
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
) PARTITION BY RANGE (from_ts);

COMMENT ON TABLE gpu_sample_piece IS 'Compacted samples: those of a GPU, metric and series in six hours, in one row';
COMMENT ON COLUMN gpu_sample_piece.from_ts IS 'Beginning of the piece: 00:00, 06:00, 12:00 or 18:00 UTC';
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

CREATE OR REPLACE VIEW gpu_sample_unpacked AS
SELECT u.ts, p.series_key, u.metric_value, coalesce(p.labels_id, u.labels_id) AS labels_id, p.gpu_no, p.metric_no,
    coalesce(p.instance, u.instance) AS instance, coalesce(p.scope, u.scope) AS scope,
    coalesce(p.quality, u.quality) AS quality, p.from_ts
FROM gpu_sample_piece AS p
    JOIN gpu_sample_times AS t USING (gpu_no, from_ts, times_no, samples)
    CROSS JOIN LATERAL (
        SELECT p.from_ts + (coalesce(sum(a.gap) OVER up_to, sum(a.wide_gap) OVER up_to) * t.unit)::bigint
                * interval '1 microsecond' AS ts,
            CASE
                WHEN p.value IS NOT NULL THEN p.value
                WHEN p.base IS NOT NULL
                    THEN (p.base + sum(coalesce(a.small, a.whole)) OVER up_to)::double precision / p.divisor
                WHEN p.divisor IS NOT NULL THEN coalesce(a.small, a.whole)::double precision / p.divisor
                WHEN p.single IS NOT NULL THEN a.single::double precision
                ELSE a.exact
            END AS metric_value,
            a.labels_id, a.instance, a.scope, a.quality
        FROM unnest(t.gaps, t.wide_gaps, p.small, p.whole, p.single, p.exact, p.labels_ids, p.instances, p.scopes,
                p.qualities) WITH ORDINALITY AS a(gap, wide_gap, small, whole, single, exact, labels_id, instance,
                scope, quality, place)
        WINDOW up_to AS (ORDER BY a.place ROWS UNBOUNDED PRECEDING)
    ) AS u;

COMMENT ON VIEW gpu_sample_unpacked IS 'The samples of all pieces, in the columns of gpu_sample; a query with a bound of from_ts reads only these pieces';
COMMENT ON COLUMN gpu_sample_unpacked.ts IS 'Same as gpu_sample.ts';
COMMENT ON COLUMN gpu_sample_unpacked.series_key IS 'Same as gpu_sample.series_key';
COMMENT ON COLUMN gpu_sample_unpacked.metric_value IS 'Same as gpu_sample.metric_value';
COMMENT ON COLUMN gpu_sample_unpacked.labels_id IS 'Same as gpu_sample.labels_id';
COMMENT ON COLUMN gpu_sample_unpacked.gpu_no IS 'Same as gpu_sample.gpu_no';
COMMENT ON COLUMN gpu_sample_unpacked.metric_no IS 'Same as gpu_sample.metric_no';
COMMENT ON COLUMN gpu_sample_unpacked.instance IS 'Same as gpu_sample.instance';
COMMENT ON COLUMN gpu_sample_unpacked.scope IS 'Same as gpu_sample.scope';
COMMENT ON COLUMN gpu_sample_unpacked.quality IS 'Same as gpu_sample.quality';
COMMENT ON COLUMN gpu_sample_unpacked.from_ts IS 'Beginning of the piece; its samples are less than six hours later';

-- Both halves join on their own, so that a query for a GPU and metric unpacks only their pieces.
CREATE OR REPLACE VIEW gpu_telemetry AS
SELECT 0::bigint AS id, s.ts, m.metric_name, l.gpu_id, l.device, g.uuid, l.model_name, l.hostname, l.container, l.pod,
    l.namespace, s.metric_value,
    CASE WHEN l.pci_bus_id = '' THEN l.labels ELSE l.labels || jsonb_build_object('pci_bus_id', l.pci_bus_id) END AS labels_raw,
    s.ts AS created_at, s.instance, s.scope, s.quality, s.series_key
FROM gpu_sample AS s
    JOIN gpu AS g USING (gpu_no)
    JOIN gpu_metric AS m USING (metric_no)
    JOIN gpu_labels AS l USING (labels_id)
UNION ALL
SELECT 0::bigint AS id, s.ts, m.metric_name, l.gpu_id, l.device, g.uuid, l.model_name, l.hostname, l.container, l.pod,
    l.namespace, s.metric_value,
    CASE WHEN l.pci_bus_id = '' THEN l.labels ELSE l.labels || jsonb_build_object('pci_bus_id', l.pci_bus_id) END AS labels_raw,
    s.ts AS created_at, s.instance, s.scope, s.quality, s.series_key
FROM gpu_sample_unpacked AS s
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

CREATE OR REPLACE FUNCTION gpu_samples_between(gpu integer, metric integer, since timestamptz, before timestamptz)
    RETURNS SETOF gpu_sample LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
    SELECT s.ts, s.series_key, s.metric_value, s.labels_id, s.gpu_no, s.metric_no, s.instance, s.scope, s.quality
    FROM gpu_sample AS s
    WHERE s.gpu_no = gpu AND s.metric_no = metric AND s.ts >= since AND s.ts < before
    UNION ALL
    SELECT u.ts, u.series_key, u.metric_value, u.labels_id, u.gpu_no, u.metric_no, u.instance, u.scope, u.quality
    FROM gpu_sample_unpacked AS u
    WHERE u.gpu_no = gpu AND u.metric_no = metric AND u.ts >= since AND u.ts < before
        AND u.from_ts > since - interval '6 hours' AND u.from_ts < before;
$$;

COMMENT ON FUNCTION gpu_samples_between(integer, integer, timestamptz, timestamptz) IS 'The samples of a GPU and metric in a range of time, compacted ones included';
