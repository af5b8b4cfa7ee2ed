package io.gpufleet.telemetry.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.gpufleet.telemetry.Sink;
import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.codec.ExpositionTextDecoder;
import io.gpufleet.telemetry.config.ConsumerSettings;
import io.gpufleet.telemetry.examples.quickstart.Query;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.jdbc.ReplayResult;
import io.gpufleet.telemetry.jdbc.RetentionJob;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.config.ConsumerConfigLoader;
import io.gpufleet.telemetry.jdbc.gpu.CompactionJob;
import io.gpufleet.telemetry.jdbc.gpu.GpuSampleSink;
import io.gpufleet.telemetry.jdbc.gpu.SampleFiles;
import io.gpufleet.telemetry.jdbc.monitor.ConsumerMonitor;
import io.gpufleet.telemetry.jdbc.query.Machine;
import io.gpufleet.telemetry.jdbc.query.MachineState;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.kafka.GpuSampleConsumer;
import io.gpufleet.telemetry.kafka.HeartbeatConsumer;
import io.gpufleet.telemetry.kafka.producer.DeadLetterTopic;
import io.gpufleet.telemetry.kafka.topic.TopicCatalogue;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.FleetGenerator;
import io.gpufleet.telemetry.testkit.FleetRecord;
import io.gpufleet.telemetry.testkit.PostgresDatabase;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The code of the guide, one block after the other, with its requirements. */
final class GuideTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @Test
    void snippets_doWhatTheGuideSays(@TempDir Path classes) throws Exception {
        List<String> blocks = Snippets.of("docs/guide.md").blocks("java");
        assertThat(blocks)
                .isNotEmpty()
                .allSatisfy(
                        block -> assertThat(Snippets.complaints(block, classes)).isEmpty());
        try (TelemetryStack stack = TelemetryStack.start();
                URLClassLoader loader = Snippets.loader(classes)) {
            DataSource database = stack.newDatabase().dataSource();
            run(loader, "Install", database);
            run(loader, "Send", stack.bootstrapServers());
            try (var consumer = (BatchingConsumer) run(loader, "Consume", stack.bootstrapServers(), database)) {
                Await.until(
                        "what was sent is stored",
                        LIMIT,
                        () -> Query.number(database, "SELECT count(*) FROM telemetry.heartbeat"),
                        stored -> stored == 1);
                Await.until(
                        "and is told",
                        LIMIT,
                        () -> run(loader, "Watch", consumer),
                        "UP [], 0 records behind, 1 written, 0 dead-lettered"::equals);
            }
            askMachines(loader, database);
            consumeGpus(loader, stack);
            followAssets(loader, stack, database, classes.resolve("gpus.csv"));
            replay(loader, database);
            observe(loader, stack, database);
            tune(loader, stack, database);
            run(loader, "Prove", database);
            assertThat(((RetentionJob.Result) run(loader, "Retain", database)).dropped())
                    .isEmpty();
            ask(loader, stack, classes.resolve("scrape.txt"));
            assertThat(((CompactionJob.Result) run(loader, "Compact", database)).days())
                    .isEmpty();
            assertThat(run(loader, "Simulate", stack)).isEqualTo(500L);
            loseReply(loader, stack);
        }
        assertThat(blocks).as("all of them were run").hasSize(20);
    }

    private static void ask(ClassLoader loader, TelemetryStack stack, Path file) throws Exception {
        DataSource database = stack.newDatabase().dataSource();
        TelemetrySchema.builder(database)
                .schema("telemetry")
                .gpuSamples()
                .build()
                .install();
        Files.writeString(file, "DCGM_FI_DEV_GPU_TEMP{UUID=\"GPU-1\",Hostname=\"node-031\"} 41\n");
        Instant time = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        SampleFiles.builder(
                        database,
                        GpuSampleSink.builder(database).schema("telemetry").build(),
                        ExpositionTextDecoder.create())
                .schema("telemetry")
                .scrapeTime(time)
                .build()
                .importFrom(file);
        assertThat((List<?>) run(loader, "Ask", database, time, time))
                .singleElement()
                .extracting("uuid", "value")
                .containsExactly("GPU-1", 41.0);
        assertThat((List<?>) run(loader, "AskGroups", database, time, time))
                .extracting("hostname", "value")
                .containsExactly(tuple("node-031", OptionalDouble.of(41)), tuple("", OptionalDouble.of(41)));
    }

    private static void askMachines(ClassLoader loader, DataSource database) throws Exception {
        LocalDate today = LocalDate.now(ZoneOffset.UTC);
        Map<?, ?> answers = (Map<?, ?>)
                run(loader, "AskMachines", database, "6e1131b49c014b7da25f1077deadbeef", today.minusDays(1), today);
        Machine machine = ((MachineState) answers.get("state")).machine();
        assertThat(machine.cpuUsage()).isEqualTo(45);
        assertThat(answers.get("machines")).isEqualTo(List.of(machine));
        assertThat((List<?>) answers.get("devices")).hasSize(1);
        assertThat((List<?>) answers.get("silent")).isEmpty();
        assertThat(answers.get("usage")).isEqualTo(87.0);
    }

    private static void consumeGpus(ClassLoader loader, TelemetryStack stack) throws Exception {
        String rows = "DCGM_FI_DEV_GPU_TEMP{UUID=\"GPU-1\"} 41\nDCGM_FI_DEV_GPU_TEMP{UUID=\"GPU-2\"} 42\n";
        run(loader, "Scrape", stack.bootstrapServers(), rows.getBytes(StandardCharsets.UTF_8));
        Queue<String> samples = new ConcurrentLinkedQueue<>();
        Sink<GpuSample> sink = batch -> batch.deliveries().forEach(delivery -> samples.add(text(delivery.value())));
        try (DeadLetterTopic letters = DeadLetterTopic.builder(stack.bootstrapServers(), GpuSampleConsumer.GROUP_ID)
                        .build();
                var consumer = (BatchingConsumer) run(loader, "ConsumeGpus", stack.bootstrapServers(), sink, letters)) {
            Await.until("both samples are consumed", LIMIT, () -> samples.size() == 2);
            assertThat(samples).containsExactlyInAnyOrder("GPU-1 on node-031: 41.0", "GPU-2 on node-031: 42.0");
            assertThat(consumer.snapshot().counts().deadLetters()).isZero();
        }
    }

    private static void followAssets(ClassLoader loader, TelemetryStack stack, DataSource database, Path csv)
            throws Exception {
        Files.writeString(csv, "gpu_uuid,model,memory_gb,team\nGPU-1,H100,80,vision\nGPU-2,H100,80 GB,\n");
        assertThat(run(loader, "Assets", database, stack.bootstrapServers(), csv))
                .hasToString("Imported[inserted=1, updated=0, unchanged=0, refused=1, reasons=[line 3: memory_gb"
                        + " \"80 GB\" is not a whole number from 0 to 2147483647]]");
        Query.number(database, "WITH gone AS (DELETE FROM telemetry.gpu_assets RETURNING 1) SELECT count(*) FROM gone");
        try (var consumer = (BatchingConsumer) run(loader, "FollowAssets", database, stack.bootstrapServers())) {
            Await.until(
                    "the asset of the topic is there",
                    LIMIT,
                    () -> Query.number(
                            database, "SELECT count(*) FROM telemetry.gpu_assets WHERE tags ->> 'team' = 'vision'"),
                    stored -> stored == 1);
            assertThat(consumer.snapshot().counts().deadLetters()).isZero();
        }
    }

    private static String text(GpuSample sample) {
        return sample.subject().uuid() + " on " + sample.subject().host() + ": " + sample.value();
    }

    @Test
    void topics_areThoseOfTheCatalogue() throws IOException {
        Pattern row = Pattern.compile("\\| `gpu-.*");
        assertThat(Page.of(Snippets.ROOT.resolve("docs/guide.md"))
                        .text()
                        .lines()
                        .filter(row.asMatchPredicate())
                        .toList())
                .isEqualTo(TopicCatalogue.TOPICS.stream().map(GuideTest::row).toList());
    }

    private static String row(TopicCatalogue.Topic topic) {
        return String.join(
                " | ",
                "| `" + topic.name() + "`",
                Integer.toString(topic.partitions()),
                topic.retention().map(time -> time.toDays() + " days").orElse("compacted"),
                topic.compression().orElse(""),
                topic.key().replace("|", "\\|") + " |");
    }

    /** Stores a heartbeat that an obsolete rule has dead-lettered. */
    private static void replay(ClassLoader loader, DataSource database) throws Exception {
        FleetRecord record =
                FleetGenerator.builder().clients(1).build().records(1).get(0);
        String value = HexFormat.of().formatHex(BincodeHeartbeatCodec.fixed().encode(record.heartbeat()));
        Sql.execute(
                database,
                "INSERT INTO telemetry.dead_letters (group_id, topic, cluster_id, topic_id, partition, kafka_offset,"
                        + " record_timestamp, value, header_names, header_values, stage, reasons) VALUES ('"
                        + HeartbeatConsumer.GROUP_ID
                        + "', 'client-heartbeats', 'a-cluster', gen_random_uuid(), 0, 0, now(), '\\x"
                        + value + "', '{}', '{}', 'validate', '{cpu_usage: too odd}')");
        assertThat(run(loader, "Replay", database)).isEqualTo(new ReplayResult(1, 0, 0, List.of(), List.of()));
        assertThat(Query.number(database, "SELECT count(*) FROM telemetry.heartbeat"))
                .isEqualTo(2);
    }

    private static void observe(ClassLoader loader, TelemetryStack stack, DataSource database) throws Exception {
        InMemorySpanExporter spans = InMemorySpanExporter.create();
        MeterRegistry meters = new SimpleMeterRegistry();
        try (SdkTracerProvider tracing = SdkTracerProvider.builder()
                        .addSpanProcessor(SimpleSpanProcessor.create(spans))
                        .build();
                var consumer = (BatchingConsumer) run(
                        loader,
                        "Observe",
                        stack.bootstrapServers(),
                        database,
                        meters,
                        OpenTelemetrySdk.builder().setTracerProvider(tracing).build())) {
            run(loader, "Send", stack.bootstrapServers());
            Await.until(
                    "what is written is counted",
                    LIMIT,
                    () -> meters.get("telemetry.records.written").counter().count(),
                    written -> written == 1);
            Await.until(
                    "and traced",
                    LIMIT,
                    () -> spans.getFinishedSpanItems().stream()
                            .map(SpanData::getName)
                            .toList(),
                    List.of("process client-heartbeats")::equals);
            assertThat(consumer.health().reasons()).isEmpty();
        }
    }

    private static void tune(ClassLoader loader, TelemetryStack stack, DataSource database) throws Exception {
        try (ConsumerConfigLoader settings = ConsumerConfigLoader.builder(database)
                        .schema("telemetry")
                        .build();
                ConsumerMonitor monitor = ConsumerMonitor.builder(database, "my-service")
                        .schema("telemetry")
                        .build()) {
            assertThat(run(loader, "Shape", settings)).hasToString("[batch_max_records: none -> 500]");
            try (var consumer =
                    (BatchingConsumer) run(loader, "Tune", stack.bootstrapServers(), database, settings, monitor)) {
                assertThat(consumer.settings().map(ConsumerSettings::maxPollRecords))
                        .contains(1000);
                Await.until(
                        "its lag is reported",
                        LIMIT,
                        () -> Query.number(database, "SELECT count(*) FROM telemetry.consumer_lag_history"),
                        samples -> samples > 0);
            }
        }
    }

    private static void loseReply(ClassLoader loader, TelemetryStack stack) throws Exception {
        PostgresDatabase database = stack.newDatabase();
        assertThat(run(loader, "LoseReply", stack, database)).isEqualTo("08006");
        assertThat(Query.number(database.dataSource(), "SELECT count(*) FROM written"))
                .as("it was committed, since the table is there")
                .isZero();
    }

    private static Object run(ClassLoader loader, String name, Object... arguments)
            throws ReflectiveOperationException {
        Method run = Arrays.stream(Class.forName(name, true, loader).getDeclaredMethods())
                .filter(method -> method.getName().equals("run"))
                .findFirst()
                .orElseThrow();
        run.setAccessible(true);
        return run.invoke(null, arguments);
    }
}
