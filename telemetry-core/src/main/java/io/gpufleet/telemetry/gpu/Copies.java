package io.gpufleet.telemetry.gpu;

import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The readings of a message that differ in their workload only: copies of one reading, or shares of it. Its keys are
 * comparable, so that a map stays fast for texts that were chosen to have one hash.
 */
final class Copies {
    /** A GPU, a part of it or another series of it, without the workload. */
    private record Place(String uuid, String series) implements Comparable<Place> {
        private static final Comparator<Place> ORDER =
                Comparator.comparing(Place::uuid).thenComparing(Place::series);

        static Place of(GpuSubject subject) {
            return new Place(subject.uuid(), subject.seriesOfCopies());
        }

        @Override
        public int compareTo(Place other) {
            return ORDER.compare(this, other);
        }
    }

    /** A reading without its workload. */
    private record Reading(Place place, String metric, Instant time) implements Comparable<Reading> {
        private static final Comparator<Reading> ORDER = Comparator.comparing(Reading::place)
                .thenComparing(Reading::metric)
                .thenComparing(Reading::time);

        static Reading of(GpuSample sample) {
            return new Reading(Place.of(sample.subject()), sample.metric().name(), sample.time());
        }

        @Override
        public int compareTo(Reading other) {
            return ORDER.compare(this, other);
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
        if (!copies.shared.isEmpty()) {
            samples.forEach(copies::add);
        }
        return copies;
    }

    private void add(GpuSample sample) {
        if (isShared(sample.subject())) {
            readings.computeIfAbsent(Reading.of(sample), reading -> new Seen()).add(sample.subject());
        }
    }

    /** Returns the places with more than one series; only their readings, mostly none, need a closer look. */
    private static Set<Place> shared(List<GpuSample> samples) {
        Map<Place, Long> series = new HashMap<>();
        Set<Place> shared = new HashSet<>();
        for (GpuSubject subject : subjects(samples)) {
            Place place = Place.of(subject);
            Long first = series.putIfAbsent(place, subject.seriesKey());
            if (first != null && first != subject.seriesKey()) {
                shared.add(place);
            }
        }
        return shared;
    }

    /** Returns the few subjects that the samples of a message share, which is cheaper than to look at each sample. */
    private static Set<GpuSubject> subjects(List<GpuSample> samples) {
        Set<GpuSubject> subjects = Collections.newSetFromMap(new IdentityHashMap<>());
        for (GpuSample sample : samples) {
            subjects.add(sample.subject());
        }
        return subjects;
    }

    private boolean isShared(GpuSubject subject) {
        return !shared.isEmpty() && shared.contains(Place.of(subject));
    }

    List<GpuSample> assign(List<GpuSample> samples) {
        GpuSample[] assigned = samples.toArray(GpuSample[]::new);
        for (int i = 0; i < assigned.length; i++) {
            assigned[i] = assigned[i].withScope(scope(assigned[i]));
        }
        return Collections.unmodifiableList(Arrays.asList(assigned));
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
