package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.TelemetryException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The capability of GPU samples and of wide rows, with their GPUs, metrics and labels, and the first days that
 * retention keeps. Immutable.
 *
 * @param layout the layout of the samples
 */
record GpuSampleCapability(GpuLayout layout) implements Capability {
    private static final TableShape GPU = TableShape.parse("gpu", """
            gpu_no integer, uuid text, gpu_id integer, device text, pci_bus_id text, model_name text, hostname text,
            namespace text, first_seen timestamp with time zone, last_seen timestamp with time zone,
            moved_at timestamp with time zone""", "uuid");

    private static final TableShape GPU_METRIC =
            TableShape.parse("gpu_metric", "metric_no integer, metric_name text, kind text, unit text", "metric_name");

    private static final TableShape GPU_SAMPLE_RETENTION =
            TableShape.parse("gpu_sample_retention", "kept_from date", "");

    private static final TableShape GPU_LABELS = TableShape.parse("gpu_labels", """
            labels_id bigint, hostname text, namespace text, pod text, container text, gpu_id integer, device text,
            model_name text, pci_bus_id text, labels jsonb, last_day date""", "labels_id");

    private static final TableShape GPU_SAMPLE =
            TableShape.parse("gpu_sample", """
            ts timestamp with time zone, series_key bigint, metric_value double precision, labels_id bigint,
            gpu_no integer, metric_no integer, instance text, scope smallint, quality smallint""", "gpu_no, metric_no, ts, series_key");

    private static final TableShape GPU_SAMPLE_COMPACTION = TableShape.parse("gpu_sample_compaction", """
            day date, started_at timestamp with time zone, compacted_at timestamp with time zone, samples bigint,
            bytes_before bigint, bytes_after bigint""", "day");

    private static final TableShape GPU_SAMPLE_HOUR = TableShape.parse("gpu_sample_hour", """
            hour timestamp with time zone, gpu_no integer, failure text""", "gpu_no, hour");

    private static final TableShape GPU_SAMPLE_TIMES =
            TableShape.parse("gpu_sample_times", """
            hour timestamp with time zone, gpu_no integer, samples integer, step integer, times_no smallint,
            micros integer[]""", "gpu_no, hour, times_no, samples");

    private static final TableShape GPU_SAMPLE_PIECE =
            TableShape.parse("gpu_sample_piece", """
            hour timestamp with time zone, series_key bigint, labels_id bigint, base bigint, value double precision,
            gpu_no integer, metric_no integer, samples integer, divisor integer, times_no smallint, scope smallint,
            quality smallint, instance text, small smallint[], whole integer[], single real[],
            exact double precision[], labels_ids bigint[], instances text[], scopes smallint[],
            qualities smallint[]""", "gpu_no, metric_no, hour, series_key");

    private static final TableShape GPU_COMPACTION_LEASE = TableShape.parse("gpu_compaction_lease", """
            name text, runner text, held_until timestamp with time zone""", "name");

    private static final TableShape GPU_TELEMETRY =
            TableShape.parse("gpu_telemetry", """
            id bigint, ts timestamp with time zone, metric_name text, gpu_id integer, device text, uuid text,
            model_name text, hostname text, container text, pod text, namespace text, metric_value double precision,
            labels_raw jsonb, created_at timestamp with time zone, instance text, scope smallint, quality smallint,
            series_key bigint""", "uuid, metric_name, ts, series_key");

    private static final TableShape GPU_ASSETS = TableShape.parse("gpu_assets", """
            gpu_uuid text, model text, architecture text, compute_capability text, memory_gb integer, hostname text,
            pci_bus_id text, rack_id text, cluster_id text, datacenter text, region text, purchase_date date,
            deployment_date date, warranty_expiry date, expected_eol date, sla_tier text, priority text, tags jsonb,
            notes text, created_at timestamp with time zone, updated_at timestamp with time zone""", "gpu_uuid");

    private static final TableShape GPU_METRICS = TableShape.parse("gpu_metrics", """
            time timestamp with time zone, power_usage double precision, fb_used_bytes bigint, fb_free_bytes bigint,
            fb_total_bytes bigint, memory_utilization double precision, ecc_sbe_volatile bigint,
            ecc_sbe_aggregate bigint, ecc_dbe_volatile bigint, ecc_dbe_aggregate bigint, sm_active double precision,
            sm_occupancy double precision, tensor_active double precision, dram_active double precision,
            pcie_tx_bytes_per_sec double precision, pcie_rx_bytes_per_sec double precision,
            nvlink_tx_bytes_per_sec double precision, nvlink_rx_bytes_per_sec double precision, energy_mj bigint,
            pcie_replay_total bigint, nvlink_crc_flit_total bigint, nvlink_crc_data_total bigint,
            nvlink_replay_total bigint, nvlink_recovery_total bigint, power_violation_ns bigint,
            thermal_violation_ns bigint, sync_boost_violation_ns bigint, board_limit_violation_ns bigint,
            low_util_violation_ns bigint, reliability_violation_ns bigint, app_clocks_violation_ns bigint,
            base_clocks_violation_ns bigint, power_limit double precision, mig_instances bigint,
            collection_latency_ms double precision, derived bigint, gpu_no integer, gpu_temp real, memory_temp real,
            throttle_reasons integer, retired_pages_sbe integer, retired_pages_dbe integer, gpu_utilization real,
            mem_copy_utilization real, sm_clock_mhz real, mem_clock_mhz real, fan_speed real, xid_last integer,
            remapped_rows_correctable integer, remapped_rows_uncorrectable integer, row_remap_pending integer,
            row_remap_failed integer, sram_exceeded integer, recovery_action integer, slowdown_temp real,
            memory_max_temp real, pcie_max_gen integer, pcie_max_width integer, nvlink_links integer,
            quality smallint, validation_passed boolean, at integer[]""", "gpu_no, time");

