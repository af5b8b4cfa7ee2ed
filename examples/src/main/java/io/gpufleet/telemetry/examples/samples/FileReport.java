package io.gpufleet.telemetry.examples.samples;

import io.gpufleet.telemetry.codec.SampleCounts;
import io.gpufleet.telemetry.examples.options.OptionNames;
import io.gpufleet.telemetry.examples.terminal.Column;
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
        lines.add(
                name + ": " + formatName() + ", " + Text.count(content.samples().size()) + " samples, "
                        + Text.count(content.gpus()) + " GPUs, " + Text.count(content.hosts()) + " hosts");
        leftOut().forEach((what, count) -> {
            if (count > 0) {
                lines.add(INDENT + Text.count(count) + " " + what);
            }
        });
        content.rejected().forEach(rejection -> lines.add(INDENT + INDENT + Text.onOneLine(rejection.toString())));
        content.reasonOfOtherTime().ifPresent(reason -> lines.add(INDENT + otherTimes(content.otherTimes(), reason)));
        lines.addAll(metrics().lines());
        return lines;
    }

    /** Returns the sentence about good samples whose times the consumer refuses. */
    static String otherTimes(long count, String reason) {
        return Text.count(count) + " samples have times that gpu-consumer refuses: " + OptionNames.in(reason);
    }

    private Map<String, Long> leftOut() {
        SampleCounts counts = content.counts();
        Map<String, Long> leftOut = new LinkedHashMap<>();
        leftOut.put("without a value", counts.noValues());
        leftOut.put("of a label of the GPU", counts.labelFields());
        leftOut.put("of other metrics", counts.otherMetrics());
        leftOut.put("not of a GPU", counts.notGpus());
        leftOut.put("duplicates, with the same value", content.duplicates());
        leftOut.put("conflicts, with another value; the first one stays", content.conflicts());
        leftOut.put("samples kept with labels that are unreadable", counts.unreadableLabels());
        leftOut.put("texts kept that are not UTF-8", counts.malformedTexts());
        leftOut.put("rejected", (long) content.rejected().size());
        return leftOut;
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
