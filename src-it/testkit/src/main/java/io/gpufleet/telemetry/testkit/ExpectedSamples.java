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
import java.util.Optional;
import java.util.Set;

/** The reader of the rows of a message as they must be read. Used once, by one thread. */
final class ExpectedSamples {
    private final SampleForm form;
    private final Instant scrape;
    private final Map<Integer, GpuSubject> subjects = new HashMap<>();
    private final List<GpuSample> samples = new ArrayList<>();
    private final List<String> refusals = new ArrayList<>();
    private int noValues;
    private int unreadableLabels;

    ExpectedSamples(SampleForm form, Instant scrape) {
        this.form = form;
        this.scrape = scrape;
    }

    /**
     * Reads a message.
     *
     * @param rows its rows
     * @param places the number of each row's line or element
     */
    ExpectedReading read(List<SampleRow> rows, int[] places) {
        for (int i = 0; i < places.length; i++) {
            add(rows.get(i), places[i]);
        }
        return new ExpectedReading(
                Collections.unmodifiableList(samples),
                Optional.empty(),
                Collections.unmodifiableList(refusals),
                noValues,
                unreadableLabels);
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
                form.time(row, scrape), row.metric().stored(), form.number(row), subject, scope(row), Set.of());
    }

    private static Scope scope(SampleRow row) {
        SampleSubject subject = row.subject();
        if (!subject.workload().vgpu().isEmpty()) {
            return Scope.WORKLOAD;
        }
        if (row.isSeries()) {
            return Scope.SERIES;
        }
        if (!subject.link().isEmpty()) {
            return Scope.LINK;
        }
        return subject.part().isWhole() ? Scope.WHOLE_GPU : Scope.MIG_INSTANCE;
    }
}
