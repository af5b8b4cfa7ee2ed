package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.gpu.QualityFlag;
import io.gpufleet.telemetry.jdbc.ColumnType;
import io.gpufleet.telemetry.jdbc.Dimension;
import io.gpufleet.telemetry.jdbc.PostgresTable;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The tables of GPU samples, and the dimensions that they refer to. */
final class GpuTables {
    private static final String LAST_SEEN = "last_seen";
    private static final String RETENTION = "gpu_sample_retention";

    /** The numbers of GPUs by UUID. */
    static final Dimension<String> GPU = Dimension.of(
            PostgresTable.<String>builder("gpu")
                    .key("uuid", ColumnType.TEXT, uuid -> uuid)
                    .build(),
            "gpu_no",
            ColumnType.INTEGER);

    /** The places and times of GPUs. Their rows exist, since {@link #GPU} inserts them first. */
    static final PostgresTable<GpuSighting> GPUS = PostgresTable.<GpuSighting>builder("gpu")
            .key("gpu_no", GPU.number(), GpuSighting::uuid)
            .keep("uuid", ColumnType.TEXT, GpuSighting::uuid)
            .min("first_seen", ColumnType.TIMESTAMPTZ, GpuSighting::firstSeen)
            .max(LAST_SEEN, ColumnType.TIMESTAMPTZ, GpuSighting::lastSeen)
            .newestBy(LAST_SEEN, "hostname", ColumnType.TEXT, GpuSighting::hostname)
            .newestBy(LAST_SEEN, "pci_bus_id", ColumnType.TEXT, GpuSighting::pciBusId)
            .newestBy(LAST_SEEN, "namespace", ColumnType.TEXT, GpuSighting::namespace)
            .newestBy(LAST_SEEN, "gpu_id", ColumnType.INTEGER, GpuSighting::gpuId)
            .newestBy(LAST_SEEN, "device", ColumnType.TEXT, GpuSighting::device)
            .newestBy(LAST_SEEN, "model_name", ColumnType.TEXT, GpuSighting::modelName)
            .otherBy(
                    LAST_SEEN,
                    "moved_at",
                    List.of("hostname", "pci_bus_id"),
                    ColumnType.TIMESTAMPTZ,
                    GpuSighting::movedAt)
            .build();

    /** The numbers of metrics: those of DCGM's fields, and drawn ones for others. */
    static final Dimension<GpuMetric> METRIC = Dimension.of(
                    PostgresTable.<GpuMetric>builder("gpu_metric")
                            .key("metric_name", ColumnType.TEXT, GpuMetric::name)
                            .keep("kind", ColumnType.TEXT, m -> m.kind().name().toLowerCase(Locale.ROOT))
                            .keep("unit", ColumnType.TEXT, GpuMetric::unit)
                            .build(),
                    "metric_no",
                    ColumnType.INTEGER)
            .withNumbers(GpuTables::fieldOf);

    /** The sets of labels. */
    static final Dimension<GpuSubject> LABELS = Dimension.ofContents(
            PostgresTable.<GpuSubject>builder("gpu_labels")
                    .keep("hostname", ColumnType.TEXT, GpuSubject::host)
                    .keep("namespace", ColumnType.TEXT, GpuSubject::namespace)
                    .keep("pod", ColumnType.TEXT, GpuSubject::pod)
                    .keep("container", ColumnType.TEXT, GpuSubject::container)
                    .keep("gpu_id", ColumnType.INTEGER, GpuTables::indexOf)
                    .keep("device", ColumnType.TEXT, GpuSubject::device)
                    .keep("model_name", ColumnType.TEXT, GpuSubject::model)
                    .keep("pci_bus_id", ColumnType.TEXT, GpuSubject::pciBusId)
                    .keep("labels", ColumnType.JSONB, LabelJson::of),
            "labels_id",
            "last_day");

    /** The samples by numbers. */
    static final PostgresTable<Delivery<GpuSample>> GPU_SAMPLE = PostgresTable.<Delivery<GpuSample>>builder(
                    "gpu_sample")
            .key("gpu_no", GPU.number(), d -> d.value().subject().uuid())
            .key("metric_no", METRIC.number(), d -> d.value().metric())
            .partitionKey("ts", d -> d.value().time(), RETENTION)
            .key("series_key", ColumnType.BIGINT, d -> d.value().subject().seriesKey())
            .keep("metric_value", ColumnType.FLOAT8, d -> d.value().value())
            .keep("labels_id", LABELS.number(), d -> d.value().subject())
            .keep("instance", ColumnType.TEXT, d -> d.value().subject().instance())
            .keep("scope", ColumnType.SMALLINT, d -> d.value().scope().number())
            .keep(
                    "quality",
                    ColumnType.SMALLINT,
                    d -> QualityFlag.bits(d.value().quality()))
            .compactedByHour()
            .build();

    /** The samples with all their texts. */
    static final PostgresTable<Delivery<GpuSample>> GPU_TELEMETRY = PostgresTable.<Delivery<GpuSample>>builder(
                    "gpu_telemetry")
            .key("uuid", ColumnType.TEXT, d -> d.value().subject().uuid())
            .key("metric_name", ColumnType.TEXT, d -> d.value().metric().name())
            .partitionKey("ts", d -> d.value().time(), RETENTION)
            .key("series_key", ColumnType.BIGINT, d -> d.value().subject().seriesKey())
            .keep("metric_value", ColumnType.FLOAT8, d -> d.value().value())
            .keep("gpu_id", ColumnType.INTEGER, d -> indexOf(d.value().subject()))
            .keep("device", ColumnType.TEXT, d -> d.value().subject().device())
            .keep("model_name", ColumnType.TEXT, d -> d.value().subject().model())
            .keep("hostname", ColumnType.TEXT, d -> d.value().subject().host())
            .keep("container", ColumnType.TEXT, d -> d.value().subject().container())
            .keep("pod", ColumnType.TEXT, d -> d.value().subject().pod())
            .keep("namespace", ColumnType.TEXT, d -> d.value().subject().namespace())
            .keep(
                    "labels_raw",
                    ColumnType.JSONB,
                    d -> LabelJson.withPciBusId(d.value().subject()))
            .keep("instance", ColumnType.TEXT, d -> d.value().subject().instance())
            .keep("scope", ColumnType.SMALLINT, d -> d.value().scope().number())
            .keep(
                    "quality",
                    ColumnType.SMALLINT,
                    d -> QualityFlag.bits(d.value().quality()))
            .build();

    private GpuTables() {}

    private static @Nullable Integer fieldOf(GpuMetric metric) {
        return metric.fieldId() > 0 ? metric.fieldId() : null;
    }

    static @Nullable Integer indexOf(GpuSubject subject) {
        return subject.index().isPresent() ? subject.index().getAsInt() : null;
    }
}
