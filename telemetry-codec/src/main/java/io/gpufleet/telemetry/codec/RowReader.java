package io.gpufleet.telemetry.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.codec.Entry.Place;
import io.gpufleet.telemetry.codec.SampleJudge.Reading;
import io.gpufleet.telemetry.codec.SampleJudge.Texts;
import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.gpu.Readings;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A reader of rows with named fields, of a CSV text or of JSON. Rows with the same labels share their subject. Used for
 * one message, by one thread.
 */
final class RowReader {
    private static final String LABELS = "labels_raw";
    private static final String METRIC_NAME = "__name__";
    /** What malformed text becomes. */
    private static final char REPLACEMENT = '\ufffd';

    /**
     * The fields of a row; an absent text is empty.
     *
     * @param time the time
     * @param metric the name of the metric
     * @param value the value
     * @param labels all other fields
     */
    record Fields(String time, String metric, String value, Labels labels) {}

    /**
     * What a subject is made of.
     *
     * @param columns the fields that are labels, by the name of the label
     * @param raw the labels of the field {@code labels_raw}
     */
    record Labels(Map<String, String> columns, Map<String, String> raw) {
        /** Returns whether they are to be looked at, and counted, in each row. */
        boolean isDamaged() {
            return raw.containsKey(LABELS)
                    || Stream.of(columns, raw)
                            .flatMap(labels -> labels.values().stream())
                            .anyMatch(value -> value.indexOf(REPLACEMENT) >= 0);
        }

        /** Returns a text that no other labels have; as a key it is comparable, so that a map stays fast. */
        private String key() {
            StringBuilder key = new StringBuilder();
            append(key, columns);
            append(key.append('|'), raw);
            return key.toString();
        }

        private static void append(StringBuilder key, Map<String, String> labels) {
            labels.forEach((name, value) -> {
                key.append(name.length()).append(':').append(name);
                key.append(value.length()).append(':').append(value);
            });
        }
    }

    /**
     * A number and its time.
     *
     * @param number the number that was read
     * @param time its time
     */
    record Timed(NumberReader number, Instant time) {}

    private final SampleRules rules;
    private final Entries entries;
    private final SampleJudge judge;
    private final LabelReader labelReader;
    private final SubjectReader subjectReader;
    private final TimeReader times;
    private final NumberReader number = new NumberReader();

    /** Begins the keys of shared subjects; no key of labels begins so. */
    private final String host;

    private final Map<String, Optional<GpuMetric>> metrics = new HashMap<>();
    private final Map<String, Optional<GpuSubject>> subjects = new HashMap<>();

    RowReader(SampleRules rules, ScrapeContext context, Entries entries) {
        this.rules = rules;
        this.entries = entries;
        this.judge = new SampleJudge(rules, entries);
        this.labelReader = new LabelReader(rules.limits(), new Utf8(rules.leftOut()));
        this.subjectReader = new SubjectReader(rules, context.host());
        this.times = new TimeReader(rules.zone());
        this.host = context.host().map(name -> '@' + name + '\n').orElse("");
    }

    /**
     * Adds a row to the entries, unless it has no value or is left out.
     *
     * @return its GPU, if it was asked for
     * @throws CodecException if it cannot be read
     */
    Optional<GpuSubject> read(Place place, Fields fields) {
        Optional<GpuMetric> metric = metrics.computeIfAbsent(fields.metric(), this::metric);
        if (metric.isEmpty()) {
            rules.leftOut().addOtherMetric();
        } else if (metric.get().isLabel()) {
            rules.leftOut().addLabelField();
        } else {
            return readValue(place, metric.get(), fields);
        }
        return Optional.empty();
    }

    /**
     * Adds a row to the entries if its reading is one that needs no other look.
     *
     * @param number its value
     * @return false if it is not; nothing has been done then
     */
    boolean readValue(Place place, GpuMetric metric, GpuSubject subject, Timed number) {
        if (!judge.isValue(metric, subject, number.number())) {
            return false;
        }
        entries.add(place, GpuSample.of(number.time(), metric, number.number().value(), subject));
        return true;
    }

    /** Returns the metric of a name, if it is wanted. */
    Optional<GpuMetric> metric(String name) {
        byte[] bytes = name.getBytes(UTF_8);
        return rules.isWanted(bytes, 0, bytes.length) ? Optional.of(GpuMetric.named(name)) : Optional.empty();
    }

    /** Refuses a part of a row. */
    void refuse(Place place, GpuSubject subject, GpuMetric metric, String reason) {
        entries.refuse(place, subject, metric.name(), reason);
    }

    /** Adds a reading to the entries, unless it has no value. */
    void read(Place place, Reading reading, Texts texts) {
        judge.add(place, reading, texts);
    }

    private Optional<GpuSubject> readValue(Place place, GpuMetric metric, Fields fields) {
        Optional<GpuSubject> subject = subject(fields.labels());
        if (subject.isEmpty()) {
            rules.leftOut().addNotGpu();
        } else if (number.read(fields.value())) {
            judge.add(place, new Reading(metric, subject.get(), number.value(), number.isDecimal()), texts(fields));
        } else if (Readings.isAbsent(fields.value())) {
            rules.leftOut().addNoValue();
        } else {
            refuse(place, subject.get(), metric, "value " + Quotation.of(fields.value()) + " is not a number");
        }
        return subject;
    }

    private Texts texts(Fields fields) {
        return new Texts() {
            @Override
            public Instant time() {
                return times.read(fields.time());
            }

            @Override
            public String number() {
                return fields.value();
            }
        };
    }

    /**
     * Returns the subject of labels.
     *
     * @return empty if they are of no GPU
     * @throws CodecException if they do not say of which GPU they are
     */
    Optional<GpuSubject> subject(Labels labels) {
        labels.columns().forEach((name, value) -> requireFits("column ", name, value));
        labels.raw().forEach((name, value) -> requireFits("label ", name, value));
        String key = labels.key();
        Optional<GpuSubject> subject = subjects.get(key);
        if (subject == null) {
            subject = rules.resolvesHosts() ? read(labels) : rules.subjects().get(host + key, () -> read(labels));
            subjects.put(key, subject);
        }
        return subject;
    }

    private Optional<GpuSubject> read(Labels labels) {
        return subjectReader.read(labels.columns(), labels.raw());
    }

    private void requireFits(String what, String name, String value) {
        int most = rules.limits().labelBytes();
        // A character has up to three bytes.
        if (value.length() > most / 3 && value.getBytes(UTF_8).length > most) {
            throw new CodecException(
                    what + Quotation.of(name) + " has " + value.getBytes(UTF_8).length + " bytes, the limit is " + most,
                    0);
        }
    }

    /**
     * Returns the labels of a text, or the text as a label if it is no list of labels.
     *
     * @throws CodecException if they exceed a limit
     */
    Map<String, String> labels(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        try {
            Map<String, String> labels = labelReader.read(bytes, 0, bytes.length);
            labels.remove(METRIC_NAME);
            return labels;
        } catch (CodecException unreadable) {
            if (labelReader.isExcessive()) {
                throw unreadable;
            }
            rules.leftOut().addUnreadableLabels();
            Map<String, String> kept = new LinkedHashMap<>();
            kept.put(LABELS, text);
            return kept;
        }
    }
}
