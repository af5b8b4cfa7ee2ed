package io.gpufleet.telemetry.examples.operator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.gpufleet.telemetry.codec.ExpositionTextDecoder;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.ScrapeHeaders;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.gpu.CompactionJob;
import io.gpufleet.telemetry.jdbc.gpu.GpuMetricsSink;
import io.gpufleet.telemetry.jdbc.gpu.GpuSampleSink;
import io.gpufleet.telemetry.jdbc.gpu.WideRows;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.kafka.GpuSampleConsumer;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import io.gpufleet.telemetry.testkit.TestRecord;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The commands on a database with the tables of GPU samples, with and without those of other capabilities. */
@TelemetryStackTest
final class GpuFleetTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String HALF_BAD =
            "DCGM_FI_DEV_GPU_TEMP{UUID=\"GPU-1\"} 41\nDCGM_FI_DEV_POWER_USAGE{UUID=\"GPU-1\"} many\n";

    private final TelemetryStack stack;
    private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    GpuFleetTest(TelemetryStack stack) {
        this.stack = stack;
    }

    /** Consumes one scrape with a good and a bad row into the tables of a sink. */
    private void consume(Installation installation, String name, PostgresSink.Builder<GpuSample> sink) {
        stack.createTopic(name, 1);
        stack.publish(
                name,
                List.of(TestRecord.of(HALF_BAD.getBytes(StandardCharsets.UTF_8))
                        .header(ScrapeHeaders.TIME, bytes(Long.toString(now.toEpochMilli())))
                        .header(ScrapeHeaders.HOST, bytes("n1"))));
        try (BatchingConsumer consumer = GpuSampleConsumer.builder(
                        ExpositionTextDecoder.create(),
                        sink.schema(Installation.SCHEMA).build())
                .bootstrapServers(stack.bootstrapServers())
                .topics(name)
                .groupId(name)
                .start()) {
            Await.until(
                    "the scrape is consumed",
                    LIMIT,
                    () -> installation.positions(name),
                    positions -> positions.equals(List.of(name + "-0:1")));
            assertThat(consumer.snapshot().counts().deadLetters()).isOne();
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private Installation consumed(String name, UnaryOperator<TelemetrySchema.Builder> capabilities) {
        Installation installation = new Installation(stack, capabilities);
        consume(installation, name, GpuSampleSink.builder(installation.dataSource()));
        return installation;
    }

    @Test
    void status_withoutReports_showsTheRest_andSaysWhatIsMissing() {
        Installation installation = consumed("gpu-status", TelemetrySchema.Builder::gpuSamples);

        OperatorRun people = installation.runWithBroker("status");
        JsonNode json = installation.runWithBroker("status", "--json").json();

        assertThat(people.errors()).isEmpty();
        assertThat(people.out())
                .contains("Dead letters of the last 24 hours", "is not a number", "Gaps of the last 24 hours")
                .contains(
                        "the tables of consumer configs are not installed. gpu-consumer and heartbeat-consumer install")
                .doesNotContain("Services that have settings");
        assertThat(json.get("groups").get(0).get("group").asText()).isEqualTo("gpu-status");
        assertThat(json.get("dead_letters")).hasSize(1);
        assertThat(json.has("services")).isFalse();
        assertThat(json.get("not_installed").toString()).isEqualTo("[\"consumer_configs\"]");
    }

    @Test
    void commandsOfReports_nameTheRemedy_andWorkOnceItIsDone() {
        Installation installation = new Installation(stack, TelemetrySchema.Builder::gpuSamples);
        for (String command : List.of("lag", "alerts", "configs list", "configs show s", "advise settings")) {
            OperatorRun refused = installation.run(command.split(" "));
            refused.assertRefused(ExitCodes.UNAVAILABLE, "telemetry tables are not installed (consumer configs)");
            assertThat(refused.errors())
                    .contains("gpu-consumer and heartbeat-consumer install them at their start")
                    .contains("operator schema sql --consumer-configs");
        }

        installation.install(TelemetrySchema.Builder::consumerConfigs);

        installation.run("lag").assertFailed(ExitCodes.NOT_SO, "No service has settings or has reported");
        assertThat(installation.run("configs", "list").code()).isZero();
        assertThat(installation.run("advise", "settings").code()).isZero();
    }

    private static String letter(Installation installation) {
        return installation.rows("SELECT id FROM telemetry.dead_letters").get(0);
    }

    @Test
    void letterOfAScrape_isShownAsText() {
        Installation installation = consumed("gpu-letter", TelemetrySchema.Builder::gpuSamples);

        String people =
                installation.run("dead-letters", "show", letter(installation)).answer();
        JsonNode json = installation
                .run("dead-letters", "show", "--json", letter(installation))
                .json();

        assertThat(people)
                .contains("Reasons\n", "line 2: value \"many\" is not a number")
                .containsPattern("telemetry-host +\"n1\"\n")
                .containsPattern("telemetry-scrape-time +\"" + now.toEpochMilli() + "\"\n")
                .contains(
                        "Refused lines of the value, which the reasons count from the beginning of the whole value, as text\n")
                .containsPattern("(?m)^  DCGM_FI_DEV_POWER_USAGE\\{UUID=\"GPU-1\"} many$")
                .doesNotContain("heartbeat");
        assertThat(json.get("value_text").asText()).contains("DCGM_FI_DEV_POWER_USAGE{UUID=\"GPU-1\"} many");
        assertThat(json.get("headers").get(1).toString())
                .isEqualTo("{\"name\":\"telemetry-host\",\"value\":\"6e31\",\"text\":\"n1\"}");
    }

    /** Makes the refused line of a letter readable, as a release with a mended decoder would. */
    private static void mend(Installation installation) {
        installation.execute("UPDATE telemetry.dead_letters SET value ="
                + " convert_to(replace(convert_from(value, 'UTF8'), 'many', '250'), 'UTF8')");
    }

    @Test
    void letterOfAScrape_isReplayedIntoTheSamples_inEitherLayout() {
        for (GpuLayout layout : GpuLayout.values()) {
            String group = "gpu-replay-" + layout;
            Installation installation = new Installation(stack, schema -> schema.gpuSamples(layout));
            consume(installation, group, GpuSampleSink.builder(installation.dataSource(), layout));
            assertThat(replay(installation, group).out()).contains("is not a number");
            mend(installation);

            assertThat(replay(installation, group, "--json")
                            .json()
                            .get("replayed")
                            .asInt())
                    .isOne();

            assertThat(installation.rows("SELECT metric_name || ' ' || metric_value || ' ' || hostname"
                            + " || CASE ts WHEN '" + now + "' THEN '' ELSE ' at ' || ts END"
                            + " FROM telemetry.gpu_telemetry ORDER BY 1"))
                    .containsExactly("DCGM_FI_DEV_GPU_TEMP 41 n1", "DCGM_FI_DEV_POWER_USAGE 250 n1");
            assertThat(installation.run("invariant").code()).isZero();
        }
    }

    private static OperatorRun replay(Installation installation, String group, String... options) {
        return installation.run(Stream.concat(Stream.of("dead-letters", "replay", "--group", group), Stream.of(options))
                .toArray(String[]::new));
    }

    @Test
    void letterOfAScrape_isReplayedIntoWideRows_ifTheyAreNamed() {
        Installation installation = new Installation(stack, TelemetrySchema.Builder::gpuSamples);
        consume(
                installation,
                "gpu-replay-both",
                GpuMetricsSink.addTo(GpuSampleSink.builder(installation.dataSource()), WideRows.ofMessages()));
        mend(installation);

        replay(installation, "gpu-replay-both").assertRefused(ExitCodes.USAGE, "--layout: long, wide or both");
        assertThat(replay(installation, "gpu-replay-both", "--layout", "both").code())
                .isZero();

        assertThat(installation.rows("SELECT gpu_temp || ' ' || power_usage FROM telemetry.gpu_metrics"))
                .containsExactly("41 250");
        assertThat(installation.rows("SELECT count(*) FROM telemetry.gpu_sample"))
                .containsExactly("2");
    }

    @Test
    void letters_whereBothAreInstalled_needTheirValues() {
        Installation installation =
                consumed("gpu-replay-two", schema -> schema.heartbeats().gpuSamples());
        mend(installation);

        replay(installation, "gpu-replay-two").assertRefused(ExitCodes.USAGE, "--values: heartbeats or samples");
        assertThat(replay(installation, "gpu-replay-two", "--values", "heartbeats")
                        .code())
                .isEqualTo(ExitCodes.NOT_SO);
        assertThat(replay(installation, "gpu-replay-two", "--values", "samples").code())
                .isZero();
    }

    @Test
    void invariant_comparesGpusWithTheirSamples_inEitherLayout() {
        for (GpuLayout layout : GpuLayout.values()) {
            Installation installation = new Installation(stack, schema -> schema.gpuSamples(layout));
            consume(installation, "gpu-invariant-" + layout, GpuSampleSink.builder(installation.dataSource(), layout));
            assertThat(installation.run("invariant").answer())
                    .isEqualToNormalizingNewlines("Invariant holds: gpu samples\n");

            installation.execute("UPDATE telemetry.gpu SET hostname = 'n2'");

            OperatorRun broken = installation.run("invariant");
            assertThat(broken.code()).isEqualTo(ExitCodes.NOT_SO);
            assertThat(broken.out())
                    .startsWith("Invariant does not hold: 1 value differs")
                    .containsPattern("GPU-1 +hostname +n2 +n1");
            assertThat(installation.run("invariant", "--json").json().toString())
                    .isEqualTo(
                            "{\"holds\":false,\"differences\":1,\"first\":[{\"gpu\":\"GPU-1\",\"column\":\"hostname\","
                                    + "\"stored\":\"n2\",\"expected\":\"n1\"}],\"checked\":[\"gpu_samples\"]}");
        }
    }

    @Test
    void invariant_checksAllThatIsInstalled() {
        Installation installation =
                consumed("gpu-and-heartbeats", schema -> schema.gpuSamples().heartbeats());

        assertThat(installation.run("invariant").answer())
                .isEqualToNormalizingNewlines("Invariant holds: heartbeats, gpu samples\n");
    }

    @Test
    void invariant_ofWideRowsOnly_isNotClaimed() {
        Installation installation = new Installation(stack, TelemetrySchema.Builder::gpuSamples);
        consume(installation, "gpu-wide", GpuMetricsSink.builder(installation.dataSource()));

        installation.run("invariant").assertRefused(ExitCodes.NOT_SO, "GPU samples are not checked: only wide rows");
        try (CompactionJob compaction = CompactionJob.builder(installation.dataSource())
                .schema(Installation.SCHEMA)
                .clock(Clock.fixed(now.plus(Duration.ofDays(4)), ZoneOffset.UTC))
                .build()) {
            assertThat(compaction.runOnce().samples()).isPositive();
        }
        installation.run("invariant").assertRefused(ExitCodes.NOT_SO, "GPU samples are not checked: only wide rows");
    }
}
