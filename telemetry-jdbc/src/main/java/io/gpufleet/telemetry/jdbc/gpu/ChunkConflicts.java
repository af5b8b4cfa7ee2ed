package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.internal.RecordReader;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The samples of one chunk that have the key of an earlier one of the chunk, as lines whose times were cut to the same
 * microsecond. Used once, by one thread.
 */
final class ChunkConflicts {
    /** What only one sample can have. */
    private record Key(String uuid, GpuMetric metric, Instant time, long series) {
        static Key of(GpuSample sample) {
            return new Key(
                    sample.subject().uuid(),
                    sample.metric(),
                    sample.time(),
                    sample.subject().seriesKey());
        }
    }

    private record Pair(Delivery<GpuSample> first, Delivery<GpuSample> later) {
        boolean isConflict() {
            return Double.compare(first.value().value(), later.value().value()) != 0;
        }
    }

    private final RecordReader<GpuSample> reader;
    private final ImportedRecords records;
    private final Map<Long, Map<Integer, String>> places = new HashMap<>();

    ChunkConflicts(RecordReader<GpuSample> reader, ImportedRecords records) {
        this.reader = reader;
        this.records = records;
    }

    /**
     * Returns a sentence for each of them.
     *
     * @param ofAnyValue whether those with the value of the earlier one are named, too
     * @param most the most sentences
     */
    List<String> sentences(List<Delivery<GpuSample>> samples, boolean ofAnyValue, int most) {
        Map<Key, Delivery<GpuSample>> firsts = new HashMap<>();
        List<Pair> pairs = new ArrayList<>();
        for (Delivery<GpuSample> sample : samples) {
            Optional.ofNullable(firsts.putIfAbsent(Key.of(sample.value()), sample))
                    .map(first -> new Pair(first, sample))
                    .filter(pair -> ofAnyValue || pair.isConflict())
                    .filter(pair -> pairs.size() < most)
                    .ifPresent(pairs::add);
        }
        find(pairs);
        return pairs.stream().map(this::sentence).toList();
    }

    /** Looks at each record once for the places of all its samples. */
    private void find(List<Pair> pairs) {
        Map<Long, SortedSet<Integer>> indexes = new TreeMap<>();
        Map<Long, Delivery<GpuSample>> sources = new HashMap<>();
        for (Pair pair : pairs) {
            for (Delivery<GpuSample> sample : List.of(pair.first(), pair.later())) {
                sources.put(sample.offset(), sample);
                indexes.computeIfAbsent(sample.offset(), offset -> new TreeSet<>())
                        .add(sample.index());
            }
        }
        sources.forEach((offset, sample) ->
                places.put(offset, reader.places(sample.source(), indexes.getOrDefault(offset, new TreeSet<>()))));
    }

    private String sentence(Pair pair) {
        GpuSample later = pair.later().value();
        return place(pair.later()) + ": " + later.value() + " is not stored, since " + place(pair.first()) + " has "
                + pair.first().value().value() + " for " + later.metric().name() + " of "
                + later.subject().uuid() + " at " + later.time();
    }

    private String place(Delivery<GpuSample> sample) {
        String words =
                places.getOrDefault(sample.offset(), Map.of()).getOrDefault(sample.index(), "value " + sample.index());
        return records.placed(words, sample.offset());
    }
}