    private static final TableShape GPU_MIG_METRICS = TableShape.parse("gpu_mig_metrics", """
            time timestamp with time zone, fb_used_bytes bigint, fb_free_bytes bigint, fb_total_bytes bigint,
            gr_engine_active double precision, sm_active double precision, sm_occupancy double precision,
            tensor_active double precision, dram_active double precision, gpu_no integer, gi text, profile text,
            at integer[]""", "gpu_no, gi, time");

    private static final TableShape GPU_METRICS_COMPACTION = TableShape.parse("gpu_metrics_compaction", """
            day date, started_at timestamp with time zone, compacted_at timestamp with time zone, samples bigint,
            bytes_before bigint, bytes_after bigint""", "day");

    private static final TableShape GPU_METRICS_HOUR = TableShape.parse("gpu_metrics_hour", """
            hour timestamp with time zone, gpu_no integer, failure text""", "gpu_no, hour");

    private static final TableShape GPU_METRICS_PIECE = TableShape.parse("gpu_metrics_piece", """
            hour timestamp with time zone, gpu_no integer, samples integer, micros integer[], column_nos smallint[],
            forms smallint[], places smallint[], factors smallint[], divisors integer[], units bigint[],
            bases bigint[], constants double precision[], small smallint[], whole integer[], large bigint[],
            single real[], exact double precision[]""", "gpu_no, hour");

    private static final TableShape SAMPLE_FILE_IMPORTS =
            TableShape.parse("sample_file_imports", """
            group_id text, checksum bytea, import_id uuid, file text, records bigint, sample_rows bigint,
            refused bigint, lines bigint, text_bytes bigint, header bytea, complete boolean,
            started_at timestamp with time zone, updated_at timestamp with time zone""", "group_id, checksum");

    private static final TableShape SAMPLE_TABLE_MOVES = TableShape.parse("sample_table_moves", """
            source text, hour timestamp with time zone, source_rows bigint, source_hash bigint, rows_read bigint,
            proved boolean, stored_before bigint, stored bigint, duplicates bigint, conflicts bigint, no_value bigint,
            rejected bigint, beyond_retention bigint, refused jsonb, started_at timestamp with time zone,
            updated_at timestamp with time zone""", "source, hour");

    private static final List<TableShape> COMMON = List.of(
            GPU,
            GPU_METRIC,
            GPU_SAMPLE_RETENTION,
            GPU_ASSETS,
            GPU_METRICS,
            GPU_MIG_METRICS,
            GPU_METRICS_COMPACTION,
            GPU_METRICS_HOUR,
            GPU_METRICS_PIECE,
            SAMPLE_FILE_IMPORTS,
            SAMPLE_TABLE_MOVES,
            GPU_COMPACTION_LEASE,
            retention(GPU_METRICS),
            retention(GPU_MIG_METRICS));

    private static final String VIEW = "v";

    private static TableShape retention(TableShape of) {
        return TableShape.parse(of.name() + "_retention", "kept_from date", "");
    }

    @Override
    public String name() {
        return "gpu_samples";
    }

    @Override
    public List<String> files() {
        String directory = layout.name().toLowerCase(Locale.ROOT);
        List<String> files = new ArrayList<>(List.of(
                "common/V1__gpus_and_samples.sql",
                directory + (isFlat() ? "/V1_1__gpu_telemetry.sql" : "/V1_1__gpu_sample.sql"),
                "common/V1_2__gpu_metrics.sql",
                "common/V1_3__gpu_assets.sql",
                "common/V1_4__sample_file_imports.sql",
                "common/V1_5__compaction.sql"));
        if (!isFlat()) {
            files.add(directory + "/V1_6__gpu_sample_pieces.sql");
        }
        files.add("common/V1_7__gpu_metrics_pieces.sql");
        files.add("common/V1_8__sample_table_moves.sql");
        return files;
    }

    @Override
    public List<TableShape> tables() {
        List<TableShape> tables = new ArrayList<>(COMMON);
        tables.addAll(
                isFlat()
                        ? List.of(GPU_TELEMETRY)
                        : List.of(
                                GPU_LABELS,
                                GPU_SAMPLE,
                                GPU_SAMPLE_COMPACTION,
                                GPU_SAMPLE_HOUR,
                                GPU_SAMPLE_TIMES,
                                GPU_SAMPLE_PIECE));
        return tables;
    }

    private boolean isFlat() {
        return layout == GpuLayout.FLAT;
    }

    @Override
    public void refuse(Catalog catalog, Optional<String> schema) {
        catalog.kindOf(GPU_TELEMETRY.in(schema))
                .filter(kind -> kind.equals(VIEW) == isFlat())
                .ifPresent(kind -> {
                    throw new TelemetryException(
                            isFlat()
                                    ? "gpu_telemetry is a view already; install with gpuSamples(GpuLayout.NUMBERED)"
                                    : "Table gpu_telemetry exists already; install with gpuSamples(GpuLayout.FLAT),"
                                            + " choose another schema, or rename it");
                });
    }
}
