package io.gpufleet.telemetry.testkit;

import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.gpu.Scope;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The right reading of a message of samples. Used by one thread while it is made, then immutable. */
final class ExpectedSamples {
    private final SampleForm form;
    private final Instant scrape;
    private final Map<Integer, GpuSubject> subjects = new HashMap<>();
    private final List<GpuSample> samples = new ArrayList<>();
    private final List<String> refusals = new ArrayList<>();
    private int noValues;
    private int unreadableLabels;

    /**
     * Finds the right reading.
     *
     * @param scrape the time of the scrape
     * @param rows the rows of the message
     * @param places the number of each row's line or element
     */
    ExpectedSamples(SampleForm form, Instant scrape, List<SampleRow> rows, int[] places) {
        this.form = form;
        this.scrape = scrape;
        for (int i = 0; i < places.length; i++) {
            add(rows.get(i), places[i]);
        }
    }

    private void add(SampleRow row, int place) {
        SampleFault fault = form.fault(row);
        if (fault == null) {
            samples.add(sample(row, subject(row)));
        } else if (fault == SampleFault.NO_VALUE || fault == SampleFault.ZERO_OF_INSTANCE) {
            noValues++;
        } else if (form.keeps(fault)) {
            samples.add(sample(row, form.subject(row)));
            unreadableLabels++;
        } else {
            refusals.add(form.unit() + ' ' + place + ": " + form.reason(row, fault));
        }
    }

    /** Returns the subject of a row; rows without labels of their own share it. */
    private GpuSubject subject(SampleRow row) {
        return row.attributes().isEmpty()
                ? subjects.computeIfAbsent(row.subject().number(), number -> form.subject(row))
                : form.subject(row);
    }

    private GpuSample sample(SampleRow row, GpuSubject subject) {
        return new GpuSample(
                form.time(row, scrape), row.metric().stored(), row.number(), subject, scope(row.subject()), Set.of());
    }

    private static Scope scope(SampleSubject subject) {
        if (!subject.workload().vgpu().isEmpty()) {
            return Scope.WORKLOAD;
        }
        return subject.part().isWhole() ? Scope.WHOLE_GPU : Scope.MIG_INSTANCE;
    }

    List<GpuSample> samples() {
        return Collections.unmodifiableList(samples);
    }

    List<String> refusals() {
        return Collections.unmodifiableList(refusals);
    }

    int noValues() {
        return noValues;
    }

    int unreadableLabels() {
        return unreadableLabels;
    }
}
