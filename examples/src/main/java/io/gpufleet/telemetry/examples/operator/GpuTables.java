package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.examples.terminal.Column;
import io.gpufleet.telemetry.examples.terminal.Table;
import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.jdbc.query.StoredGpu;
import io.gpufleet.telemetry.jdbc.query.StoredSample;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The tables of GPUs and of samples. */
final class GpuTables {
    private GpuTables() {}

    static Table gpus(String title, List<StoredGpu> gpus) {
        Table table = new Table(
                title,
                List.of(
                        Column.text("hostname"),
                        Column.number("gpu id").dispensable(3),
                        Column.text("device"),
                        Column.text("uuid"),
                        Column.text("model name").dispensable(2),
                        Column.text("pci bus id").dispensable(6),
                        Column.text("namespace").dispensable(1),
                        Column.count("mig instances").dispensable(4),
                        Column.instant("first seen").dispensable(5),
                        Column.instant("last seen")));
        gpus.forEach(gpu -> table.add(Arrays.asList(
                gpu.hostname(),
                number(gpu.index()),
                gpu.device(),
                gpu.uuid(),
                gpu.model(),
                gpu.pciBusId(),
                gpu.namespace(),
                gpu.migInstances(),
                gpu.firstSeen(),
                gpu.lastSeen())));
        return table;
    }

    static Table samples(String title, List<StoredSample> samples) {
        Table table = new Table(
                title,
                List.of(
                        Column.instant("time"),
                        Column.text("uuid").dispensable(4),
                        Column.text("metric"),
                        Column.text("instance"),
                        Column.decimal("value"),
                        Column.text("unit").dispensable(1),
                        Column.text("hostname").dispensable(3),
                        Column.text("device").dispensable(5),
                        Column.text("namespace").dispensable(6),
                        Column.text("pod").dispensable(2),
                        Column.text("container").dispensable(8),
                        Column.text("scope").dispensable(7),
                        Column.texts("quality")));
        samples.forEach(sample -> table.add(row(sample)));
        return table;
    }

    private static List<?> row(StoredSample sample) {
        return List.of(
                sample.time(),
                sample.uuid(),
                sample.metric(),
                sample.instance(),
                sample.value(),
                GpuMetric.known(sample.metric()).map(GpuMetric::unit).orElse(""),
                sample.hostname(),
                sample.device(),
                sample.namespace(),
                sample.pod(),
                sample.container(),
                word(sample.scope()),
                sample.quality().stream().sorted().map(GpuTables::word).toList());
    }

    /** Returns the rows of a table of samples for programs, with what is too much for people. */
    static List<Map<String, @Nullable Object>> records(Table table, List<StoredSample> samples) {
        List<Map<String, @Nullable Object>> records = new ArrayList<>();
        table.records().forEach(record -> {
            StoredSample sample = samples.get(records.size());
            Map<String, @Nullable Object> more = new LinkedHashMap<>(record);
            more.put("gpu_id", number(sample.index()));
            more.put("model_name", sample.model());
            more.put("pci_bus_id", sample.pciBusId());
            more.put("labels", sample.labels());
            records.add(more);
        });
        return records;
    }

    private static String word(Enum<?> name) {
        return name.name().toLowerCase(Locale.ROOT);
    }

    private static @Nullable Object number(OptionalInt index) {
        return index.isPresent() ? index.getAsInt() : null;
    }
}
