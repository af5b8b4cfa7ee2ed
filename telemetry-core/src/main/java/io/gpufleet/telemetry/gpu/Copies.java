package io.gpufleet.telemetry.gpu;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The readings of a message that differ in their workload only: copies of one reading, or shares of it. */
final class Copies {
    /** A reading without its workload. */
    private record Reading(String uuid, String series, String metric, Instant time) {
        static Reading of(GpuSample sample) {
            GpuSubject subject = sample.subject();
            return new Reading(
                    subject.uuid(), subject.seriesOfCopies(), sample.metric().name(), sample.time());
        }
    }

    /** The series of the copies of one reading, all of them and those without a pod. */
    private record Seen(Set<Long> all, Set<Long> withoutPod) {
        Seen() {
            this(new HashSet<>(2), new HashSet<>(2));
        }

        void add(GpuSubject subject) {
            all.add(subject.seriesKey());
            if (subject.pod().isEmpty()) {
                withoutPod.add(subject.seriesKey());
            }
        }
    }

    private final Map<Reading, Seen> seen = new HashMap<>();

    private Copies() {}

    static Copies of(List<GpuSample> samples) {
        Copies copies = new Copies();
        if (samples.stream().anyMatch(sample -> sample.subject().hasWorkload())) {
            samples.forEach(sample -> copies.seen
                    .computeIfAbsent(Reading.of(sample), key -> new Seen())
                    .add(sample.subject()));
        }
        return copies;
    }

    List<GpuSample> assign(List<GpuSample> samples) {
        List<GpuSample> assigned = new ArrayList<>(samples.size());
        for (GpuSample sample : samples) {
            assigned.add(sample.withScope(scope(sample)));
        }
        return List.copyOf(assigned);
    }

    private Scope scope(GpuSample sample) {
        GpuSubject subject = sample.subject();
        Seen copies = seen.get(Reading.of(sample));
        boolean copy = copies != null && copies.all().size() > 1 && !isTheGpus(subject, copies);
        return copy ? Scope.WORKLOAD : Scope.ofSingle(subject);
    }

    /**
     * Returns whether a reading is the GPU's own: without a pod, and without any workload where several have no pod.
     */
    private static boolean isTheGpus(GpuSubject subject, Seen copies) {
        return subject.pod().isEmpty() && (copies.withoutPod().size() == 1 || !subject.hasWorkload());
    }
}
