package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.Aggregator;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import java.time.Instant;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/** The aggregator of samples into the sightings of their GPUs. Thread-safe. */
final class GpuSightings implements Aggregator<GpuSample, String, GpuSighting> {

    @Override
    public void fold(Delivery<GpuSample> delivery, BiConsumer<? super String, ? super GpuSighting> results) {
        GpuSample sample = delivery.value();
        results.accept(sample.subject().uuid(), GpuSighting.of(sample.subject(), sample.time(), sample.time()));
    }

    @Override
    public GpuSighting merge(GpuSighting left, GpuSighting right) {
        return GpuSighting.merge(left, right);
    }

    /** Folds the times of each subject first, since many samples share one. */
    @Override
    public Map<String, GpuSighting> aggregate(Iterable<Delivery<GpuSample>> deliveries) {
        IdentityHashMap<GpuSubject, Times> bySubject = new IdentityHashMap<>();
        for (Delivery<GpuSample> delivery : deliveries) {
            GpuSubject subject = delivery.value().subject();
            Instant time = delivery.value().time();
            Times times = bySubject.get(subject);
            if (times == null) {
                bySubject.put(subject, new Times(time));
            } else {
                times.add(time);
            }
        }
        Map<String, GpuSighting> sightings = new HashMap<>();
        bySubject.forEach((subject, times) ->
                sightings.merge(subject.uuid(), GpuSighting.of(subject, times.first, times.last), GpuSighting::merge));
        return sightings;
    }

    /** The times of one subject. Belongs to one thread. */
    private static final class Times {
        private Instant first;
        private Instant last;

        Times(Instant time) {
            this.first = time;
            this.last = time;
        }

        void add(Instant time) {
            if (time.isBefore(first)) {
                first = time;
            } else if (time.isAfter(last)) {
                last = time;
            }
        }
    }
}
