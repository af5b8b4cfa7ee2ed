package io.gpufleet.telemetry.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.gpu.GpuReading;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page of the GPU metrics matches the code. */
final class GpuMetricsPageTest {
    private static final Pattern READING = Pattern.compile("\\| `[a-z].*");
    private static final Pattern FIELD = Pattern.compile("\\| `[A-Z].*");

    private static List<String> rows(Pattern row) throws IOException {
        return Page.of(Snippets.ROOT.resolve("docs/gpu-metrics.md"))
                .text()
                .lines()
                .filter(row.asMatchPredicate())
                .toList();
    }

    @Test
    void readings_areThoseOfTheEvent() throws IOException {
        assertThat(rows(READING))
                .isEqualTo(Arrays.stream(GpuReading.values())
                        .map(GpuMetricsPageTest::row)
                        .toList());
    }

    private static String row(GpuReading reading) {
        String column =
                "`" + reading.column() + "`" + (reading.toColumn() == 1 ? "" : ", x " + (long) reading.toColumn());
        return String.join(
                " | ", "| `" + reading.path() + "`", column, reading.unit(), reading.range(), field(reading) + " |");
    }

    private static String field(GpuReading reading) {
        String factor = "";
        if (reading.fromMetric() > 1) {
            factor = ", x " + (long) reading.fromMetric();
        } else if (reading.fromMetric() < 1) {
            factor = ", / " + (long) (1 / reading.fromMetric());
        }
        String unit = factor;
        return reading.metric()
                .map(metric -> name(metric) + " (" + metric.fieldId() + ")" + unit)
                .orElse("");
    }

    @Test
    void fields_areThoseOfTheCatalogue() throws IOException {
        List<String> rows = rows(FIELD);

        assertThat(rows.stream().map(GpuMetricsPageTest::withoutNewName))
                .isEqualTo(GpuMetric.catalogue().stream()
                        .map(GpuMetricsPageTest::row)
                        .toList());
        assertThat(rows)
                .allSatisfy(row -> assertThat(GpuMetric.named("DCGM_FI_" + cell(row, 3)))
                        .isEqualTo(GpuMetric.named("DCGM_FI_" + cell(row, 1))));
    }

    /** Returns a cell without its quotes; the name before 4.6 where there is none since. */
    private static String cell(String row, int index) {
        String cell = row.split(" *\\| *", -1)[index].replace("`", "");
        return cell.isEmpty() ? cell(row, 1) : cell;
    }

    private static String withoutNewName(String row) {
        return row.replaceFirst("(\\| `\\w+` \\| \\d+ \\|) (`\\w+`)? \\|", "$1");
    }

    private static String row(GpuMetric metric) {
        String kind = metric.isLabel() ? "label" : lower(metric.kind());
        return String.join(
                " | ",
                "| " + name(metric),
                Integer.toString(metric.fieldId()),
                metric.unit(),
                kind,
                metric.isPerInstance() ? "instance" : "device",
                metric.range() + " |");
    }

    private static String name(GpuMetric metric) {
        return "`" + metric.name().substring("DCGM_FI_".length()) + "`";
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
