package io.gpufleet.telemetry.testkit;

import io.gpufleet.telemetry.gpu.GpuSubject;
import java.time.Instant;

/** The common part of the forms with one sample a row: columns, and all labels of the scrape beside them. */
interface LongForm extends SampleForm {
    @Override
    default String reason(SampleRow row, SampleFault fault) {
        return FaultText.reason(row, fault, "");
    }

    @Override
    default boolean keeps(SampleFault fault) {
        return fault == SampleFault.OPEN_QUOTES;
    }

    @Override
    default Instant time(SampleRow row, Instant scrape) {
        return row.time();
    }

    @Override
    default GpuSubject subject(SampleRow row) {
        GpuSubject.Builder subject = row.subject().expected();
        if (fault(row) == SampleFault.OPEN_QUOTES) {
            return subject.pciBusId("")
                    .label("labels_raw", RawLabels.unreadable(row))
                    .build();
        }
        RawLabels.of(row).forEach((name, value) -> {
            subject.label(name, value);
            if (GpuSubject.isDiscriminator(name)) {
                subject.discriminator(name, value);
            }
        });
        return subject.build();
    }

    /**
     * Returns whether a row may have labels that cannot be read: those of an instance, a share, a link or a series say
     * of which it is.
     */
    static boolean isWithoutLabels(SampleRow row) {
        SampleSubject subject = row.subject();
        return subject.part().isWhole()
                && subject.workload().vgpu().isEmpty()
                && subject.link().isEmpty()
                && !row.isSeries();
    }
}
