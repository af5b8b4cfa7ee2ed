package io.gpufleet.telemetry.integration.consumer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.Health;
import io.gpufleet.telemetry.Validator;
import io.gpufleet.telemetry.codec.ExpositionTextDecoder;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.jdbc.DeadLetterReplayer;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.gpu.GpuSampleSink;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.kafka.ConsumerSnapshot;
import io.gpufleet.telemetry.kafka.GpuSampleConsumer;
import io.gpufleet.telemetry.kafka.producer.GpuSamplePublisher;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Two minutes of a fleet whose every scrape has the unreadable lines that exporters really print. */
@TelemetryStackTest
final class UnreadableScrapesIT {
    private static final String TOPIC = "unreadable-scrapes";
    private static final int HOSTS = 1_250;
    private static final int SCRAPES = 4;
    private static final int GOOD_ROWS = 3;
    private static final Instant FIRST =
            Instant.ofEpochMilli(System.currentTimeMillis()).minusSeconds(7_200);

    private static byte[] scrape(int host) {
        String labels = "{gpu=\"0\",UUID=\"GPU-" + host + "\",Hostname=\"elsewhere\"}";
        return """
                DCGM_FI_DEV_POWER_USAGE{} 112.250000
                DCGM_FI_DEV_GPU_UTIL{} 97
                DCGM_FI_DEV_COMPUTE_PIDS{} ERROR - FAILED TO CONVERT TO STRING
                DCGM_FI_DEV_MEMORY_TEMP{} 9223372036854775794
                # TYPE DCGM_FI_DEV_GPU_TEMP gauge
                DCGM_FI_DEV_GPU_TEMP{} 644245923
                DCGM_FI_DEV_SM_CLOCK{} 1980
                """.replace("{}", labels).getBytes(UTF_8);
    }

    private static void publish(TelemetryStack stack) {
        try (GpuSamplePublisher publisher = GpuSamplePublisher.builder(stack.bootstrapServers())
                .topic(TOPIC)
                .wholeScrapes()
                .throughput()
                .build()) {
            for (int scrape = 0; scrape < SCRAPES; scrape++) {
                Instant time = FIRST.plusSeconds(30L * scrape);
                CompletableFuture.allOf(IntStream.range(0, HOSTS)
                                .mapToObj(host -> publisher.scrape(scrape(host), "node-" + host, time))
                                .toArray(CompletableFuture[]::new))
                        .join();
            }
        }
    }

    @Test
    void linesInEveryScrape_areOneLetterOfAHost_andAReplayAddsWhatBecameReadable(TelemetryStack stack) {
        stack.createTopic(TOPIC, 4);
        publish(stack);
        Database database = Database.installGpuSamples(stack.newDatabase());
        PostgresSink<GpuSample> sink = GpuSampleSink.create(database.source());
        int scrapes = HOSTS * SCRAPES;

        try (BatchingConsumer consumer = GpuSampleConsumer.builder(ExpositionTextDecoder.create(), sink)
                .bootstrapServers(stack.bootstrapServers())
                .topics(TOPIC)
                .groupId(TOPIC)
                .concurrency(2)
                .start()) {
            Await.until(
                    "all scrapes are written",
                    Duration.ofMinutes(2),
                    () -> consumer.snapshot().counts().deliveriesWritten(),
                    written -> written == (long) scrapes * GOOD_ROWS);

            assertThat(consumer.health().status()).isEqualTo(Health.Status.UP);
            ConsumerSnapshot.Counts counts = consumer.snapshot().counts();
            assertThat(counts.rejected()).isEqualTo(2L * scrapes);
            assertThat(counts.repeated()).isEqualTo(2L * (scrapes - HOSTS));
            assertThat(counts.noValues()).isEqualTo(scrapes);
            assertThat(counts.deadLetters()).isEqualTo(HOSTS);
        }
        assertThat(database.count("gpu_sample")).isEqualTo((long) scrapes * GOOD_ROWS);
        assertThat(database.rows("SELECT count(*), min(stage), max(stage) FROM dead_letters"))
                .containsExactly(HOSTS + " sample sample");

        DeadLetterReplayer.<GpuSample>builder(database.source(), TOPIC)
                .eventTime((sample, source) -> Optional.of(sample.time()))
                .build()
                .through(sink, ExpositionTextDecoder.builder().keepOutOfRange().build(), Validator.acceptAll());

        assertThat(database.rows("SELECT count(*), count(DISTINCT s.gpu_no), min(s.ts) = timestamptz '" + FIRST
                        + "', max(s.ts) = timestamptz '" + FIRST + "', bool_and(l.hostname LIKE 'node-%')"
                        + " FROM gpu_sample AS s JOIN gpu_metric AS m USING (metric_no) JOIN gpu_labels AS l USING (labels_id)"
                        + " WHERE m.metric_name = 'DCGM_FI_DEV_GPU_TEMP'"))
                .containsExactly(HOSTS + " " + HOSTS + " t t t");
        assertThat(database.count("gpu_sample")).isEqualTo((long) scrapes * GOOD_ROWS + HOSTS);
    }
}
