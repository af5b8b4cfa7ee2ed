package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.gpu.GpuSubject;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The numbers of the samples of a GPU and metric, by their labels. Belongs to one thread. */
final class LabelCounts {
    /** Labels as they stand in {@code gpu_telemetry}: {@code name=value}; an absent one has no text. */
    static final String LABELS = """
            array_remove(ARRAY['gpu_id=' || gpu_id, 'device=' || nullif(device, ''), 'model_name=' || nullif(model_name, ''),
                'hostname=' || nullif(hostname, ''), 'container=' || nullif(container, ''), 'pod=' || nullif(pod, ''),
                'namespace=' || nullif(namespace, '')], NULL)
            || ARRAY(SELECT l.key || '=' || l.value FROM jsonb_each_text(labels_raw) AS l)""";

    private final Map<Set<String>, Long> counts = new HashMap<>();
    private long total;

    /** Returns the labels of a subject, as {@link #LABELS} has them. */
    static Set<String> labelsOf(GpuSubject subject) {
        Set<String> labels = new HashSet<>();
        LabelJson.labels(subject).forEach((name, value) -> add(labels, name, value));
        Integer index = GpuTables.indexOf(subject);
        add(labels, "gpu_id", index == null ? "" : index.toString());
        add(labels, "device", subject.device());
        add(labels, "model_name", subject.model());
        add(labels, "hostname", subject.host());
        add(labels, "container", subject.container());
        add(labels, "pod", subject.pod());
        add(labels, "namespace", subject.namespace());
        add(labels, "pci_bus_id", subject.pciBusId());
        return labels;
    }

    private static void add(Set<String> labels, String name, String value) {
        if (!value.isEmpty()) {
            labels.add(name + '=' + value);
        }
    }

    /** Adds samples with the same labels. */
    void add(Set<String> labels, long samples) {
        counts.merge(labels, samples, Long::sum);
        total += samples;
    }

    long total() {
        return total;
    }

    /**
     * Returns for how many of these samples there is none among others that has all of their labels, and perhaps more.
     *
     * @param others as many or more samples, each of which stands for one
     */
    long unlike(LabelCounts others) {
        Map<Set<String>, Long> rest = new HashMap<>(others.counts);
        Map<Set<String>, Long> open = new HashMap<>();
        counts.forEach((labels, samples) -> {
            long left = samples - take(rest, labels, samples);
            if (left > 0) {
                open.put(labels, left);
            }
        });
        return open.entrySet().stream()
                .mapToLong(entry -> unlike(entry.getKey(), entry.getValue(), rest))
                .sum();
    }

    private static long unlike(Set<String> labels, long samples, Map<Set<String>, Long> rest) {
        long left = samples;
        for (Set<String> more : Set.copyOf(rest.keySet())) {
            if (left > 0 && more.containsAll(labels)) {
                left -= take(rest, more, left);
            }
        }
        return left;
    }

    /** Takes samples with certain labels away; returns how many. */
    private static long take(Map<Set<String>, Long> rest, Set<String> labels, long most) {
        Long there = rest.get(labels);
        if (there == null) {
            return 0;
        }
        long taken = Math.min(there, most);
        rest.computeIfPresent(labels, (same, samples) -> orNothing(samples - taken));
        return taken;
    }

    private static @Nullable Long orNothing(long samples) {
        return samples == 0 ? null : samples;
    }
}
