-- Compacted wide rows: pieces of one hour (UTC), each a row of a GPU, partitioned by UTC day. Plain SQL for PostgreSQL 14
-- to 18; psql runs it as it is.
--
-- A piece has the values of each column in the smallest form that gives the same bits back, those of one form in one
-- array, column after column; a blank is a null. A column is known by its number: 0 and more a reading, -1 derived,
-- -2 quality, -3 validation_passed, -4 collection_latency_ms, -5 the length of at, 1000 and more the elements of at.
-- Writers and the compaction agree by locks on the rows of gpu_metrics_hour.

CREATE TABLE IF NOT EXISTS gpu_metrics_compaction (
    day          date        PRIMARY KEY,
    started_at   timestamptz NOT NULL DEFAULT now(),
    compacted_at timestamptz,
    samples      bigint      NOT NULL DEFAULT 0,
    bytes_before bigint,
    bytes_after  bigint
);

COMMENT ON TABLE gpu_metrics_compaction IS 'The days of wide rows that are compacted, or about to be: a writer looks for their rows in pieces, too';
COMMENT ON COLUMN gpu_metrics_compaction.day IS 'Day, UTC';
COMMENT ON COLUMN gpu_metrics_compaction.started_at IS 'When the compaction of the day began';
COMMENT ON COLUMN gpu_metrics_compaction.compacted_at IS 'When all rows had become pieces and the space of the partitions of the day alone was given back; null before, and with late rows';
COMMENT ON COLUMN gpu_metrics_compaction.samples IS 'Number of rows that have become parts of pieces';
COMMENT ON COLUMN gpu_metrics_compaction.bytes_before IS 'Bytes of the rows of the day when its compaction began, indexes included, and since then those of late rows; null if they lay in a partition with other days';
COMMENT ON COLUMN gpu_metrics_compaction.bytes_after IS 'Bytes of the day when it was compacted the last time, rows and pieces with their indexes; null before';

CREATE TABLE IF NOT EXISTS gpu_metrics_hour (
    hour    timestamptz NOT NULL CHECK (mod(extract(epoch FROM hour), 3600) = 0),
    gpu_no  integer     NOT NULL,
    failure text,
    PRIMARY KEY (gpu_no, hour)
) PARTITION BY RANGE (hour);

COMMENT ON TABLE gpu_metrics_hour IS 'Hours of GPUs on compacted days, for locks: compaction locks the row to rewrite the hour, writers share it to add or change rows';
COMMENT ON COLUMN gpu_metrics_hour.hour IS 'Beginning of the hour, UTC';
COMMENT ON COLUMN gpu_metrics_hour.gpu_no IS 'GPU, see gpu';
COMMENT ON COLUMN gpu_metrics_hour.failure IS 'Why the wide rows of the hour stay rows; null if they do not, or before the first run';

CREATE TABLE IF NOT EXISTS gpu_metrics_piece (
    hour       timestamptz NOT NULL CHECK (mod(extract(epoch FROM hour), 3600) = 0),
    gpu_no     integer     NOT NULL,
    samples    integer     NOT NULL CHECK (samples > 0),
    micros     integer[]   NOT NULL,
    column_nos smallint[]  NOT NULL,
    forms      smallint[]  NOT NULL,
    places     smallint[]  NOT NULL,
    factors    smallint[]  NOT NULL,
    divisors   integer[]   NOT NULL,
    units      bigint[]    NOT NULL,
    bases      bigint[]    NOT NULL,
    constants  double precision[],
    small      smallint[],
    whole      integer[],
    large      bigint[],
    single     real[],
    exact      double precision[],
    PRIMARY KEY (gpu_no, hour),
    CONSTRAINT gpu_metrics_piece_times CHECK (array_ndims(micros) = 1 AND cardinality(micros) = samples
        AND array_position(micros, NULL) IS NULL AND -1800000000 <= ALL (micros) AND 1800000000 > ALL (micros)),
    CONSTRAINT gpu_metrics_piece_columns CHECK (cardinality(forms) = cardinality(column_nos)
        AND cardinality(places) = cardinality(column_nos) AND cardinality(factors) = cardinality(column_nos)
        AND cardinality(divisors) = cardinality(column_nos) AND cardinality(units) = cardinality(column_nos)
        AND cardinality(bases) = cardinality(column_nos) AND array_position(column_nos, NULL) IS NULL
        AND 0 <= ALL (forms) AND 8 >= ALL (forms) AND 0 <= ALL (places) AND 0 < ALL (factors) AND 0 < ALL (divisors)),
    CONSTRAINT gpu_metrics_piece_length CHECK (mod(coalesce(cardinality(small), 0), samples) = 0
        AND mod(coalesce(cardinality(whole), 0), samples) = 0 AND mod(coalesce(cardinality(large), 0), samples) = 0
        AND mod(coalesce(cardinality(single), 0), samples) = 0 AND mod(coalesce(cardinality(exact), 0), samples) = 0)
) PARTITION BY RANGE (hour);

COMMENT ON TABLE gpu_metrics_piece IS 'Compacted wide rows: those of a GPU in an hour, in one row';
COMMENT ON COLUMN gpu_metrics_piece.hour IS 'Beginning of the hour, UTC';
COMMENT ON COLUMN gpu_metrics_piece.gpu_no IS 'GPU, see gpu';
COMMENT ON COLUMN gpu_metrics_piece.samples IS 'Number of rows';
COMMENT ON COLUMN gpu_metrics_piece.micros IS 'Times of the rows in microseconds after the middle of the hour';
COMMENT ON COLUMN gpu_metrics_piece.column_nos IS 'Numbers of the columns that are not null in all rows';
COMMENT ON COLUMN gpu_metrics_piece.forms IS 'Form of each column: 0 its base in all rows, 1 small, 2 differences in small, 3 whole, 4 differences in whole, 5 large, 6 single, 7 exact, 8 a constant in all rows';
COMMENT ON COLUMN gpu_metrics_piece.places IS 'Place of the values of each column among those of its form, from 0';
COMMENT ON COLUMN gpu_metrics_piece.factors IS 'Factor of the quotient of each column: 100 for a ratio in percent, else 1';
COMMENT ON COLUMN gpu_metrics_piece.divisors IS 'Divisor of the whole numbers of each column, a power of ten';
COMMENT ON COLUMN gpu_metrics_piece.units IS 'Unit of the whole numbers of each column: the stored ones are multiples of it above the base';
COMMENT ON COLUMN gpu_metrics_piece.bases IS 'Base of the whole numbers of each column';
COMMENT ON COLUMN gpu_metrics_piece.constants IS 'Values of columns with one value that is no whole number; null if there are none';
COMMENT ON COLUMN gpu_metrics_piece.small IS 'Whole numbers of two bytes; null if there are none';
COMMENT ON COLUMN gpu_metrics_piece.whole IS 'Whole numbers of four bytes; null if there are none';
COMMENT ON COLUMN gpu_metrics_piece.large IS 'Whole numbers of eight bytes; null if there are none';
COMMENT ON COLUMN gpu_metrics_piece.single IS 'Values in single precision, if none of their column loses a bit; null if there are none';
COMMENT ON COLUMN gpu_metrics_piece.exact IS 'Values that have no smaller form; null if there are none';

