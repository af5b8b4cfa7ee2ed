package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.Aggregator;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.gpu.GpuMetricsRow;
import io.gpufleet.telemetry.gpu.GpuSample;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.IntPredicate;

/**
 * The aggregator of samples into wide rows: those of GPUs, or those of MIG instances. The rows of a message depend on
 * all of its samples, also those that are stored already, which keep their places. Thread-safe.
 */
final class WideFold implements Aggregator<GpuSample, WideFold.Key, GpuMetricsRow> {
    /** The key of a row. */
    record Key(String uuid, String instance, Instant time) {}

    /** The rows that are wanted. */
    enum Part {
        GPUS,
        INSTANCES,
        /** The rows of instances, one for each GPU and time. */
        TOUCHED
    }

    private final WideRows rows;
    private final Part part;

    WideFold(WideRows rows, Part part) {
        this.rows = rows;
        this.part = part;
    }

    @Override
    public void fold(Delivery<GpuSample> delivery, BiConsumer<? super Key, ? super GpuMetricsRow> results) {
        aggregate(List.of(delivery), List.of(delivery)).forEach(results);
    }

    @Override
    public GpuMetricsRow merge(GpuMetricsRow left, GpuMetricsRow right) {
        return left.merge(right);
    }

    @Override
    public Map<Key, GpuMetricsRow> aggregate(List<Delivery<GpuSample>> accepted, List<Delivery<GpuSample>> batch) {
        Map<Key, GpuMetricsRow> merged = new LinkedHashMap<>();
        if (part == Part.GPUS || accepted.stream().anyMatch(WideFold::isOfInstance)) {
            all(accepted, batch).stream()
                    .filter(row -> row.instance().isEmpty() == (part == Part.GPUS))
                    .forEach(row -> merged.merge(keyOf(row), row, GpuMetricsRow::merge));
        }
        return merged;
    }

    /** Samples of equal times are in one row anyway, also if they come in several records. */
    @Override
    public boolean dependsOnRecords() {
        return rows.tolerance().filter(tolerance -> !tolerance.isZero()).isPresent();
    }

    private Key keyOf(GpuMetricsRow row) {
        String instance = part == Part.INSTANCES ? row.instance() : "";
        return new Key(row.uuid(), instance, row.time());
    }

    private static boolean isOfInstance(Delivery<GpuSample> delivery) {
        return delivery.value().subject().isMigInstance();
    }

    private List<GpuMetricsRow> all(List<Delivery<GpuSample>> accepted, List<Delivery<GpuSample>> batch) {
        return rows.grid()
                .map(grid -> GpuMetricsRow.inGrid(
                        accepted.stream().map(Delivery::value).toList(), grid))
                .orElseGet(() -> joined(accepted, batch, rows.tolerance().orElseThrow()));
    }

    /** Joins the samples of each record; those that were accepted are in the order of the batch. */
    private static List<GpuMetricsRow> joined(
            List<Delivery<GpuSample>> accepted, List<Delivery<GpuSample>> batch, Duration tolerance) {
        List<GpuMetricsRow> joined = new ArrayList<>();
        int next = 0;
        for (int from = 0, to; from < batch.size(); from = to) {
            List<GpuSample> message = new ArrayList<>();
            boolean[] isNew = new boolean[endOfRecord(batch, from) - from];
            for (to = from; to < from + isNew.length; to++) {
                message.add(batch.get(to).value());
                isNew[to - from] = next < accepted.size() && isSame(accepted.get(next), batch.get(to));
                next += isNew[to - from] ? 1 : 0;
            }
            IntPredicate counts = sample -> isNew[sample];
            joined.addAll(GpuMetricsRow.join(message, counts, tolerance));
        }
        return joined;
    }

    private static int endOfRecord(List<Delivery<GpuSample>> batch, int from) {
        int to = from + 1;
        while (to < batch.size() && isOfOneRecord(batch.get(from), batch.get(to))) {
            to++;
        }
        return to;
    }

    private static boolean isOfOneRecord(Delivery<?> one, Delivery<?> other) {
        return one.offset() == other.offset() && one.partition().equals(other.partition());
    }

    private static boolean isSame(Delivery<?> one, Delivery<?> other) {
        return one.index() == other.index() && isOfOneRecord(one, other);
    }
}
