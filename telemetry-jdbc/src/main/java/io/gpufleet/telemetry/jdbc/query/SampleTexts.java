package io.gpufleet.telemetry.jdbc.query;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.gpu.QualityFlag;
import io.gpufleet.telemetry.gpu.Scope;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/** The samples of rows by numbers, with their texts. Belongs to one transaction. */
final class SampleTexts {
    private final Handle handle;
    private final Optional<String> schema;

    SampleTexts(Handle handle, Optional<String> schema) {
        this.handle = handle;
        this.schema = schema;
    }

    List<StoredSample> of(List<SampleRow> rows, Map<Integer, String> gpus, Map<Integer, String> metrics) {
        Set<Long> numbers = rows.stream().map(SampleRow::labels).collect(Collectors.toSet());
        Map<Long, Labels> labels = Labels.find(handle, schema, numbers);
        return rows.stream()
                .map(row -> sample(
                        row,
                        requireNonNull(gpus.get(row.gpu())),
                        requireNonNull(metrics.get(row.position().metric())),
                        requireNonNull(labels.get(row.labels()))))
                .toList();
    }

    private static StoredSample sample(SampleRow row, String uuid, String metric, Labels labels) {
        return new StoredSample(
                row.position().time(),
                metric,
                row.value(),
                uuid,
                row.instance(),
                Scope.of(row.scope()),
                QualityFlag.of(row.quality()),
                labels.index(),
                labels.device(),
                labels.model(),
                labels.hostname(),
                labels.namespace(),
                labels.pod(),
                labels.container(),
                labels.pciBusId(),
                labels.others());
    }
}
