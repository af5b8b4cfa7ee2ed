package io.gpufleet.telemetry.testkit;

import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The labels of rows of CSV and JSON: all that Prometheus keeps of a scrape, sorted by name, with the metric's name
 * among them. The text of a subject is written once a message. Used by one thread.
 */
final class RawLabels {
    private static final String NAME = "__name__";

    private final Function<String, String> quotation;
    private final Function<Map<String, String>, String> list;
    private final byte[][] before = new byte[HostScrape.MOST_SUBJECTS][];
    private final byte[][] after = new byte[HostScrape.MOST_SUBJECTS][];
    private final Map<SimulatedMetric, byte[]> names = new EnumMap<>(SimulatedMetric.class);

    /**
     * Creates an empty cache.
     *
     * @param list the text of labels
     * @param quotation the same text as it stands in the form
     */
    RawLabels(Function<Map<String, String>, String> list, Function<String, String> quotation) {
        this.list = list;
        this.quotation = quotation;
    }

    /** Returns the labels of a row without the metric's name. */
    static SortedMap<String, String> of(SampleRow row) {
        SortedMap<String, String> labels = new TreeMap<>(row.subject().labels());
        labels.putAll(row.attributes());
        labels.put("instance", row.subject().host() + ":9400");
        labels.put("job", "dgx_dcgm_exporter");
        labels.values().removeIf(String::isEmpty);
        return labels;
    }

    /** Returns the labels of a row as text, with quotation marks that have no escapes at the end. */
    static String unreadable(SampleRow row) {
        SortedMap<String, String> labels = of(row);
        labels.put(NAME, row.metric().name(row.subject().names()));
        return LabelText.text(labels) + ',' + LabelText.UNESCAPED;
    }

    /** Adds the labels of a row. */
    void add(ByteText text, SampleRow row) {
        if (row.attributes().isEmpty()) {
            int subject = row.subject().number();
            if (before[subject] == null) {
                SortedMap<String, String> labels = of(row);
                // The labels of a link may have nothing before the name.
                before[subject] = encode(labels.headMap(NAME));
                after[subject] = encode(labels.tailMap(NAME));
            }
            text.add(before[subject]).add(before[subject].length == 0 ? "" : ",");
            text.add(name(row)).add(',').add(after[subject]);
        } else {
            SortedMap<String, String> labels = of(row);
            labels.put(NAME, row.metric().name(row.subject().names()));
            text.add(encode(labels));
        }
    }

    private byte[] name(SampleRow row) {
        return names.computeIfAbsent(
                row.metric(),
                metric -> encode(Map.of(NAME, metric.name(row.subject().names()))));
    }

    private byte[] encode(Map<String, String> labels) {
        return quotation.apply(list.apply(labels)).getBytes(StandardCharsets.UTF_8);
    }
}
