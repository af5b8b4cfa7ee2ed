package io.gpufleet.telemetry.examples.samples;

import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The texts of a sample that PostgreSQL cannot store: with U+0000 or half a character. */
final class StorableTexts {
    private StorableTexts() {}

    /** Returns the reason against a sample for which the consumer's database would refuse it. */
    static Optional<String> fault(GpuSample sample) {
        return texts(sample).flatMap(text -> fault(text).stream()).findFirst();
    }

    private static Stream<String> texts(GpuSample sample) {
        GpuSubject subject = sample.subject();
        Stream<String> fields = Stream.of(
                sample.metric().name(),
                subject.uuid(),
                subject.device(),
                subject.pciBusId(),
                subject.model(),
                subject.migProfile(),
                subject.host(),
                subject.namespace(),
                subject.pod(),
                subject.container(),
                subject.vgpu(),
                subject.series());
        Stream<String> labels = Stream.of(subject.labels(), subject.discriminators())
                .map(Map::entrySet)
                .flatMap(entries -> entries.stream().flatMap(entry -> Stream.of(entry.getKey(), entry.getValue())));
        return Stream.concat(fields, labels);
    }

    private static Optional<String> fault(String text) {
        return text.codePoints()
                .filter(character -> character == 0 || Character.getType(character) == Character.SURROGATE)
                .mapToObj(character -> String.format("U+%04X in a label cannot be stored", character))
                .findFirst();
    }
}
