package io.gpufleet.telemetry.jdbc.query;

import io.gpufleet.telemetry.gpu.GpuSample;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import org.jdbi.v3.core.Handle;

/**
 * The reader of samples as wide rows. All samples of an instant are in one row: they join the newest one if they are at
 * most the tolerance later than its first sample and it has none of their metrics, else they open the next row. Belongs
 * to one transaction.
 */
final class JoinedWideRows {
    /** Rows that are read at once: enough for a page of most fleets. */
    private static final int SAMPLES = 20_000;

    private final Handle handle;
    private final Optional<String> schema;

    JoinedWideRows(Handle handle, Optional<String> schema) {
        this.handle = handle;
        this.schema = schema;
    }

    List<WidePages.Place> read(GpuNames.Found gpu, TimeRange range, Duration tolerance, int most) {
        SortedMap<Integer, String> metrics = new MetricNames(schema).find(handle, WideSamples.METRICS);
        SampleReader reader = new SampleReader(
                handle,
                schema,
                SampleOrder.OLDEST,
                new SampleReader.Filter(
                        gpu.number(), List.copyOf(metrics.keySet()), Optional.empty(), Optional.empty()));
        int chunk = Math.min(SAMPLES, most * Math.max(metrics.size(), 1) + 1);
        OpenRow open = new OpenRow(tolerance, Map.of(gpu.number(), gpu.uuid()), metrics);
        Optional<SamplePosition> after = Optional.empty();
        while (open.rows.size() < most) {
            List<SampleRow> samples = reader.read(range, after, chunk);
            samples.forEach(open::add);
            if (samples.size() < chunk) {
                open.close();
                break;
            }
            after = Optional.of(samples.get(samples.size() - 1).position());
        }
        return open.rows.subList(0, Math.min(most, open.rows.size()));
    }

    /** The row that takes samples, with the rows before it. Belongs to one thread. */
    private static final class OpenRow {
        private final Duration tolerance;
        private final Map<Integer, String> gpus;
        private final SortedMap<Integer, String> metrics;
        private final List<WidePages.Place> rows = new ArrayList<>();
        private final List<SampleRow> joined = new ArrayList<>();
        private final List<SampleRow> instant = new ArrayList<>();
        private final Set<Integer> taken = new HashSet<>();

        OpenRow(Duration tolerance, Map<Integer, String> gpus, SortedMap<Integer, String> metrics) {
            this.tolerance = tolerance;
            this.gpus = gpus;
            this.metrics = metrics;
        }

        void add(SampleRow sample) {
            if (!instant.isEmpty() && !timeOf(instant).equals(sample.position().time())) {
                join();
            }
            instant.add(sample);
        }

        private void join() {
            boolean isTaken = instant.stream()
                    .anyMatch(sample -> taken.contains(sample.position().metric()));
            boolean isLate = !joined.isEmpty()
                    && Duration.between(timeOf(joined), timeOf(instant)).compareTo(tolerance) > 0;
            if (isTaken || isLate) {
                closeRow();
            }
            joined.addAll(instant);
            instant.forEach(sample -> taken.add(sample.position().metric()));
            instant.clear();
        }

        void close() {
            if (!instant.isEmpty()) {
                join();
                closeRow();
            }
        }

        private void closeRow() {
            Instant last = joined.get(joined.size() - 1).position().time();
            List<GpuSample> samples = joined.stream()
                    .flatMap(sample -> WideSamples.sample(sample, gpus, metrics).stream())
                    .toList();
            WideSamples.row(samples).ifPresent(row -> rows.add(new WidePages.Place(row, last)));
            joined.clear();
            taken.clear();
        }

        private static Instant timeOf(List<SampleRow> samples) {
            return samples.get(0).position().time();
        }
    }
}
