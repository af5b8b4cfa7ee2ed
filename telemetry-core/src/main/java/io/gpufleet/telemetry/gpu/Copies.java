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
    /** A GPU, a part of it or another series of it, without the workload. */
    private record Place(String uuid, String series) {
        static Place of(GpuSubject subject) {
            return new Place(subject.uuid(), subject.seriesOfCopies());
        }
    }

    /** A reading without its workload. */
    private record Reading(Place place, String metric, Instant time) {
        static Reading of(GpuSample sample) {
            return new Reading(Place.of(sample.subject()), sample.metric().name(), sample.time());
        }
    }

    /** The series of the copies of one reading, all of them and those without a pod. */
    private record Seen(Set<Long> all, Set<Long> withoutPod) {
        Seen() {
            this(new HashSet<>(), new HashSet<>());
        }

        void add(GpuSubject subject) {
            all.add(subject.seriesKey());
            if (subject.pod().isEmpty()) {
                withoutPod.add(subject.seriesKey());
            }
        }
    }

    private final Set<Place> shared;
    private final Map<Reading, Seen> readings = new HashMap<>();

    private Copies(Set<Place> shared) {
        this.shared = shared;
    }

    static Copies of(List<GpuSample> samples) {
        Copies copies = new Copies(shared(samples));
        for (GpuSample sample : samples) {
            if (copies.isShared(sample.subject())) {
                copies.readings
                        .computeIfAbsent(Reading.of(sample), reading -> new Seen())
                        .add(sample.subject());
            }
        }
        return copies;
    }

    /** Returns the places with more than one series; only their readings, mostly none, need a closer look. */
    private static Set<Place> shared(List<GpuSample> samples) {
        Map<Place, Long> series = new HashMap<>();
        Set<Place> shared = new HashSet<>();
        for (GpuSample sample : samples) {
            Place place = Place.of(sample.subject());
            long key = sample.subject().seriesKey();
            Long first = series.putIfAbsent(place, key);
            if (first != null && first != key) {
                shared.add(place);
            }
        }
        return shared;
    }

    private boolean isShared(GpuSubject subject) {
        return !shared.isEmpty() && shared.contains(Place.of(subject));
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
        Seen copies = isShared(subject) ? readings.get(Reading.of(sample)) : null;
        return copies != null && isCopy(subject, copies) ? Scope.WORKLOAD : Scope.ofSingle(subject);
    }

    /** The GPU's own reading is without a pod, and without any workload where several have no pod. */
    private static boolean isCopy(GpuSubject subject, Seen copies) {
        boolean own = subject.pod().isEmpty() && (copies.withoutPod().size() == 1 || !subject.hasWorkload());
        return copies.all().size() > 1 && !own;
    }
}
