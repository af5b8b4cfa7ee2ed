package io.gpufleet.telemetry.examples.samples;

import io.gpufleet.telemetry.codec.SampleCounts;
import io.gpufleet.telemetry.examples.options.OptionNames;
import io.gpufleet.telemetry.examples.terminal.Column;
import io.gpufleet.telemetry.examples.terminal.Decimal;
import io.gpufleet.telemetry.examples.terminal.Json;
import io.gpufleet.telemetry.examples.terminal.Table;
import io.gpufleet.telemetry.examples.terminal.Text;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What is said of a file: for people, or as JSON for programs.
 *
 * @param name the file
 * @param format its format, {@link SampleFormat#AUTO} if it has none
 * @param content what it holds
 */
record FileReport(String name, SampleFormat format, FileContent content) {
    private static final String INDENT = "  ";

    /** Returns an object that tells of the whole file. */
    String json() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("file", name);
        fields.put("format", formatName());
        fields.put("samples", content.samples().size());
        fields.put("no_value", content.counts().noValues());
        fields.put("rejected", content.rejected());
        fields.put("duplicates", content.duplicates());
        fields.put("conflicts", content.conflicts());
        fields.put("labels", content.counts().labelFields());
        fields.put("other_metrics", content.counts().otherMetrics());
        fields.put("not_gpus", content.counts().notGpus());
        fields.put("unreadable_labels", content.counts().unreadableLabels());
        fields.put("malformed_texts", content.counts().malformedTexts());
        fields.put("other_times", content.otherTimes());
        fields.put("gpus", content.gpus());
        fields.put("hosts", content.hosts());
        Map<String, Object> metrics = new LinkedHashMap<>();
        content.metrics().forEach((metric, totals) -> metrics.put(metric, totals.figures()));
        fields.put("metrics", metrics);
        return Json.line(fields);
    }

    private String formatName() {
        return format == SampleFormat.AUTO ? "unknown" : format.toString();
    }

    /** Returns an object for each sample. */
    Stream<String> samples() {
        return content.samples().stream().map(FileReport::json);
    }

    private static String json(GpuSample sample) {
        GpuSubject subject = sample.subject();
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("uuid", subject.uuid());
        fields.put("instance", subject.instance());
        fields.put("metric", sample.metric().name());
        fields.put("time", sample.time());
        fields.put("value", Decimal.of(sample.value()));
        fields.put("series", subject.series());
        fields.put("scope", sample.scope().number());
        fields.put("host", subject.host());
        fields.put("namespace", subject.namespace());
        fields.put("pod", subject.pod());
        fields.put("container", subject.container());
        return Json.line(fields);
    }

    /** Returns a line for each line that was rejected. */
    List<String> rejections() {
        return content.rejected().stream()
                .map(rejection -> Text.onOneLine(name + ": " + rejection))
                .toList();
    }

    /** Returns all of it for people. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(name + ": " + formatName() + ", "
                + Text.count(content.samples().size(), "sample", "samples") + ", "
                + Text.count(content.gpus(), "GPU", "GPUs") + ", " + Text.count(content.hosts(), "host", "hosts"));
        leftOut().stream().map(line -> INDENT + line).forEach(lines::add);
        content.rejected().forEach(rejection -> lines.add(INDENT + INDENT + Text.onOneLine(rejection.toString())));
        content.reasonOfOtherTime().ifPresent(reason -> lines.add(INDENT + otherTimes(content.otherTimes(), reason)));
        lines.addAll(metrics().lines());
        return lines;
    }

    /** Returns the sentence about good samples whose times the consumer refuses. */
    static String otherTimes(long count, String reason) {
        return Text.count(count, "sample has a time", "samples have times") + " that gpu-consumer refuses: "
                + OptionNames.in(reason);
    }

    private List<String> leftOut() {
        SampleCounts counts = content.counts();
        List<String> lines = new ArrayList<>();
        add(lines, counts.noValues(), "without a value");
        add(lines, counts.labelFields(), "of a label of the GPU");
        add(lines, counts.otherMetrics(), "of other metrics");
        add(lines, counts.notGpus(), "not of a GPU");
        add(lines, content.duplicates(), "duplicates, with the same value", "duplicate, with the same value");
        add(
                lines,
                content.conflicts(),
                "conflicts, with another value; the first one stays",
                "conflict, with another value; the first one stays");
        add(
                lines,
                counts.unreadableLabels(),
                "samples kept with labels that are unreadable",
                "sample kept with labels that are unreadable");
        add(lines, counts.malformedTexts(), "texts kept that are not UTF-8", "text kept that is not UTF-8");
        add(lines, content.rejected().size(), "rejected");
        return lines;
    }

    private static void add(List<String> lines, long count, String what) {
        add(lines, count, what, what);
    }

    private static void add(List<String> lines, long count, String many, String one) {
        if (count > 0) {
            lines.add(Text.count(count, one, many));
        }
    }

    private Table metrics() {
        Table table = new Table(
                INDENT + "Metrics",
                List.of(
                        Column.text("metric"),
                        Column.number("count"),
                        Column.number("sum"),
                        Column.number("min"),
                        Column.number("max")));
        content.metrics().forEach((metric, totals) -> {
            List<Object> row = new ArrayList<>(List.of(metric));
            row.addAll(totals.figures().values());
            table.add(row);
        });
        return table;
    }
}
