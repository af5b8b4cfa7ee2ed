package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.TelemetryException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The capability of GPU samples, with their GPUs, metrics and labels, and the first days that retention keeps.
 * Immutable.
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

    private static final String VIEW = "v";

    @Override
    public String name() {
        return "gpu_samples";
    }

    @Override
    public List<String> files() {
        return List.of(
                "common/V1__gpus_and_samples.sql",
                layout.name().toLowerCase(Locale.ROOT)
                        + (isFlat() ? "/V1_1__gpu_telemetry.sql" : "/V1_1__gpu_sample.sql"),
                "common/V1_3__gpu_assets.sql");
    }

    @Override
    public List<TableShape> tables() {
        return isFlat()
                ? List.of(GPU, GPU_METRIC, GPU_SAMPLE_RETENTION, GPU_ASSETS, GPU_TELEMETRY)
                : List.of(GPU, GPU_METRIC, GPU_SAMPLE_RETENTION, GPU_ASSETS, GPU_LABELS, GPU_SAMPLE);
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
