package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.codec.KnownSubjects.Known;
import io.gpufleet.telemetry.codec.Recurring.Item;
import io.gpufleet.telemetry.gpu.GpuSubject;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The subjects of one text by their labels: remembered from earlier texts, or read, and then remembered. Labels whose
 * reading may not be the same for each text are remembered for this text only: those with bytes that are not UTF-8,
 * which every text counts, long ones, and all of them if a {@link HostResolver} is asked for the host. Used for one
 * text, by one thread.
 */
final class ExpositionSubjects {
    private static final int LONGEST_KEPT = 4096;

    private final SampleRules rules;
    private final Optional<String> host;
    private final KnownSubjects memory;
    private final String memoryHost;
    private final Recurring<Known> known;
    private final Recurring<Known> once;
    private final boolean keeps;
    private final long text;

    private @Nullable LabelReader labels;
    private @Nullable SubjectReader subjects;
    private boolean repeats;

    /**
     * Begins a text.
     *
     * @param host the host of all its GPUs, if it is known
     */
    ExpositionSubjects(SampleRules rules, Optional<String> host, ExpositionMemory memory) {
        this.rules = rules;
        this.host = host;
        this.memory = memory.subjects();
        this.memoryHost = host.orElse(KnownSubjects.NO_HOST);
        this.once = memory.once();
        this.keeps = isKept(rules, host);
        this.known = keeps ? this.memory.of(memoryHost) : once;
        this.text = memory.beginText();
    }

    private static boolean isKept(SampleRules rules, Optional<String> host) {
        return host.isPresent() ? host.get().length() <= LONGEST_KEPT : !rules.resolvesHosts();
    }

    /** Returns the subject that stands somewhere, before the closing brace, if it is one of the likely ones. */
    @Nullable
    Item<Known> again(byte[] bytes, int at, int end) {
        Item<Known> item = known.again(bytes, at, end, '}');
        if (item == null && keeps) {
            item = once.again(bytes, at, end, '}');
        }
        if (item != null) {
            use(item.value());
        }
        return item;
    }

    /**
     * Returns the subject of labels, none if they are of no GPU.
     *
     * @param metric the name of the row's metric
     * @throws CodecException if they cannot be read, with the reason
     */
    Optional<GpuSubject> of(byte[] bytes, int from, int to, String metric) {
        Known found = known.find(bytes, from, to);
        if (found == null && keeps) {
            found = once.find(bytes, from, to);
        }
        if (found == null) {
            found = read(bytes, from, to, metric);
        }
        use(found);
        return found.subject();
    }

    /** Returns whether subjects of the text may differ in their workload only. */
    boolean mayRepeat() {
        return repeats;
    }

    private void use(Known used) {
        repeats |= used.isRepeated(text);
    }

    private Known read(byte[] bytes, int from, int to, String metric) {
        int malformed = rules.leftOut().malformedTexts();
        Optional<GpuSubject> subject = subject(labelReader().read(bytes, from, to), metric);
        boolean isSame = malformed == rules.leftOut().malformedTexts();
        if (keeps && isSame && to - from <= LONGEST_KEPT) {
            return keep(bytes, from, to, subject);
        }
        Known read = Known.once(subject);
        once.put(bytes, from, to, read);
        repeats = true;
        return read;
    }

    private Known keep(byte[] bytes, int from, int to, Optional<GpuSubject> subject) {
        int before = memory.timesForgotten();
        Known kept = memory.keep(memoryHost, known, bytes, from, to, subject);
        // The subjects of the text that were forgotten are not compared with the later ones.
        repeats |= memory.timesForgotten() > before;
        return kept;
    }

    private Optional<GpuSubject> subject(Map<String, String> read, String metric) {
        try {
            return subjectReader().read(read, Map.of());
        } catch (CodecException fault) {
            throw new CodecException(metric + ": " + fault.reason(), 0);
        }
    }

    private LabelReader labelReader() {
        LabelReader reader = labels;
        if (reader == null) {
            reader = new LabelReader(rules.limits(), new Utf8(rules.leftOut()));
            labels = reader;
        }
        return reader;
    }

    private SubjectReader subjectReader() {
        SubjectReader reader = subjects;
        if (reader == null) {
            reader = new SubjectReader(rules, host);
            subjects = reader;
        }
        return reader;
    }
}
