package io.gpufleet.telemetry.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.examples.Sql;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** The demonstration with a few scrapes: its output, and its reaction to a lost sample. */
@TelemetryStackTest
final class GpuDemonstrationTest {
    private static final String LINES_IN_LETTERS =
            "SELECT sum(cardinality(reasons)) FROM dead_letters WHERE topic = 'gpu-metrics-of-one-host'";
    private static final Pattern LINES = Pattern.compile("refused lines, ([0-9]+) are in the ");

    private static long linesOfLetters(String text) {
        Matcher lines = LINES.matcher(text);
        assertThat(lines.find()).isTrue();
        return Long.parseLong(lines.group(1));
    }

    @Test
    void wholeRun_isProven_untilASampleIsMissing(TelemetryStack stack) throws Exception {
        SimulatedGpus gpus = SimulatedGpus.ofLastDay(2, 144);
        DataSource database = stack.newDatabase().dataSource();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        GpuDemonstration demonstration = new GpuDemonstration(stack, database, out, new StepLog(out, System::nanoTime));

        demonstration.publishAndConsume(gpus);
        demonstration.report();
        boolean proven = demonstration.proves(gpus);

        String text = bytes.toString(StandardCharsets.UTF_8);
        assertThat(proven).as(text).isTrue();
        assertThat(text)
                .contains("Published 288 scrapes of 16 GPUs on 2 hosts over 24 hours, one every 10 minutes from each")
                .containsPattern("all models +2 +16 +[0-9.]+ %")
                .containsPattern("GPU-[0-9a-f]{8} +\\S+ +[0-7] +NVIDIA .* [0-9.]+ C")
                .containsPattern("software power cap +[0-9]+ +[0-9,]+")
                .containsPattern("all hosts +16 +[0-9,]+ kWh +[0-9,]+ W")
                .containsPattern("rows of readings, one a GPU and scrape +2,304 +2,304  ok")
                .containsPattern("consuming +samples/s +lag in records +batches +dead letters +health")
                .containsPattern("[0-9.]+ s +[0-9,]+ +0 +[0-9,]+ +[0-9]+ +UP")
                .containsPattern("Of the [0-9]+ refused lines, [0-9]+ are in the [0-9]+ dead letters, ")
                .doesNotContain("null", "NaN", "DIFFERS")
                .endsWith("All checks hold." + System.lineSeparator());

        assertThat(linesOfLetters(text))
                .isEqualTo(Query.number(database, LINES_IN_LETTERS))
                .isPositive();

        Sql.execute(database, "DELETE FROM gpu_sample WHERE ctid = (SELECT min(ctid) FROM gpu_sample)");
        bytes.reset();

        assertThat(demonstration.proves(gpus)).isFalse();
        assertThat(bytes.toString(StandardCharsets.UTF_8))
                .containsPattern("samples of one host +[0-9,]+ +[0-9,]+  DIFFERS")
                .endsWith("NOT all checks hold." + System.lineSeparator());
    }
}