CREATE OR REPLACE FUNCTION gpu_metrics_numbers(form integer, first integer, last integer, unit bigint, base bigint,
    small smallint[], whole integer[], large bigint[])
    RETURNS bigint[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE
        WHEN form IN (1, 3) THEN (
            SELECT array_agg(base + unit * a.number ORDER BY a.place)
            FROM unnest(coalesce(small[first:last]::integer[], whole[first:last])) WITH ORDINALITY AS a(number, place)
        )
        WHEN form IN (2, 4) THEN (
            SELECT array_agg(CASE WHEN d.number IS NOT NULL THEN base + unit * d.above END ORDER BY d.place)
            FROM (
                SELECT a.number, a.place, sum(a.number) OVER (ORDER BY a.place ROWS UNBOUNDED PRECEDING) AS above
                FROM unnest(coalesce(small[first:last]::integer[], whole[first:last])) WITH ORDINALITY AS a(number, place)
            ) AS d
        )
        ELSE large[first:last]
    END;

COMMENT ON FUNCTION gpu_metrics_numbers(integer, integer, integer, bigint, bigint, smallint[], integer[], bigint[]) IS 'The whole numbers of a column of a piece that differ, see gpu_metrics_piece';

CREATE OR REPLACE FUNCTION gpu_metrics_floats(form integer, first integer, last integer, unit bigint, base bigint,
    small smallint[], whole integer[], divisor integer, factor integer, single real[], exact double precision[])
    RETURNS double precision[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE
        WHEN form = 7 THEN exact[first:last]
        WHEN form = 6 THEN single[first:last]::double precision[]
        ELSE (
            SELECT array_agg(a.number::double precision / divisor * factor ORDER BY a.place)
            FROM unnest(gpu_metrics_numbers(form, first, last, unit, base, small, whole, NULL)) WITH ORDINALITY
                AS a(number, place)
        )
    END;

COMMENT ON FUNCTION gpu_metrics_floats(integer, integer, integer, bigint, bigint, smallint[], integer[], integer, integer, real[], double precision[]) IS 'The values of a column of a piece that differ, see gpu_metrics_piece';

-- Only columns that a query selects are decoded. The times come from the subquery, so that it runs once for each piece.
CREATE OR REPLACE VIEW gpu_metrics_unpacked AS
SELECT
    p.hour + interval '30 minutes' + i.micros * interval '1 microsecond' AS time,
    v.power_usage[i.place] AS power_usage, v.fb_used_bytes[i.place] AS fb_used_bytes,
    v.fb_free_bytes[i.place] AS fb_free_bytes, v.fb_total_bytes[i.place] AS fb_total_bytes,
    v.memory_utilization[i.place] AS memory_utilization, v.ecc_sbe_volatile[i.place] AS ecc_sbe_volatile,
    v.ecc_sbe_aggregate[i.place] AS ecc_sbe_aggregate, v.ecc_dbe_volatile[i.place] AS ecc_dbe_volatile,
    v.ecc_dbe_aggregate[i.place] AS ecc_dbe_aggregate, v.sm_active[i.place] AS sm_active,
    v.sm_occupancy[i.place] AS sm_occupancy, v.tensor_active[i.place] AS tensor_active,
    v.dram_active[i.place] AS dram_active, v.pcie_tx_bytes_per_sec[i.place] AS pcie_tx_bytes_per_sec,
    v.pcie_rx_bytes_per_sec[i.place] AS pcie_rx_bytes_per_sec,
    v.nvlink_tx_bytes_per_sec[i.place] AS nvlink_tx_bytes_per_sec,
    v.nvlink_rx_bytes_per_sec[i.place] AS nvlink_rx_bytes_per_sec, v.energy_mj[i.place] AS energy_mj,
    v.pcie_replay_total[i.place] AS pcie_replay_total, v.nvlink_crc_flit_total[i.place] AS nvlink_crc_flit_total,
    v.nvlink_crc_data_total[i.place] AS nvlink_crc_data_total, v.nvlink_replay_total[i.place] AS nvlink_replay_total,
    v.nvlink_recovery_total[i.place] AS nvlink_recovery_total, v.power_violation_ns[i.place] AS power_violation_ns,
    v.thermal_violation_ns[i.place] AS thermal_violation_ns,
    v.sync_boost_violation_ns[i.place] AS sync_boost_violation_ns,
    v.board_limit_violation_ns[i.place] AS board_limit_violation_ns,
    v.low_util_violation_ns[i.place] AS low_util_violation_ns,
    v.reliability_violation_ns[i.place] AS reliability_violation_ns,
    v.app_clocks_violation_ns[i.place] AS app_clocks_violation_ns,
    v.base_clocks_violation_ns[i.place] AS base_clocks_violation_ns, v.power_limit[i.place] AS power_limit,
    v.mig_instances[i.place] AS mig_instances, v.collection_latency_ms[i.place] AS collection_latency_ms,
    v.derived[i.place] AS derived, p.gpu_no, v.gpu_temp[i.place]::real AS gpu_temp,
    v.memory_temp[i.place]::real AS memory_temp, v.throttle_reasons[i.place]::integer AS throttle_reasons,
    v.retired_pages_sbe[i.place]::integer AS retired_pages_sbe,
    v.retired_pages_dbe[i.place]::integer AS retired_pages_dbe, v.gpu_utilization[i.place]::real AS gpu_utilization,
    v.mem_copy_utilization[i.place]::real AS mem_copy_utilization, v.sm_clock_mhz[i.place]::real AS sm_clock_mhz,
    v.mem_clock_mhz[i.place]::real AS mem_clock_mhz, v.fan_speed[i.place]::real AS fan_speed,
    v.xid_last[i.place]::integer AS xid_last,
    v.remapped_rows_correctable[i.place]::integer AS remapped_rows_correctable,
    v.remapped_rows_uncorrectable[i.place]::integer AS remapped_rows_uncorrectable,
    v.row_remap_pending[i.place]::integer AS row_remap_pending,
    v.row_remap_failed[i.place]::integer AS row_remap_failed, v.sram_exceeded[i.place]::integer AS sram_exceeded,
    v.recovery_action[i.place]::integer AS recovery_action, v.slowdown_temp[i.place]::real AS slowdown_temp,
    v.memory_max_temp[i.place]::real AS memory_max_temp, v.pcie_max_gen[i.place]::integer AS pcie_max_gen,
    v.pcie_max_width[i.place]::integer AS pcie_max_width, v.nvlink_links[i.place]::integer AS nvlink_links,
    v.quality[i.place]::smallint AS quality, v.validation_passed[i.place]::integer::boolean AS validation_passed,
    CASE WHEN v.at_length[i.place] IS NOT NULL THEN (
        ARRAY[
            v.at_0[i.place], v.at_1[i.place], v.at_2[i.place], v.at_3[i.place], v.at_4[i.place], v.at_5[i.place],
            v.at_6[i.place], v.at_7[i.place], v.at_8[i.place], v.at_9[i.place], v.at_10[i.place], v.at_11[i.place],
            v.at_12[i.place], v.at_13[i.place], v.at_14[i.place], v.at_15[i.place], v.at_16[i.place],
            v.at_17[i.place], v.at_18[i.place], v.at_19[i.place], v.at_20[i.place], v.at_21[i.place],
            v.at_22[i.place], v.at_23[i.place], v.at_24[i.place], v.at_25[i.place], v.at_26[i.place],
            v.at_27[i.place], v.at_28[i.place], v.at_29[i.place], v.at_30[i.place], v.at_31[i.place],
            v.at_32[i.place], v.at_33[i.place], v.at_34[i.place], v.at_35[i.place], v.at_36[i.place],
            v.at_37[i.place], v.at_38[i.place], v.at_39[i.place], v.at_40[i.place], v.at_41[i.place],
            v.at_42[i.place], v.at_43[i.place], v.at_44[i.place], v.at_45[i.place], v.at_46[i.place],
            v.at_47[i.place], v.at_48[i.place], v.at_49[i.place], v.at_50[i.place], v.at_51[i.place],
            v.at_52[i.place], v.at_53[i.place], v.at_54[i.place]
        ]::integer[])[1:v.at_length[i.place]::integer]
    END AS at,
    p.hour,
    coalesce(p.hour + interval '30 minutes' + i.micros * interval '1 microsecond' = ANY (v.others), false) AS hidden
FROM gpu_metrics_piece AS p CROSS JOIN LATERAL (
    SELECT p.micros,
        max(d.floats) FILTER (WHERE d.column_no = 2) AS power_usage,
        max(d.numbers) FILTER (WHERE d.column_no = 4) AS fb_used_bytes,
        max(d.numbers) FILTER (WHERE d.column_no = 5) AS fb_free_bytes,
        max(d.numbers) FILTER (WHERE d.column_no = 6) AS fb_total_bytes,
        max(d.floats) FILTER (WHERE d.column_no = 7) AS memory_utilization,
        max(d.numbers) FILTER (WHERE d.column_no = 8) AS ecc_sbe_volatile,
        max(d.numbers) FILTER (WHERE d.column_no = 9) AS ecc_sbe_aggregate,
        max(d.numbers) FILTER (WHERE d.column_no = 10) AS ecc_dbe_volatile,
        max(d.numbers) FILTER (WHERE d.column_no = 11) AS ecc_dbe_aggregate,
        max(d.floats) FILTER (WHERE d.column_no = 14) AS sm_active,
        max(d.floats) FILTER (WHERE d.column_no = 15) AS sm_occupancy,
        max(d.floats) FILTER (WHERE d.column_no = 16) AS tensor_active,
        max(d.floats) FILTER (WHERE d.column_no = 17) AS dram_active,
        max(d.floats) FILTER (WHERE d.column_no = 18) AS pcie_tx_bytes_per_sec,
        max(d.floats) FILTER (WHERE d.column_no = 19) AS pcie_rx_bytes_per_sec,
        max(d.floats) FILTER (WHERE d.column_no = 20) AS nvlink_tx_bytes_per_sec,
        max(d.floats) FILTER (WHERE d.column_no = 21) AS nvlink_rx_bytes_per_sec,
        max(d.numbers) FILTER (WHERE d.column_no = 27) AS energy_mj,
        max(d.numbers) FILTER (WHERE d.column_no = 29) AS pcie_replay_total,
        max(d.numbers) FILTER (WHERE d.column_no = 30) AS nvlink_crc_flit_total,
        max(d.numbers) FILTER (WHERE d.column_no = 31) AS nvlink_crc_data_total,
        max(d.numbers) FILTER (WHERE d.column_no = 32) AS nvlink_replay_total,
        max(d.numbers) FILTER (WHERE d.column_no = 33) AS nvlink_recovery_total,
        max(d.numbers) FILTER (WHERE d.column_no = 40) AS power_violation_ns,
        max(d.numbers) FILTER (WHERE d.column_no = 41) AS thermal_violation_ns,
        max(d.numbers) FILTER (WHERE d.column_no = 42) AS sync_boost_violation_ns,
        max(d.numbers) FILTER (WHERE d.column_no = 43) AS board_limit_violation_ns,
        max(d.numbers) FILTER (WHERE d.column_no = 44) AS low_util_violation_ns,
        max(d.numbers) FILTER (WHERE d.column_no = 45) AS reliability_violation_ns,
        max(d.numbers) FILTER (WHERE d.column_no = 46) AS app_clocks_violation_ns,
        max(d.numbers) FILTER (WHERE d.column_no = 47) AS base_clocks_violation_ns,
        max(d.floats) FILTER (WHERE d.column_no = 48) AS power_limit,
        max(d.numbers) FILTER (WHERE d.column_no = 54) AS mig_instances,
        max(d.floats) FILTER (WHERE d.column_no = -4) AS collection_latency_ms,
        max(d.numbers) FILTER (WHERE d.column_no = -1) AS derived,
        max(d.floats) FILTER (WHERE d.column_no = 0) AS gpu_temp,
        max(d.floats) FILTER (WHERE d.column_no = 1) AS memory_temp,
        max(d.numbers) FILTER (WHERE d.column_no = 3) AS throttle_reasons,
        max(d.numbers) FILTER (WHERE d.column_no = 12) AS retired_pages_sbe,
        max(d.numbers) FILTER (WHERE d.column_no = 13) AS retired_pages_dbe,
        max(d.floats) FILTER (WHERE d.column_no = 22) AS gpu_utilization,
        max(d.floats) FILTER (WHERE d.column_no = 23) AS mem_copy_utilization,
        max(d.floats) FILTER (WHERE d.column_no = 24) AS sm_clock_mhz,
        max(d.floats) FILTER (WHERE d.column_no = 25) AS mem_clock_mhz,
        max(d.floats) FILTER (WHERE d.column_no = 26) AS fan_speed,
        max(d.numbers) FILTER (WHERE d.column_no = 28) AS xid_last,
        max(d.numbers) FILTER (WHERE d.column_no = 34) AS remapped_rows_correctable,
        max(d.numbers) FILTER (WHERE d.column_no = 35) AS remapped_rows_uncorrectable,
        max(d.numbers) FILTER (WHERE d.column_no = 36) AS row_remap_pending,
        max(d.numbers) FILTER (WHERE d.column_no = 37) AS row_remap_failed,
        max(d.numbers) FILTER (WHERE d.column_no = 38) AS sram_exceeded,
        max(d.numbers) FILTER (WHERE d.column_no = 39) AS recovery_action,
        max(d.floats) FILTER (WHERE d.column_no = 49) AS slowdown_temp,
        max(d.floats) FILTER (WHERE d.column_no = 50) AS memory_max_temp,
        max(d.numbers) FILTER (WHERE d.column_no = 51) AS pcie_max_gen,
        max(d.numbers) FILTER (WHERE d.column_no = 52) AS pcie_max_width,
        max(d.numbers) FILTER (WHERE d.column_no = 53) AS nvlink_links,
        max(d.numbers) FILTER (WHERE d.column_no = -2) AS quality,
        max(d.numbers) FILTER (WHERE d.column_no = -3) AS validation_passed,
        max(d.numbers) FILTER (WHERE d.column_no = -5) AS at_length,
        max(d.numbers) FILTER (WHERE d.column_no = 1000) AS at_0,
        max(d.numbers) FILTER (WHERE d.column_no = 1001) AS at_1,
        max(d.numbers) FILTER (WHERE d.column_no = 1002) AS at_2,
        max(d.numbers) FILTER (WHERE d.column_no = 1003) AS at_3,
        max(d.numbers) FILTER (WHERE d.column_no = 1004) AS at_4,
        max(d.numbers) FILTER (WHERE d.column_no = 1005) AS at_5,
        max(d.numbers) FILTER (WHERE d.column_no = 1006) AS at_6,
        max(d.numbers) FILTER (WHERE d.column_no = 1007) AS at_7,
        max(d.numbers) FILTER (WHERE d.column_no = 1008) AS at_8,
        max(d.numbers) FILTER (WHERE d.column_no = 1009) AS at_9,
        max(d.numbers) FILTER (WHERE d.column_no = 1010) AS at_10,
        max(d.numbers) FILTER (WHERE d.column_no = 1011) AS at_11,
        max(d.numbers) FILTER (WHERE d.column_no = 1012) AS at_12,
        max(d.numbers) FILTER (WHERE d.column_no = 1013) AS at_13,
        max(d.numbers) FILTER (WHERE d.column_no = 1014) AS at_14,
        max(d.numbers) FILTER (WHERE d.column_no = 1015) AS at_15,
        max(d.numbers) FILTER (WHERE d.column_no = 1016) AS at_16,
        max(d.numbers) FILTER (WHERE d.column_no = 1017) AS at_17,
        max(d.numbers) FILTER (WHERE d.column_no = 1018) AS at_18,
        max(d.numbers) FILTER (WHERE d.column_no = 1019) AS at_19,
        max(d.numbers) FILTER (WHERE d.column_no = 1020) AS at_20,
        max(d.numbers) FILTER (WHERE d.column_no = 1021) AS at_21,
        max(d.numbers) FILTER (WHERE d.column_no = 1022) AS at_22,
        max(d.numbers) FILTER (WHERE d.column_no = 1023) AS at_23,
        max(d.numbers) FILTER (WHERE d.column_no = 1024) AS at_24,
        max(d.numbers) FILTER (WHERE d.column_no = 1025) AS at_25,
        max(d.numbers) FILTER (WHERE d.column_no = 1026) AS at_26,
        max(d.numbers) FILTER (WHERE d.column_no = 1027) AS at_27,
        max(d.numbers) FILTER (WHERE d.column_no = 1028) AS at_28,
        max(d.numbers) FILTER (WHERE d.column_no = 1029) AS at_29,
        max(d.numbers) FILTER (WHERE d.column_no = 1030) AS at_30,
        max(d.numbers) FILTER (WHERE d.column_no = 1031) AS at_31,
        max(d.numbers) FILTER (WHERE d.column_no = 1032) AS at_32,
        max(d.numbers) FILTER (WHERE d.column_no = 1033) AS at_33,
        max(d.numbers) FILTER (WHERE d.column_no = 1034) AS at_34,
        max(d.numbers) FILTER (WHERE d.column_no = 1035) AS at_35,
        max(d.numbers) FILTER (WHERE d.column_no = 1036) AS at_36,
        max(d.numbers) FILTER (WHERE d.column_no = 1037) AS at_37,
        max(d.numbers) FILTER (WHERE d.column_no = 1038) AS at_38,
        max(d.numbers) FILTER (WHERE d.column_no = 1039) AS at_39,
        max(d.numbers) FILTER (WHERE d.column_no = 1040) AS at_40,
        max(d.numbers) FILTER (WHERE d.column_no = 1041) AS at_41,
        max(d.numbers) FILTER (WHERE d.column_no = 1042) AS at_42,
        max(d.numbers) FILTER (WHERE d.column_no = 1043) AS at_43,
        max(d.numbers) FILTER (WHERE d.column_no = 1044) AS at_44,
        max(d.numbers) FILTER (WHERE d.column_no = 1045) AS at_45,
        max(d.numbers) FILTER (WHERE d.column_no = 1046) AS at_46,
        max(d.numbers) FILTER (WHERE d.column_no = 1047) AS at_47,
        max(d.numbers) FILTER (WHERE d.column_no = 1048) AS at_48,
        max(d.numbers) FILTER (WHERE d.column_no = 1049) AS at_49,
        max(d.numbers) FILTER (WHERE d.column_no = 1050) AS at_50,
        max(d.numbers) FILTER (WHERE d.column_no = 1051) AS at_51,
        max(d.numbers) FILTER (WHERE d.column_no = 1052) AS at_52,
        max(d.numbers) FILTER (WHERE d.column_no = 1053) AS at_53,
        max(d.numbers) FILTER (WHERE d.column_no = 1054) AS at_54,
        (SELECT array_agg(m.time) FROM gpu_metrics AS m WHERE m.gpu_no = p.gpu_no AND m.time >= p.hour
            AND m.time < p.hour + interval '1 hour') AS others
    FROM (
        SELECT c.column_no,
            CASE WHEN c.form = 0 THEN array_fill(c.base, ARRAY[p.samples])
                ELSE gpu_metrics_numbers(c.form, c.place * p.samples + 1, (c.place + 1) * p.samples, c.unit, c.base,
                    CASE WHEN c.form IN (1, 2) THEN p.small END, CASE WHEN c.form IN (3, 4) THEN p.whole END, p.large)
            END AS numbers,
            CASE c.form
                WHEN 0 THEN array_fill(c.base::double precision / c.divisor * c.factor, ARRAY[p.samples])
                WHEN 8 THEN array_fill(p.constants[c.place + 1], ARRAY[p.samples])
                ELSE gpu_metrics_floats(c.form, c.place * p.samples + 1, (c.place + 1) * p.samples, c.unit, c.base,
                    CASE WHEN c.form IN (1, 2) THEN p.small END, CASE WHEN c.form IN (3, 4) THEN p.whole END, c.divisor,
                    c.factor, p.single, p.exact)
            END AS floats
        FROM unnest(p.column_nos, p.forms, p.places, p.factors, p.divisors, p.units, p.bases)
            AS c(column_no, form, place, factor, divisor, unit, base)
    ) AS d
) AS v CROSS JOIN LATERAL unnest(v.micros) WITH ORDINALITY AS i(micros, place);

COMMENT ON VIEW gpu_metrics_unpacked IS 'The wide rows of all pieces, in the columns of gpu_metrics; a query with a bound of hour reads only these pieces';
COMMENT ON COLUMN gpu_metrics_unpacked.time IS 'Same as gpu_metrics.time';
COMMENT ON COLUMN gpu_metrics_unpacked.power_usage IS 'Same as gpu_metrics.power_usage';
COMMENT ON COLUMN gpu_metrics_unpacked.fb_used_bytes IS 'Same as gpu_metrics.fb_used_bytes';
COMMENT ON COLUMN gpu_metrics_unpacked.fb_free_bytes IS 'Same as gpu_metrics.fb_free_bytes';
COMMENT ON COLUMN gpu_metrics_unpacked.fb_total_bytes IS 'Same as gpu_metrics.fb_total_bytes';
COMMENT ON COLUMN gpu_metrics_unpacked.memory_utilization IS 'Same as gpu_metrics.memory_utilization';
COMMENT ON COLUMN gpu_metrics_unpacked.ecc_sbe_volatile IS 'Same as gpu_metrics.ecc_sbe_volatile';
COMMENT ON COLUMN gpu_metrics_unpacked.ecc_sbe_aggregate IS 'Same as gpu_metrics.ecc_sbe_aggregate';
COMMENT ON COLUMN gpu_metrics_unpacked.ecc_dbe_volatile IS 'Same as gpu_metrics.ecc_dbe_volatile';
COMMENT ON COLUMN gpu_metrics_unpacked.ecc_dbe_aggregate IS 'Same as gpu_metrics.ecc_dbe_aggregate';
COMMENT ON COLUMN gpu_metrics_unpacked.sm_active IS 'Same as gpu_metrics.sm_active';
COMMENT ON COLUMN gpu_metrics_unpacked.sm_occupancy IS 'Same as gpu_metrics.sm_occupancy';
COMMENT ON COLUMN gpu_metrics_unpacked.tensor_active IS 'Same as gpu_metrics.tensor_active';
COMMENT ON COLUMN gpu_metrics_unpacked.dram_active IS 'Same as gpu_metrics.dram_active';
COMMENT ON COLUMN gpu_metrics_unpacked.pcie_tx_bytes_per_sec IS 'Same as gpu_metrics.pcie_tx_bytes_per_sec';
COMMENT ON COLUMN gpu_metrics_unpacked.pcie_rx_bytes_per_sec IS 'Same as gpu_metrics.pcie_rx_bytes_per_sec';
COMMENT ON COLUMN gpu_metrics_unpacked.nvlink_tx_bytes_per_sec IS 'Same as gpu_metrics.nvlink_tx_bytes_per_sec';
COMMENT ON COLUMN gpu_metrics_unpacked.nvlink_rx_bytes_per_sec IS 'Same as gpu_metrics.nvlink_rx_bytes_per_sec';
COMMENT ON COLUMN gpu_metrics_unpacked.energy_mj IS 'Same as gpu_metrics.energy_mj';
COMMENT ON COLUMN gpu_metrics_unpacked.pcie_replay_total IS 'Same as gpu_metrics.pcie_replay_total';
COMMENT ON COLUMN gpu_metrics_unpacked.nvlink_crc_flit_total IS 'Same as gpu_metrics.nvlink_crc_flit_total';
COMMENT ON COLUMN gpu_metrics_unpacked.nvlink_crc_data_total IS 'Same as gpu_metrics.nvlink_crc_data_total';
COMMENT ON COLUMN gpu_metrics_unpacked.nvlink_replay_total IS 'Same as gpu_metrics.nvlink_replay_total';
COMMENT ON COLUMN gpu_metrics_unpacked.nvlink_recovery_total IS 'Same as gpu_metrics.nvlink_recovery_total';
COMMENT ON COLUMN gpu_metrics_unpacked.power_violation_ns IS 'Same as gpu_metrics.power_violation_ns';
COMMENT ON COLUMN gpu_metrics_unpacked.thermal_violation_ns IS 'Same as gpu_metrics.thermal_violation_ns';
COMMENT ON COLUMN gpu_metrics_unpacked.sync_boost_violation_ns IS 'Same as gpu_metrics.sync_boost_violation_ns';
COMMENT ON COLUMN gpu_metrics_unpacked.board_limit_violation_ns IS 'Same as gpu_metrics.board_limit_violation_ns';
COMMENT ON COLUMN gpu_metrics_unpacked.low_util_violation_ns IS 'Same as gpu_metrics.low_util_violation_ns';
COMMENT ON COLUMN gpu_metrics_unpacked.reliability_violation_ns IS 'Same as gpu_metrics.reliability_violation_ns';
COMMENT ON COLUMN gpu_metrics_unpacked.app_clocks_violation_ns IS 'Same as gpu_metrics.app_clocks_violation_ns';
COMMENT ON COLUMN gpu_metrics_unpacked.base_clocks_violation_ns IS 'Same as gpu_metrics.base_clocks_violation_ns';
COMMENT ON COLUMN gpu_metrics_unpacked.power_limit IS 'Same as gpu_metrics.power_limit';
COMMENT ON COLUMN gpu_metrics_unpacked.mig_instances IS 'Same as gpu_metrics.mig_instances';
COMMENT ON COLUMN gpu_metrics_unpacked.collection_latency_ms IS 'Same as gpu_metrics.collection_latency_ms';
COMMENT ON COLUMN gpu_metrics_unpacked.derived IS 'Same as gpu_metrics.derived';
COMMENT ON COLUMN gpu_metrics_unpacked.gpu_no IS 'Same as gpu_metrics.gpu_no';
COMMENT ON COLUMN gpu_metrics_unpacked.gpu_temp IS 'Same as gpu_metrics.gpu_temp';
COMMENT ON COLUMN gpu_metrics_unpacked.memory_temp IS 'Same as gpu_metrics.memory_temp';
COMMENT ON COLUMN gpu_metrics_unpacked.throttle_reasons IS 'Same as gpu_metrics.throttle_reasons';
COMMENT ON COLUMN gpu_metrics_unpacked.retired_pages_sbe IS 'Same as gpu_metrics.retired_pages_sbe';
COMMENT ON COLUMN gpu_metrics_unpacked.retired_pages_dbe IS 'Same as gpu_metrics.retired_pages_dbe';
COMMENT ON COLUMN gpu_metrics_unpacked.gpu_utilization IS 'Same as gpu_metrics.gpu_utilization';
COMMENT ON COLUMN gpu_metrics_unpacked.mem_copy_utilization IS 'Same as gpu_metrics.mem_copy_utilization';
COMMENT ON COLUMN gpu_metrics_unpacked.sm_clock_mhz IS 'Same as gpu_metrics.sm_clock_mhz';
COMMENT ON COLUMN gpu_metrics_unpacked.mem_clock_mhz IS 'Same as gpu_metrics.mem_clock_mhz';
COMMENT ON COLUMN gpu_metrics_unpacked.fan_speed IS 'Same as gpu_metrics.fan_speed';
COMMENT ON COLUMN gpu_metrics_unpacked.xid_last IS 'Same as gpu_metrics.xid_last';
COMMENT ON COLUMN gpu_metrics_unpacked.remapped_rows_correctable IS 'Same as gpu_metrics.remapped_rows_correctable';
COMMENT ON COLUMN gpu_metrics_unpacked.remapped_rows_uncorrectable IS 'Same as gpu_metrics.remapped_rows_uncorrectable';
COMMENT ON COLUMN gpu_metrics_unpacked.row_remap_pending IS 'Same as gpu_metrics.row_remap_pending';
COMMENT ON COLUMN gpu_metrics_unpacked.row_remap_failed IS 'Same as gpu_metrics.row_remap_failed';
COMMENT ON COLUMN gpu_metrics_unpacked.sram_exceeded IS 'Same as gpu_metrics.sram_exceeded';
COMMENT ON COLUMN gpu_metrics_unpacked.recovery_action IS 'Same as gpu_metrics.recovery_action';
COMMENT ON COLUMN gpu_metrics_unpacked.slowdown_temp IS 'Same as gpu_metrics.slowdown_temp';
COMMENT ON COLUMN gpu_metrics_unpacked.memory_max_temp IS 'Same as gpu_metrics.memory_max_temp';
COMMENT ON COLUMN gpu_metrics_unpacked.pcie_max_gen IS 'Same as gpu_metrics.pcie_max_gen';
COMMENT ON COLUMN gpu_metrics_unpacked.pcie_max_width IS 'Same as gpu_metrics.pcie_max_width';
COMMENT ON COLUMN gpu_metrics_unpacked.nvlink_links IS 'Same as gpu_metrics.nvlink_links';
COMMENT ON COLUMN gpu_metrics_unpacked.quality IS 'Same as gpu_metrics.quality';
COMMENT ON COLUMN gpu_metrics_unpacked.validation_passed IS 'Same as gpu_metrics.validation_passed';
COMMENT ON COLUMN gpu_metrics_unpacked.at IS 'Same as gpu_metrics.at';
COMMENT ON COLUMN gpu_metrics_unpacked.hour IS 'Beginning of the hour of time, UTC';
COMMENT ON COLUMN gpu_metrics_unpacked.hidden IS 'Whether gpu_metrics has a row of the same key, which counts instead';

-- Each row is computed by itself, from its place in the arrays: a query for few times decodes a fraction of a piece.
CREATE OR REPLACE VIEW gpu_metrics_picked AS
SELECT
    p.hour + interval '30 minutes' + i.micros * interval '1 microsecond' AS time,
    v.power_usage AS power_usage, v.fb_used_bytes AS fb_used_bytes,
    v.fb_free_bytes AS fb_free_bytes, v.fb_total_bytes AS fb_total_bytes,
    v.memory_utilization AS memory_utilization, v.ecc_sbe_volatile AS ecc_sbe_volatile,
    v.ecc_sbe_aggregate AS ecc_sbe_aggregate, v.ecc_dbe_volatile AS ecc_dbe_volatile,
    v.ecc_dbe_aggregate AS ecc_dbe_aggregate, v.sm_active AS sm_active,
    v.sm_occupancy AS sm_occupancy, v.tensor_active AS tensor_active,
    v.dram_active AS dram_active, v.pcie_tx_bytes_per_sec AS pcie_tx_bytes_per_sec,
    v.pcie_rx_bytes_per_sec AS pcie_rx_bytes_per_sec,
    v.nvlink_tx_bytes_per_sec AS nvlink_tx_bytes_per_sec,
    v.nvlink_rx_bytes_per_sec AS nvlink_rx_bytes_per_sec, v.energy_mj AS energy_mj,
    v.pcie_replay_total AS pcie_replay_total, v.nvlink_crc_flit_total AS nvlink_crc_flit_total,
    v.nvlink_crc_data_total AS nvlink_crc_data_total, v.nvlink_replay_total AS nvlink_replay_total,
    v.nvlink_recovery_total AS nvlink_recovery_total, v.power_violation_ns AS power_violation_ns,
    v.thermal_violation_ns AS thermal_violation_ns,
    v.sync_boost_violation_ns AS sync_boost_violation_ns,
    v.board_limit_violation_ns AS board_limit_violation_ns,
    v.low_util_violation_ns AS low_util_violation_ns,
    v.reliability_violation_ns AS reliability_violation_ns,
    v.app_clocks_violation_ns AS app_clocks_violation_ns,
    v.base_clocks_violation_ns AS base_clocks_violation_ns, v.power_limit AS power_limit,
    v.mig_instances AS mig_instances, v.collection_latency_ms AS collection_latency_ms,
    v.derived AS derived, p.gpu_no, v.gpu_temp::real AS gpu_temp,
    v.memory_temp::real AS memory_temp, v.throttle_reasons::integer AS throttle_reasons,
    v.retired_pages_sbe::integer AS retired_pages_sbe,
    v.retired_pages_dbe::integer AS retired_pages_dbe, v.gpu_utilization::real AS gpu_utilization,
    v.mem_copy_utilization::real AS mem_copy_utilization, v.sm_clock_mhz::real AS sm_clock_mhz,
    v.mem_clock_mhz::real AS mem_clock_mhz, v.fan_speed::real AS fan_speed,
    v.xid_last::integer AS xid_last,
    v.remapped_rows_correctable::integer AS remapped_rows_correctable,
    v.remapped_rows_uncorrectable::integer AS remapped_rows_uncorrectable,
    v.row_remap_pending::integer AS row_remap_pending,
    v.row_remap_failed::integer AS row_remap_failed, v.sram_exceeded::integer AS sram_exceeded,
    v.recovery_action::integer AS recovery_action, v.slowdown_temp::real AS slowdown_temp,
    v.memory_max_temp::real AS memory_max_temp, v.pcie_max_gen::integer AS pcie_max_gen,
    v.pcie_max_width::integer AS pcie_max_width, v.nvlink_links::integer AS nvlink_links,
    v.quality::smallint AS quality, v.validation_passed::integer::boolean AS validation_passed,
    CASE WHEN v.at_length IS NOT NULL THEN (
        ARRAY[
            v.at_0, v.at_1, v.at_2, v.at_3, v.at_4, v.at_5,
            v.at_6, v.at_7, v.at_8, v.at_9, v.at_10, v.at_11,
            v.at_12, v.at_13, v.at_14, v.at_15, v.at_16,
            v.at_17, v.at_18, v.at_19, v.at_20, v.at_21,
            v.at_22, v.at_23, v.at_24, v.at_25, v.at_26,
            v.at_27, v.at_28, v.at_29, v.at_30, v.at_31,
            v.at_32, v.at_33, v.at_34, v.at_35, v.at_36,
            v.at_37, v.at_38, v.at_39, v.at_40, v.at_41,
            v.at_42, v.at_43, v.at_44, v.at_45, v.at_46,
            v.at_47, v.at_48, v.at_49, v.at_50, v.at_51,
            v.at_52, v.at_53, v.at_54
        ]::integer[])[1:v.at_length::integer]
    END AS at,
    p.hour
FROM gpu_metrics_piece AS p CROSS JOIN LATERAL unnest(p.micros) WITH ORDINALITY AS i(micros, place)
CROSS JOIN LATERAL (
    SELECT
        max(d.float) FILTER (WHERE d.column_no = 2) AS power_usage,
        max(d.number) FILTER (WHERE d.column_no = 4) AS fb_used_bytes,
        max(d.number) FILTER (WHERE d.column_no = 5) AS fb_free_bytes,
        max(d.number) FILTER (WHERE d.column_no = 6) AS fb_total_bytes,
        max(d.float) FILTER (WHERE d.column_no = 7) AS memory_utilization,
        max(d.number) FILTER (WHERE d.column_no = 8) AS ecc_sbe_volatile,
        max(d.number) FILTER (WHERE d.column_no = 9) AS ecc_sbe_aggregate,
        max(d.number) FILTER (WHERE d.column_no = 10) AS ecc_dbe_volatile,
        max(d.number) FILTER (WHERE d.column_no = 11) AS ecc_dbe_aggregate,
        max(d.float) FILTER (WHERE d.column_no = 14) AS sm_active,
        max(d.float) FILTER (WHERE d.column_no = 15) AS sm_occupancy,
        max(d.float) FILTER (WHERE d.column_no = 16) AS tensor_active,
        max(d.float) FILTER (WHERE d.column_no = 17) AS dram_active,
        max(d.float) FILTER (WHERE d.column_no = 18) AS pcie_tx_bytes_per_sec,
        max(d.float) FILTER (WHERE d.column_no = 19) AS pcie_rx_bytes_per_sec,
        max(d.float) FILTER (WHERE d.column_no = 20) AS nvlink_tx_bytes_per_sec,
        max(d.float) FILTER (WHERE d.column_no = 21) AS nvlink_rx_bytes_per_sec,
        max(d.number) FILTER (WHERE d.column_no = 27) AS energy_mj,
        max(d.number) FILTER (WHERE d.column_no = 29) AS pcie_replay_total,
        max(d.number) FILTER (WHERE d.column_no = 30) AS nvlink_crc_flit_total,
        max(d.number) FILTER (WHERE d.column_no = 31) AS nvlink_crc_data_total,
        max(d.number) FILTER (WHERE d.column_no = 32) AS nvlink_replay_total,
        max(d.number) FILTER (WHERE d.column_no = 33) AS nvlink_recovery_total,
        max(d.number) FILTER (WHERE d.column_no = 40) AS power_violation_ns,
        max(d.number) FILTER (WHERE d.column_no = 41) AS thermal_violation_ns,
        max(d.number) FILTER (WHERE d.column_no = 42) AS sync_boost_violation_ns,
        max(d.number) FILTER (WHERE d.column_no = 43) AS board_limit_violation_ns,
        max(d.number) FILTER (WHERE d.column_no = 44) AS low_util_violation_ns,
        max(d.number) FILTER (WHERE d.column_no = 45) AS reliability_violation_ns,
        max(d.number) FILTER (WHERE d.column_no = 46) AS app_clocks_violation_ns,
        max(d.number) FILTER (WHERE d.column_no = 47) AS base_clocks_violation_ns,
        max(d.float) FILTER (WHERE d.column_no = 48) AS power_limit,
        max(d.number) FILTER (WHERE d.column_no = 54) AS mig_instances,
        max(d.float) FILTER (WHERE d.column_no = -4) AS collection_latency_ms,
        max(d.number) FILTER (WHERE d.column_no = -1) AS derived,
        max(d.float) FILTER (WHERE d.column_no = 0) AS gpu_temp,
        max(d.float) FILTER (WHERE d.column_no = 1) AS memory_temp,
        max(d.number) FILTER (WHERE d.column_no = 3) AS throttle_reasons,
        max(d.number) FILTER (WHERE d.column_no = 12) AS retired_pages_sbe,
        max(d.number) FILTER (WHERE d.column_no = 13) AS retired_pages_dbe,
        max(d.float) FILTER (WHERE d.column_no = 22) AS gpu_utilization,
        max(d.float) FILTER (WHERE d.column_no = 23) AS mem_copy_utilization,
        max(d.float) FILTER (WHERE d.column_no = 24) AS sm_clock_mhz,
        max(d.float) FILTER (WHERE d.column_no = 25) AS mem_clock_mhz,
        max(d.float) FILTER (WHERE d.column_no = 26) AS fan_speed,
        max(d.number) FILTER (WHERE d.column_no = 28) AS xid_last,
        max(d.number) FILTER (WHERE d.column_no = 34) AS remapped_rows_correctable,
        max(d.number) FILTER (WHERE d.column_no = 35) AS remapped_rows_uncorrectable,
        max(d.number) FILTER (WHERE d.column_no = 36) AS row_remap_pending,
        max(d.number) FILTER (WHERE d.column_no = 37) AS row_remap_failed,
        max(d.number) FILTER (WHERE d.column_no = 38) AS sram_exceeded,
        max(d.number) FILTER (WHERE d.column_no = 39) AS recovery_action,
        max(d.float) FILTER (WHERE d.column_no = 49) AS slowdown_temp,
        max(d.float) FILTER (WHERE d.column_no = 50) AS memory_max_temp,
        max(d.number) FILTER (WHERE d.column_no = 51) AS pcie_max_gen,
        max(d.number) FILTER (WHERE d.column_no = 52) AS pcie_max_width,
        max(d.number) FILTER (WHERE d.column_no = 53) AS nvlink_links,
        max(d.number) FILTER (WHERE d.column_no = -2) AS quality,
        max(d.number) FILTER (WHERE d.column_no = -3) AS validation_passed,
        max(d.number) FILTER (WHERE d.column_no = -5) AS at_length,
        max(d.number) FILTER (WHERE d.column_no = 1000) AS at_0,
        max(d.number) FILTER (WHERE d.column_no = 1001) AS at_1,
        max(d.number) FILTER (WHERE d.column_no = 1002) AS at_2,
        max(d.number) FILTER (WHERE d.column_no = 1003) AS at_3,
        max(d.number) FILTER (WHERE d.column_no = 1004) AS at_4,
        max(d.number) FILTER (WHERE d.column_no = 1005) AS at_5,
        max(d.number) FILTER (WHERE d.column_no = 1006) AS at_6,
        max(d.number) FILTER (WHERE d.column_no = 1007) AS at_7,
        max(d.number) FILTER (WHERE d.column_no = 1008) AS at_8,
        max(d.number) FILTER (WHERE d.column_no = 1009) AS at_9,
        max(d.number) FILTER (WHERE d.column_no = 1010) AS at_10,
        max(d.number) FILTER (WHERE d.column_no = 1011) AS at_11,
        max(d.number) FILTER (WHERE d.column_no = 1012) AS at_12,
        max(d.number) FILTER (WHERE d.column_no = 1013) AS at_13,
        max(d.number) FILTER (WHERE d.column_no = 1014) AS at_14,
        max(d.number) FILTER (WHERE d.column_no = 1015) AS at_15,
        max(d.number) FILTER (WHERE d.column_no = 1016) AS at_16,
        max(d.number) FILTER (WHERE d.column_no = 1017) AS at_17,
        max(d.number) FILTER (WHERE d.column_no = 1018) AS at_18,
        max(d.number) FILTER (WHERE d.column_no = 1019) AS at_19,
        max(d.number) FILTER (WHERE d.column_no = 1020) AS at_20,
        max(d.number) FILTER (WHERE d.column_no = 1021) AS at_21,
        max(d.number) FILTER (WHERE d.column_no = 1022) AS at_22,
        max(d.number) FILTER (WHERE d.column_no = 1023) AS at_23,
        max(d.number) FILTER (WHERE d.column_no = 1024) AS at_24,
        max(d.number) FILTER (WHERE d.column_no = 1025) AS at_25,
        max(d.number) FILTER (WHERE d.column_no = 1026) AS at_26,
        max(d.number) FILTER (WHERE d.column_no = 1027) AS at_27,
        max(d.number) FILTER (WHERE d.column_no = 1028) AS at_28,
        max(d.number) FILTER (WHERE d.column_no = 1029) AS at_29,
        max(d.number) FILTER (WHERE d.column_no = 1030) AS at_30,
        max(d.number) FILTER (WHERE d.column_no = 1031) AS at_31,
        max(d.number) FILTER (WHERE d.column_no = 1032) AS at_32,
        max(d.number) FILTER (WHERE d.column_no = 1033) AS at_33,
        max(d.number) FILTER (WHERE d.column_no = 1034) AS at_34,
        max(d.number) FILTER (WHERE d.column_no = 1035) AS at_35,
        max(d.number) FILTER (WHERE d.column_no = 1036) AS at_36,
        max(d.number) FILTER (WHERE d.column_no = 1037) AS at_37,
        max(d.number) FILTER (WHERE d.column_no = 1038) AS at_38,
        max(d.number) FILTER (WHERE d.column_no = 1039) AS at_39,
        max(d.number) FILTER (WHERE d.column_no = 1040) AS at_40,
        max(d.number) FILTER (WHERE d.column_no = 1041) AS at_41,
        max(d.number) FILTER (WHERE d.column_no = 1042) AS at_42,
        max(d.number) FILTER (WHERE d.column_no = 1043) AS at_43,
        max(d.number) FILTER (WHERE d.column_no = 1044) AS at_44,
        max(d.number) FILTER (WHERE d.column_no = 1045) AS at_45,
        max(d.number) FILTER (WHERE d.column_no = 1046) AS at_46,
        max(d.number) FILTER (WHERE d.column_no = 1047) AS at_47,
        max(d.number) FILTER (WHERE d.column_no = 1048) AS at_48,
        max(d.number) FILTER (WHERE d.column_no = 1049) AS at_49,
        max(d.number) FILTER (WHERE d.column_no = 1050) AS at_50,
        max(d.number) FILTER (WHERE d.column_no = 1051) AS at_51,
        max(d.number) FILTER (WHERE d.column_no = 1052) AS at_52,
        max(d.number) FILTER (WHERE d.column_no = 1053) AS at_53,
        max(d.number) FILTER (WHERE d.column_no = 1054) AS at_54
    FROM (
        SELECT c.column_no, n.number,
            CASE c.form
                WHEN 6 THEN p.single[c.at]
                WHEN 7 THEN p.exact[c.at]
                WHEN 8 THEN p.constants[c.place + 1]
                ELSE n.number::double precision / c.divisor * c.factor
            END AS float
        FROM (
            SELECT u.*, u.place * p.samples + 1 AS first, u.place * p.samples + i.place::integer AS at
            FROM unnest(p.column_nos, p.forms, p.places, p.factors, p.divisors, p.units, p.bases)
                AS u(column_no, form, place, factor, divisor, unit, base)
        ) AS c CROSS JOIN LATERAL (
            SELECT CASE
                WHEN c.form = 0 THEN c.base
                WHEN c.form = 1 THEN c.base + c.unit * p.small[c.at]
                WHEN c.form = 2 AND p.small[c.at] IS NOT NULL THEN c.base + c.unit
                    * (SELECT sum(s.step) FROM unnest(p.small[c.first:c.at]) AS s(step))
                WHEN c.form = 3 THEN c.base + c.unit * p.whole[c.at]
                WHEN c.form = 4 AND p.whole[c.at] IS NOT NULL THEN c.base + c.unit
                    * (SELECT sum(s.step) FROM unnest(p.whole[c.first:c.at]) AS s(step))
                WHEN c.form = 5 THEN p.large[c.at]
            END AS number
        ) AS n
    ) AS d
) AS v;

COMMENT ON VIEW gpu_metrics_picked IS 'The rows of gpu_metrics_unpacked, each computed by itself: faster for a few rows of a piece, and slower for all';
COMMENT ON COLUMN gpu_metrics_picked.time IS 'Same as gpu_metrics.time';
COMMENT ON COLUMN gpu_metrics_picked.power_usage IS 'Same as gpu_metrics.power_usage';
COMMENT ON COLUMN gpu_metrics_picked.fb_used_bytes IS 'Same as gpu_metrics.fb_used_bytes';
COMMENT ON COLUMN gpu_metrics_picked.fb_free_bytes IS 'Same as gpu_metrics.fb_free_bytes';
COMMENT ON COLUMN gpu_metrics_picked.fb_total_bytes IS 'Same as gpu_metrics.fb_total_bytes';
COMMENT ON COLUMN gpu_metrics_picked.memory_utilization IS 'Same as gpu_metrics.memory_utilization';
COMMENT ON COLUMN gpu_metrics_picked.ecc_sbe_volatile IS 'Same as gpu_metrics.ecc_sbe_volatile';
COMMENT ON COLUMN gpu_metrics_picked.ecc_sbe_aggregate IS 'Same as gpu_metrics.ecc_sbe_aggregate';
COMMENT ON COLUMN gpu_metrics_picked.ecc_dbe_volatile IS 'Same as gpu_metrics.ecc_dbe_volatile';
COMMENT ON COLUMN gpu_metrics_picked.ecc_dbe_aggregate IS 'Same as gpu_metrics.ecc_dbe_aggregate';
COMMENT ON COLUMN gpu_metrics_picked.sm_active IS 'Same as gpu_metrics.sm_active';
COMMENT ON COLUMN gpu_metrics_picked.sm_occupancy IS 'Same as gpu_metrics.sm_occupancy';
COMMENT ON COLUMN gpu_metrics_picked.tensor_active IS 'Same as gpu_metrics.tensor_active';
COMMENT ON COLUMN gpu_metrics_picked.dram_active IS 'Same as gpu_metrics.dram_active';
COMMENT ON COLUMN gpu_metrics_picked.pcie_tx_bytes_per_sec IS 'Same as gpu_metrics.pcie_tx_bytes_per_sec';
COMMENT ON COLUMN gpu_metrics_picked.pcie_rx_bytes_per_sec IS 'Same as gpu_metrics.pcie_rx_bytes_per_sec';
COMMENT ON COLUMN gpu_metrics_picked.nvlink_tx_bytes_per_sec IS 'Same as gpu_metrics.nvlink_tx_bytes_per_sec';
COMMENT ON COLUMN gpu_metrics_picked.nvlink_rx_bytes_per_sec IS 'Same as gpu_metrics.nvlink_rx_bytes_per_sec';
COMMENT ON COLUMN gpu_metrics_picked.energy_mj IS 'Same as gpu_metrics.energy_mj';
COMMENT ON COLUMN gpu_metrics_picked.pcie_replay_total IS 'Same as gpu_metrics.pcie_replay_total';
COMMENT ON COLUMN gpu_metrics_picked.nvlink_crc_flit_total IS 'Same as gpu_metrics.nvlink_crc_flit_total';
COMMENT ON COLUMN gpu_metrics_picked.nvlink_crc_data_total IS 'Same as gpu_metrics.nvlink_crc_data_total';
COMMENT ON COLUMN gpu_metrics_picked.nvlink_replay_total IS 'Same as gpu_metrics.nvlink_replay_total';
COMMENT ON COLUMN gpu_metrics_picked.nvlink_recovery_total IS 'Same as gpu_metrics.nvlink_recovery_total';
COMMENT ON COLUMN gpu_metrics_picked.power_violation_ns IS 'Same as gpu_metrics.power_violation_ns';
COMMENT ON COLUMN gpu_metrics_picked.thermal_violation_ns IS 'Same as gpu_metrics.thermal_violation_ns';
COMMENT ON COLUMN gpu_metrics_picked.sync_boost_violation_ns IS 'Same as gpu_metrics.sync_boost_violation_ns';
COMMENT ON COLUMN gpu_metrics_picked.board_limit_violation_ns IS 'Same as gpu_metrics.board_limit_violation_ns';
COMMENT ON COLUMN gpu_metrics_picked.low_util_violation_ns IS 'Same as gpu_metrics.low_util_violation_ns';
COMMENT ON COLUMN gpu_metrics_picked.reliability_violation_ns IS 'Same as gpu_metrics.reliability_violation_ns';
COMMENT ON COLUMN gpu_metrics_picked.app_clocks_violation_ns IS 'Same as gpu_metrics.app_clocks_violation_ns';
COMMENT ON COLUMN gpu_metrics_picked.base_clocks_violation_ns IS 'Same as gpu_metrics.base_clocks_violation_ns';
COMMENT ON COLUMN gpu_metrics_picked.power_limit IS 'Same as gpu_metrics.power_limit';
COMMENT ON COLUMN gpu_metrics_picked.mig_instances IS 'Same as gpu_metrics.mig_instances';
COMMENT ON COLUMN gpu_metrics_picked.collection_latency_ms IS 'Same as gpu_metrics.collection_latency_ms';
COMMENT ON COLUMN gpu_metrics_picked.derived IS 'Same as gpu_metrics.derived';
COMMENT ON COLUMN gpu_metrics_picked.gpu_no IS 'Same as gpu_metrics.gpu_no';
COMMENT ON COLUMN gpu_metrics_picked.gpu_temp IS 'Same as gpu_metrics.gpu_temp';
COMMENT ON COLUMN gpu_metrics_picked.memory_temp IS 'Same as gpu_metrics.memory_temp';
COMMENT ON COLUMN gpu_metrics_picked.throttle_reasons IS 'Same as gpu_metrics.throttle_reasons';
COMMENT ON COLUMN gpu_metrics_picked.retired_pages_sbe IS 'Same as gpu_metrics.retired_pages_sbe';
COMMENT ON COLUMN gpu_metrics_picked.retired_pages_dbe IS 'Same as gpu_metrics.retired_pages_dbe';
COMMENT ON COLUMN gpu_metrics_picked.gpu_utilization IS 'Same as gpu_metrics.gpu_utilization';
COMMENT ON COLUMN gpu_metrics_picked.mem_copy_utilization IS 'Same as gpu_metrics.mem_copy_utilization';
COMMENT ON COLUMN gpu_metrics_picked.sm_clock_mhz IS 'Same as gpu_metrics.sm_clock_mhz';
COMMENT ON COLUMN gpu_metrics_picked.mem_clock_mhz IS 'Same as gpu_metrics.mem_clock_mhz';
COMMENT ON COLUMN gpu_metrics_picked.fan_speed IS 'Same as gpu_metrics.fan_speed';
COMMENT ON COLUMN gpu_metrics_picked.xid_last IS 'Same as gpu_metrics.xid_last';
COMMENT ON COLUMN gpu_metrics_picked.remapped_rows_correctable IS 'Same as gpu_metrics.remapped_rows_correctable';
COMMENT ON COLUMN gpu_metrics_picked.remapped_rows_uncorrectable IS 'Same as gpu_metrics.remapped_rows_uncorrectable';
COMMENT ON COLUMN gpu_metrics_picked.row_remap_pending IS 'Same as gpu_metrics.row_remap_pending';
COMMENT ON COLUMN gpu_metrics_picked.row_remap_failed IS 'Same as gpu_metrics.row_remap_failed';
COMMENT ON COLUMN gpu_metrics_picked.sram_exceeded IS 'Same as gpu_metrics.sram_exceeded';
COMMENT ON COLUMN gpu_metrics_picked.recovery_action IS 'Same as gpu_metrics.recovery_action';
COMMENT ON COLUMN gpu_metrics_picked.slowdown_temp IS 'Same as gpu_metrics.slowdown_temp';
COMMENT ON COLUMN gpu_metrics_picked.memory_max_temp IS 'Same as gpu_metrics.memory_max_temp';
COMMENT ON COLUMN gpu_metrics_picked.pcie_max_gen IS 'Same as gpu_metrics.pcie_max_gen';
COMMENT ON COLUMN gpu_metrics_picked.pcie_max_width IS 'Same as gpu_metrics.pcie_max_width';
COMMENT ON COLUMN gpu_metrics_picked.nvlink_links IS 'Same as gpu_metrics.nvlink_links';
COMMENT ON COLUMN gpu_metrics_picked.quality IS 'Same as gpu_metrics.quality';
COMMENT ON COLUMN gpu_metrics_picked.validation_passed IS 'Same as gpu_metrics.validation_passed';
COMMENT ON COLUMN gpu_metrics_picked.at IS 'Same as gpu_metrics.at';
COMMENT ON COLUMN gpu_metrics_picked.hour IS 'Beginning of the hour of time, UTC';

CREATE OR REPLACE VIEW gpu_metrics_by_uuid AS
SELECT m.time, g.uuid AS gpu_uuid, g.hostname, g.pci_bus_id, g.gpu_id AS device_index, m.gpu_temp, m.memory_temp,
    m.power_usage, m.throttle_reasons, m.fb_used_bytes, m.fb_free_bytes, m.fb_total_bytes, m.memory_utilization,
    m.ecc_sbe_volatile, m.ecc_dbe_volatile, m.ecc_sbe_aggregate, m.ecc_dbe_aggregate, m.retired_pages_sbe,
    m.retired_pages_dbe, m.sm_active, m.sm_occupancy, m.tensor_active, m.dram_active, m.pcie_tx_bytes_per_sec,
    m.pcie_rx_bytes_per_sec, m.sm_clock_mhz, m.mem_clock_mhz, m.gpu_utilization, m.mem_copy_utilization,
    m.collection_latency_ms, m.validation_passed, m.nvlink_tx_bytes_per_sec, m.nvlink_rx_bytes_per_sec, m.fan_speed,
    m.energy_mj, m.xid_last, m.pcie_replay_total, m.nvlink_crc_flit_total, m.nvlink_crc_data_total,
    m.nvlink_replay_total, m.nvlink_recovery_total, m.remapped_rows_correctable, m.remapped_rows_uncorrectable,
    m.row_remap_pending, m.row_remap_failed, m.sram_exceeded, m.recovery_action, m.power_violation_ns,
    m.thermal_violation_ns, m.sync_boost_violation_ns, m.board_limit_violation_ns, m.low_util_violation_ns,
    m.reliability_violation_ns, m.app_clocks_violation_ns, m.base_clocks_violation_ns, m.power_limit,
    m.slowdown_temp, m.memory_max_temp, m.pcie_max_gen, m.pcie_max_width, m.nvlink_links, m.mig_instances,
    m.quality, m.derived, m.at, m.gpu_no, date_bin(interval '1 hour', m.time, timestamptz '2000-01-01 00:00+00') AS hour
FROM gpu_metrics AS m
    JOIN gpu AS g USING (gpu_no)
UNION ALL
SELECT m.time, g.uuid AS gpu_uuid, g.hostname, g.pci_bus_id, g.gpu_id AS device_index, m.gpu_temp, m.memory_temp,
    m.power_usage, m.throttle_reasons, m.fb_used_bytes, m.fb_free_bytes, m.fb_total_bytes, m.memory_utilization,
    m.ecc_sbe_volatile, m.ecc_dbe_volatile, m.ecc_sbe_aggregate, m.ecc_dbe_aggregate, m.retired_pages_sbe,
    m.retired_pages_dbe, m.sm_active, m.sm_occupancy, m.tensor_active, m.dram_active, m.pcie_tx_bytes_per_sec,
    m.pcie_rx_bytes_per_sec, m.sm_clock_mhz, m.mem_clock_mhz, m.gpu_utilization, m.mem_copy_utilization,
    m.collection_latency_ms, m.validation_passed, m.nvlink_tx_bytes_per_sec, m.nvlink_rx_bytes_per_sec, m.fan_speed,
    m.energy_mj, m.xid_last, m.pcie_replay_total, m.nvlink_crc_flit_total, m.nvlink_crc_data_total,
    m.nvlink_replay_total, m.nvlink_recovery_total, m.remapped_rows_correctable, m.remapped_rows_uncorrectable,
    m.row_remap_pending, m.row_remap_failed, m.sram_exceeded, m.recovery_action, m.power_violation_ns,
    m.thermal_violation_ns, m.sync_boost_violation_ns, m.board_limit_violation_ns, m.low_util_violation_ns,
    m.reliability_violation_ns, m.app_clocks_violation_ns, m.base_clocks_violation_ns, m.power_limit,
    m.slowdown_temp, m.memory_max_temp, m.pcie_max_gen, m.pcie_max_width, m.nvlink_links, m.mig_instances,
    m.quality, m.derived, m.at, m.gpu_no, m.hour
FROM gpu_metrics_unpacked AS m
    JOIN gpu AS g USING (gpu_no)
WHERE NOT m.hidden;

-- The wide rows of a GPU in a range of time, compacted ones included. In a string, since some drivers take all that
-- follows BEGIN ATOMIC for a part of it.
DO $do$ BEGIN EXECUTE $sql$
CREATE OR REPLACE FUNCTION gpu_metrics_between(gpu integer, since timestamptz, before timestamptz)
    RETURNS SETOF gpu_metrics LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT m.time, m.power_usage, m.fb_used_bytes, m.fb_free_bytes, m.fb_total_bytes, m.memory_utilization,
    m.ecc_sbe_volatile, m.ecc_sbe_aggregate, m.ecc_dbe_volatile, m.ecc_dbe_aggregate, m.sm_active, m.sm_occupancy,
    m.tensor_active, m.dram_active, m.pcie_tx_bytes_per_sec, m.pcie_rx_bytes_per_sec, m.nvlink_tx_bytes_per_sec,
    m.nvlink_rx_bytes_per_sec, m.energy_mj, m.pcie_replay_total, m.nvlink_crc_flit_total, m.nvlink_crc_data_total,
    m.nvlink_replay_total, m.nvlink_recovery_total, m.power_violation_ns, m.thermal_violation_ns,
    m.sync_boost_violation_ns, m.board_limit_violation_ns, m.low_util_violation_ns, m.reliability_violation_ns,
    m.app_clocks_violation_ns, m.base_clocks_violation_ns, m.power_limit, m.mig_instances, m.collection_latency_ms,
    m.derived, m.gpu_no, m.gpu_temp, m.memory_temp, m.throttle_reasons, m.retired_pages_sbe, m.retired_pages_dbe,
    m.gpu_utilization, m.mem_copy_utilization, m.sm_clock_mhz, m.mem_clock_mhz, m.fan_speed, m.xid_last,
    m.remapped_rows_correctable, m.remapped_rows_uncorrectable, m.row_remap_pending, m.row_remap_failed,
    m.sram_exceeded, m.recovery_action, m.slowdown_temp, m.memory_max_temp, m.pcie_max_gen, m.pcie_max_width,
    m.nvlink_links, m.quality, m.validation_passed, m.at
    FROM gpu_metrics AS m
    WHERE m.gpu_no = gpu AND m.time >= since AND m.time < before
    UNION ALL
    SELECT u.time, u.power_usage, u.fb_used_bytes, u.fb_free_bytes, u.fb_total_bytes, u.memory_utilization,
    u.ecc_sbe_volatile, u.ecc_sbe_aggregate, u.ecc_dbe_volatile, u.ecc_dbe_aggregate, u.sm_active, u.sm_occupancy,
    u.tensor_active, u.dram_active, u.pcie_tx_bytes_per_sec, u.pcie_rx_bytes_per_sec, u.nvlink_tx_bytes_per_sec,
    u.nvlink_rx_bytes_per_sec, u.energy_mj, u.pcie_replay_total, u.nvlink_crc_flit_total, u.nvlink_crc_data_total,
    u.nvlink_replay_total, u.nvlink_recovery_total, u.power_violation_ns, u.thermal_violation_ns,
    u.sync_boost_violation_ns, u.board_limit_violation_ns, u.low_util_violation_ns, u.reliability_violation_ns,
    u.app_clocks_violation_ns, u.base_clocks_violation_ns, u.power_limit, u.mig_instances, u.collection_latency_ms,
    u.derived, u.gpu_no, u.gpu_temp, u.memory_temp, u.throttle_reasons, u.retired_pages_sbe, u.retired_pages_dbe,
    u.gpu_utilization, u.mem_copy_utilization, u.sm_clock_mhz, u.mem_clock_mhz, u.fan_speed, u.xid_last,
    u.remapped_rows_correctable, u.remapped_rows_uncorrectable, u.row_remap_pending, u.row_remap_failed,
    u.sram_exceeded, u.recovery_action, u.slowdown_temp, u.memory_max_temp, u.pcie_max_gen, u.pcie_max_width,
    u.nvlink_links, u.quality, u.validation_passed, u.at
    FROM gpu_metrics_unpacked AS u
    WHERE u.gpu_no = gpu AND u.time >= since AND u.time < before
        AND u.hour >= date_bin(interval '1 hour', since, timestamptz '2000-01-01 00:00+00') AND u.hour < before AND NOT u.hidden;
END
$sql$; END $do$;
