package io.gpufleet.telemetry.examples.operator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.gpufleet.telemetry.codec.SampleJsonDecoder;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.gpu.GpuSampleSink;
import io.gpufleet.telemetry.jdbc.gpu.SampleFiles;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands that ask about GPUs, in a database with their samples. */
@TelemetryStackTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class GpuQuestionsTest {
    private static final String U = "GPU-3f1c0a52";
    private static final String V = "GPU-b8824e19";
    private static final String W = "GPU-c0ffee00";

    /** A device and a host that would draw on the terminal, turn its text round, or take two columns a letter. */
    private static final String ODD_DEVICE = "nv\\u001b[31m\\u202e0";

    private static final String ODD_HOST = "\\u673a-1";
    private static final String LABELS = "{\"job\":\"a \\\"b\\\" \\\\ \\u2028 \\u0007\"}";

    private static final JsonMapper STRICT = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    private final TelemetryStack stack;
    private final Installation installation;
    private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    GpuQuestionsTest(TelemetryStack stack) {
        this.stack = stack;
        this.installation = new Installation(stack, TelemetrySchema.Builder::gpuSamples);
    }

    @BeforeAll
    void store(@TempDir Path directory) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String time : List.of("2026-03-01T12:00:00Z", "2026-03-01T12:00:30Z")) {
            lines.add(line(time, "DCGM_FI_DEV_GPU_TEMP", U, "nvidia3", "node-17", 61.5));
            lines.add(line(time, "DCGM_FI_DEV_POWER_USAGE", U, "nvidia3", "node-17", 310));
        }
        lines.add(line("2026-03-01T12:00:30Z", "DCGM_FI_DEV_XID_ERRORS", U, "nvidia3", "node-17", 79));
        lines.add(line("2026-03-01T12:00:00Z", "DCGM_FI_DEV_GPU_TEMP", W, "nvidia10", "node-17", 1));
        lines.add(line(now.toString(), "DCGM_FI_DEV_POWER_USAGE", V, ODD_DEVICE, ODD_HOST, 1500));
        lines.add(line(now.toString(), "DCGM_FI_DEV_GPU_TEMP", V, ODD_DEVICE, ODD_HOST, 40));
        lines.add(line(now.toString(), "DCGM_FI_DEV_FB_USED", V, ODD_DEVICE, ODD_HOST, 1000));
        lines.add(line(now.toString(), "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION", V, ODD_DEVICE, ODD_HOST, 55491669881d));
        Path file = Files.write(directory.resolve("samples.jsonl"), lines);
        SampleFiles.Imported imported = SampleFiles.builder(
                        installation.dataSource(),
                        GpuSampleSink.builder(installation.dataSource())
                                .schema(Installation.SCHEMA)
                                .build(),
                        SampleJsonDecoder.create())
                .schema(Installation.SCHEMA)
                .build()
                .importFrom(file);
        assertThat(imported.samples()).as(imported.toString()).isEqualTo(lines.size());
    }

    private static String line(String time, String metric, String uuid, String device, String host, double value) {
        return "{\"timestamp\":\"" + time + "\",\"metric_name\":\"" + metric + "\",\"uuid\":\"" + uuid
                + "\",\"device\":\"" + device + "\",\"Hostname\":\"" + host
                + "\",\"modelName\":\"NVIDIA H100\",\"value\":"
                + value + ",\"labels_raw\":" + LABELS + "}";
    }

    private OperatorRun run(String command) {
        return installation.run(command.split(" "));
    }

    private JsonNode json(String command) {
        String answer = run(command + " --json").answer();
        try {
            return STRICT.readTree(answer);
        } catch (JsonProcessingException e) {
            throw new AssertionError(answer, e);
        }
    }

    private static List<String> texts(JsonNode rows, String field) {
        List<String> texts = new ArrayList<>();
        rows.forEach(row -> texts.add(row.get(field).asText()));
        return texts;
    }

    @Test
    void gpus_areATable() {
        assertThat(run("gpus --host node-17").answer().lines())
                .containsExactly(
                        "GPUs",
                        "  hostname  gpu id  device    uuid          model name   pci bus id  namespace  mig instances"
                                + "  first seen            last seen",
                        "  node-17           nvidia3   GPU-3f1c0a52  NVIDIA H100                                     0"
                                + "  2026-03-01T12:00:00Z  2026-03-01T12:00:30Z",
                        "  node-17           nvidia10  GPU-c0ffee00  NVIDIA H100                                     0"
                                + "  2026-03-01T12:00:00Z  2026-03-01T12:00:00Z");
    }

    @Test
    void gpus_comeByPages() {
        assertThat(run("gpus --limit 2").answer()).endsWith("2 of 3 GPUs; the next ones: --offset=2\n");
        assertThat(run("gpus --offset 2").answer()).endsWith("1 of 3 GPUs\n");
        assertThat(run("gpus --offset 9").answer()).isEqualTo("GPUs\n  none\n0 of 3 GPUs\n");
        JsonNode page = json("gpus --limit 1 --offset 1");
        assertThat(page.get("total").asInt()).isEqualTo(3);
        assertThat(texts(page.get("gpus"), "uuid")).containsExactly(W);
        assertThat(texts(json("gpus --seen-since " + now).get("gpus"), "uuid")).containsExactly(V);
        assertThat(texts(json("gpus --model x --namespace y").get("gpus"), "uuid"))
                .isEmpty();
    }

    @Test
    void textsOfGpus_drawNothing_andAreWholeInJson() {
        assertThat(run("gpus --seen-since " + now).answer())
                .contains("nv\\u001b[31m\\u202e0", "机-1")
                .doesNotContain("\u001b", "\u202e");
        JsonNode gpu = json("gpus --host 机-1").get("gpus").get(0);
        assertThat(gpu.get("device").asText()).isEqualTo("nv\u001b[31m\u202e0");
        assertThat(gpu.get("gpu_id").isNull()).isTrue();
    }

    @Test
    void samples_areATable() {
        assertThat(run("samples nvidia3:node-17 --metric DCGM_FI_DEV_GPU_TEMP --metric DCGM_FI_DEV_XID_ERRORS"
                                + " --end-time 2026-03-01T13:00:30+01:00")
                        .answer()
                        .lines())
                .containsExactly(
                        "Samples",
                        "  time                  uuid          metric                  instance  value  unit  hostname"
                                + "  device   namespace  pod  container  scope      quality",
                        "  2026-03-01T12:00:30Z  GPU-3f1c0a52  DCGM_FI_DEV_XID_ERRORS               79  Xid   node-17 "
                                + "  nvidia3                             whole_gpu",
                        "  2026-03-01T12:00:30Z  GPU-3f1c0a52  DCGM_FI_DEV_GPU_TEMP               61.5  C     node-17 "
                                + "  nvidia3                             whole_gpu",
                        "  2026-03-01T12:00:00Z  GPU-3f1c0a52  DCGM_FI_DEV_GPU_TEMP               61.5  C     node-17 "
                                + "  nvidia3                             whole_gpu");
    }

    @Test
    void samples_goOnAtTheCursor() {
        String question = "samples " + U + " --order oldest --limit 2 --start-time 2026-03-01T12:00:00Z"
                + " --end-time 2026-03-01T13:00:00Z";
        List<String> seen = new ArrayList<>();
        JsonNode page = json(question + " --total");
        String first = page.get("next").asText();
        while (true) {
            page.get("samples")
                    .forEach(sample -> seen.add(sample.get("time").asText() + " "
                            + sample.get("metric").asText().substring(12)));
            if (page.get("next").isNull()) {
                break;
            }
            page = json(question + " --cursor=" + page.get("next").asText());
        }
        assertThat(seen)
                .containsExactly(
                        "2026-03-01T12:00:00Z GPU_TEMP",
                        "2026-03-01T12:00:00Z POWER_USAGE",
                        "2026-03-01T12:00:30Z GPU_TEMP",
                        "2026-03-01T12:00:30Z POWER_USAGE",
                        "2026-03-01T12:00:30Z XID_ERRORS");
        assertThat(run(question + " --total").answer())
                .endsWith("2 of 5 samples\nThe next page: the same command with --cursor=" + first + "\n");
        run(question.replace("oldest", "newest") + " --cursor=" + first)
                .assertRefused(ExitCodes.USAGE, "operator samples: --cursor does not belong to this question");
    }

    @Test
    void samples_haveTheirLabelsInJson() {
        JsonNode sample = json("samples " + V + " --metric DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION --instance= --total");
        assertThat(sample.get("total").asInt()).isOne();
        assertThat(sample.get("next").isNull()).isTrue();
        JsonNode row = sample.get("samples").get(0);
        assertThat(row.get("value").decimalValue()).isEqualByComparingTo("55491669881");
        assertThat(row.get("labels").get("job").asText()).isEqualTo("a \"b\" \\ \u2028 \u0007");
        assertThat(row.get("uuid").asText()).isEqualTo(V);
        assertThat(row.get("scope").asText()).isEqualTo("whole_gpu");
        assertThat(row.get("quality")).isEmpty();
    }

    @Test
    void latest_isOfAGpuOrOfAll() {
        assertThat(texts(json("latest " + V.toLowerCase(Locale.ROOT)), "metric"))
                .containsExactly(
                        "DCGM_FI_DEV_GPU_TEMP",
                        "DCGM_FI_DEV_POWER_USAGE",
                        "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION",
                        "DCGM_FI_DEV_FB_USED");
        assertThat(texts(json("latest --metric DCGM_FI_DEV_GPU_TEMP"), "uuid")).containsExactly(V);
        assertThat(texts(json("latest --metric DCGM_FI_DEV_GPU_TEMP --max-age 3650d"), "uuid"))
                .containsExactlyInAnyOrder(U, V, W);
        assertThat(run("latest --metric DCGM_FI_DEV_GPU_TEMP --metric DCGM_FI_DEV_FB_USED")
                        .answer())
                .contains("1000  MiB", "  40  C");
        assertThat(run("latest " + U).answer()).isEqualTo("Newest samples\n  none\n");
        run("latest").assertRefused(ExitCodes.USAGE, "operator latest: --metric: is needed without a GPU");
    }

    @Test
    void xids_areOfAGpuOrOfAll() {
        String day = " --end-time 2026-03-02T00:00:00Z";
        assertThat(run("xids" + day).answer().lines())
                .containsExactly(
                        "Xid events",
                        "  time                  uuid          xid  instance  hostname",
                        "  2026-03-01T12:00:30Z  GPU-3f1c0a52   79            node-17");
        assertThat(run("xids --limit 1" + day).answer())
                .endsWith("There may be more: --limit and --end-time show them\n");
        assertThat(json("xids nvidia3:node-17" + day).get(0).get("xid").asInt()).isEqualTo(79);
        assertThat(json("xids " + V + day)).isEmpty();
    }

    @Test
    void fleet_hasReadingsInUnits_andQuietGpus() {
        OperatorRun run = run("fleet --interval 1h");
        assertThat(run.answer().lines())
                .contains(
                        "Readings",
                        "  reading      gpus     mean      sum",
                        "  gpu temp        1   40.0 C",
                        "  power usage     1   1.5 kW   1.5 kW",
                        "  fb used         1   1.0 GB   1.0 GB",
                        "  energy          1  55.5 MJ  55.5 MJ",
                        "Quiet GPUs, the longest silent first")
                .first()
                .asString()
                .matches("Fleet at \\S+Z: 3 GPUs on 2 hosts, 1 reporting");
        JsonNode fleet = json("fleet --interval 1h");
        assertThat(fleet.get("gpus").asInt()).isEqualTo(3);
        assertThat(fleet.get("hosts").asInt()).isEqualTo(2);
        assertThat(fleet.get("reporting").asInt()).isOne();
        assertThat(fleet.get("energy_joules").decimalValue()).isEqualByComparingTo("55491669.881");
        assertThat(texts(fleet.get("quiet"), "uuid")).containsExactly(W, U);
        assertThat(fleet.get("readings").get(2).get("reading").asText()).isEqualTo("fb_used_bytes");
        assertThat(fleet.get("readings").get(2).get("sum").asLong()).isEqualTo(1000L << 20);
    }

    @Test
    void fleet_thatDoesNotReport_endsWithOne() {
        OperatorRun quiet = run("fleet --interval PT0.001S --watch 1ms --looks 2");
        assertThat(quiet.code()).isEqualTo(ExitCodes.NOT_SO);
        assertThat(quiet.out())
                .contains("3 GPUs on 2 hosts, 0 reporting", "Readings\n  none\n", "\u001b[H\u001b[2JFleet");

        new Installation(stack, TelemetrySchema.Builder::gpuSamples)
                .run("fleet")
                .assertFailed(ExitCodes.NOT_SO, "operator fleet: No sample of a GPU is stored");
    }

    @ParameterizedTest
    @ValueSource(strings = {"samples GPU-x", "samples x:y", "latest GPU-x", "xids GPU-x"})
    void unknownGpu_isNotFound(String command) {
        run(command)
                .assertRefused(
                        ExitCodes.NOT_SO,
                        ": no samples of GPU \"" + command.substring(command.indexOf(' ') + 1)
                                + "\"; operator gpus lists all");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "samples $U --metric DCGM_FI_DEV_GPU_TMP | --metric \"DCGM_FI_DEV_GPU_TMP\" is not known; did you mean"
                        + " DCGM_FI_DEV_GPU_TEMP?",
                "samples $U --start-time 9999-01-01T00:00:00Z | is before --start-time 9999-01-01T00:00:00Z",
                "latest --metric GPU_TMP | --metric \"GPU_TMP\" is not known; did you mean DCGM_FI_DEV_GPU_TEMP?",
                "samples $U --cursor=-abc | operator samples: --cursor does not belong to this question",
            })
    void badQuestion_isRefused(String command, String words) {
        run(command.replace("$U", U)).assertRefused(ExitCodes.USAGE, words);
    }

    @Test
    void placeOfTwoGpus_namesThem() {
        Installation two = new Installation(stack, TelemetrySchema.Builder::gpuSamples);
        two.execute("INSERT INTO telemetry.gpu (gpu_no, uuid, device, hostname, first_seen, last_seen)"
                + " SELECT n, 'GPU-' || n || E'\\u001b', 'nvidia0', 'n1', now(), timestamptz '2026-03-01' FROM"
                + " generate_series(1, 2) AS n");
        two.run("latest", "nvidia0:n1")
                .assertRefused(ExitCodes.USAGE, "names 2 GPUs: GPU-1\\u001b, GPU-2\\u001b; use the UUID");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gpus",
                "samples x",
                "latest x",
                "latest --metric DCGM_FI_DEV_GPU_TEMP",
                "xids",
                "xids x",
                "fleet"
            })
    void missingTables_areNamed(String command) {
        Installation without = new Installation(stack, TelemetrySchema.Builder::heartbeats);
        OperatorRun refused = without.run(command.split(" "));
        refused.assertRefused(ExitCodes.UNAVAILABLE, "telemetry tables are not installed (GPU samples)");
        refused.assertRefused(ExitCodes.UNAVAILABLE, "gpu-consumer installs them at its start");
    }

    @Test
    void flatTable_isNamed() {
        Installation flat = new Installation(stack, schema -> schema.gpuSamples(GpuLayout.FLAT));
        flat.execute(
                "INSERT INTO telemetry.gpu (gpu_no, uuid, first_seen, last_seen) VALUES (1, 'GPU-1', now(), now())");
        Stream.of("gpus", "samples GPU-1", "latest GPU-1", "xids", "fleet")
                .forEach(command -> flat.run(command.split(" "))
                        .assertRefused(
                                ExitCodes.NOT_SO,
                                "samples of GPUs are in a flat table (GpuLayout.FLAT); questions are answered from samples by"
                                        + " numbers (GpuLayout.NUMBERED), to which gpu-samples move moves them"));
    }
}
