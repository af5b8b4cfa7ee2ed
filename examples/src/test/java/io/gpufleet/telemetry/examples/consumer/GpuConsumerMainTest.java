package io.gpufleet.telemetry.examples.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.examples.options.Program;
import io.gpufleet.telemetry.examples.quickstart.Query;
import io.gpufleet.telemetry.gpu.ScrapeHeaders;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.ForkedJvm;
import io.gpufleet.telemetry.testkit.PostgresDatabase;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The program as a process: samples of every format in one topic, and its end. */
@TelemetryStackTest
final class GpuConsumerMainTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    @Test
    void samplesOfEveryFormat_areStoredUntilASignalEndsTheProgram(TelemetryStack stack) throws SQLException {
        PostgresDatabase database = stack.newDatabase();
        stack.createTopic("gpu-mixed", 2);
        send(
                stack,
                "gpu-mixed",
                "DCGM_FI_DEV_GPU_TEMP{UUID=\"U\",Hostname=\"n9\"} 41\nDCGM_FI_DEV_GPU_TEMP{UUID=\"U\"} many\n",
                "timestamp,metric_name,uuid,value\n" + now + ",DCGM_FI_DEV_GPU_TEMP,V,42\n",
                "{\"time\":\"" + now + "\",\"metric\":\"DCGM_FI_DEV_GPU_TEMP\",\"uuid\":\"W\",\"value\":43}",
                "timestamp, uuid, temperature.gpu\n"
                        + now.toString().replace("Z", "").replace('-', '/').replace('T', ' ') + ", X, 44\n");
        try (ForkedJvm consumer = program()
                .arguments("--database-url", database.jdbcUrl(), "--bootstrap-server", stack.bootstrapServers())
                .arguments("--topic", "gpu-mixed", "--group", "mixed", "--schema", "telemetry", "--zone", "UTC")
                .arguments("--batch-timeout", "100ms", "--layout", "both")
                .start()) {
            assertThat(consumer.awaitLine("Consuming", LIMIT))
                    .startsWith("Consuming gpu-mixed of " + stack.bootstrapServers() + " as mixed into ");
            awaitNumber(database, "SELECT count(*) FROM telemetry.gpu_sample", 4);
            awaitNumber(database, "SELECT count(*) FROM telemetry.dead_letters", 1);

            consumer.terminate();

            assertThat(consumer.awaitExit(LIMIT)).isZero();
            assertThat(consumer.errors()).containsExactly("Ended, all records in flight are written");
        }
        assertThat(Query.rows(
                        database.dataSource(),
                        "SELECT uuid, hostname, metric_value::int, ts = '" + now
                                + "' FROM telemetry.gpu_telemetry ORDER BY uuid"))
                .containsExactly(
                        List.of("U", "n1", 41, true),
                        List.of("V", "n1", 42, true),
                        List.of("W", "n1", 43, true),
                        List.of("X", "n1", 44, true));
        assertThat(Query.rows(
                        database.dataSource(),
                        "SELECT gpu_uuid, gpu_temp::int FROM telemetry.gpu_metrics_by_uuid ORDER BY gpu_uuid"))
                .containsExactly(List.of("U", 41), List.of("V", 42), List.of("W", 43), List.of("X", 44));
        assertThat(Query.rows(database.dataSource(), "SELECT * FROM telemetry.v_consumer_alerts"))
                .as("the tables that the operator's tool reads")
                .isEmpty();
        assertThat(Query.rows(database.dataSource(), "SELECT reasons[1] FROM telemetry.dead_letters"))
                .containsExactly(List.of("line 2: value \"many\" is not a number"));
    }

    /** Sends records of a host that was scraped now. */
    private void send(TelemetryStack stack, String topic, String... values) {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", stack.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            for (String value : values) {
                ProducerRecord<byte[], byte[]> message =
                        new ProducerRecord<>(topic, value.getBytes(StandardCharsets.UTF_8));
                message.headers()
                        .add(
                                ScrapeHeaders.TIME,
                                Long.toString(now.toEpochMilli()).getBytes(StandardCharsets.UTF_8))
                        .add(ScrapeHeaders.HOST, "n1".getBytes(StandardCharsets.UTF_8));
                var unused = producer.send(message);
            }
        }
    }

    @Test
    void wrongOption_isOneLine(TelemetryStack stack) {
        try (ForkedJvm consumer = program()
                .arguments("--database-url", stack.jdbcUrl(), "--bootstrap-server", stack.bootstrapServers())
                .arguments("--layout", "tall")
                .start()) {
            assertThat(consumer.awaitExit(LIMIT)).isEqualTo(2);
            assertThat(consumer.errors())
                    .singleElement()
                    .asString()
                    .startsWith("gpu-consumer: Invalid value for option '--layout': expected one of [LONG");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            --grid 30s                | --grid: has no effect with --layout=long, which has a row for each sample; allowed: --layout=wide and --layout=both
            --layout wide --grid 0s   | Invalid value for option '--grid': "0s" is not a time between 1 ms and 30 min, as in 500ms, 5s or 1m
            --layout wide --grid 31m  | Invalid value for option '--grid': "31m" is not a time between 1 ms and 30 min, as in 500ms, 5s or 1m
            --zone UTC --format text  | --zone: has no effect with --format=text, whose times are never without a zone
            --schema nosuch --no-install-schema | Name the schema of the tables with --schema, or let the program install them
            """)
    void optionsThatDoNotFit_areNamed(String options, String words, TelemetryStack stack) {
        StringWriter errors = new StringWriter();
        List<String> arguments = new ArrayList<>(List.of(options.split(" ")));
        arguments.addAll(List.of(
                "--database-url", stack.newDatabase().jdbcUrl(), "--bootstrap-server", stack.bootstrapServers()));

        int code = Program.run(
                Program.commandLine(new GpuConsumerMain()).setErr(new PrintWriter(errors, true)),
                arguments.toArray(String[]::new));

        assertThat(errors.toString()).contains(words).doesNotContain("schema(").hasLineCount(1);
        assertThat(errors.toString().split("table \"gpu\" is missing", -1)).hasSizeLessThan(3);
        assertThat(code).isNotZero();
    }

    private static ForkedJvm.Builder program() {
        return ForkedJvm.builder(GpuConsumerMain.class).jvmArguments("-Dorg.slf4j.simpleLogger.defaultLogLevel=error");
    }

    private static void awaitNumber(PostgresDatabase database, String sql, long expected) {
        Await.until(
                sql + " gives " + expected,
                LIMIT,
                () -> Query.number(database.dataSource(), sql),
                number -> number == expected);
    }
}
