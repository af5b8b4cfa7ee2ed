package io.gpufleet.telemetry.jdbc.gpu;

import static io.gpufleet.telemetry.jdbc.gpu.Samples.NOON;
import static io.gpufleet.telemetry.jdbc.gpu.Samples.sample;
import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.Feed;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Samples shuffled, doubled and cut into batches at random: the rows are those of a plain model. */
final class GpuSampleOrderTest {
    private static final List<String> METRICS =
            List.of("DCGM_FI_DEV_GPU_TEMP", "DCGM_FI_DEV_GPU_UTIL", "DCGM_FI_DEV_XID_ERRORS", "DCGM_FI_MADE_UP");

    /** Random samples of few GPUs, hosts and times, so that GPUs move back and forth and times collide. */
    private static List<GpuSample> samples(Random random) {
        Map<Object, GpuSample> samples = new LinkedHashMap<>();
        for (int i = 0; i < 300; i++) {
            int gpu = random.nextInt(4);
            GpuSubject subject = GpuSubject.builder(Samples.uuid(gpu))
                    .index(random.nextInt(2))
                    .device(random.nextBoolean() ? "nvidia0" : "")
                    .host("n" + random.nextInt(3))
                    .pciBusId(random.nextInt(4) == 0 ? "" : "00:0" + random.nextInt(2))
                    .namespace(random.nextBoolean() ? "" : "ml")
                    .migInstance(random.nextBoolean() ? "" : Integer.toString(random.nextInt(2)))
                    .label("job", "j" + random.nextInt(3))
                    .build();
            GpuSample one = sample(
                    subject,
                    METRICS.get(random.nextInt(METRICS.size())),
                    random.nextInt(5),
                    NOON.plusSeconds(3600L * random.nextInt(60)));
            samples.putIfAbsent(one.key(), one);
        }
        return List.copyOf(samples.values());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void write_givesTheRowsOfTheModelInAnyOrder(long seed) {
        Random random = new Random(seed);
        List<GpuSample> samples = samples(random);
        for (GpuLayout layout : GpuLayout.values()) {
            Database database = PostgresVersion.POSTGRES_18.gpuDatabase(layout);
            List<Feed<GpuSample>> feeds = IntStream.range(0, 2)
                    .mapToObj(group -> Feed.open(
                            GpuSampleSink.builder(database.dataSource(), layout).build(), Feed.P0, "g" + group))
                    .toList();
            List<GpuSample> delivered = new ArrayList<>(samples);
            delivered.addAll(samples);
            Collections.shuffle(delivered, random);
            for (int at = 0; at < delivered.size(); ) {
                int end = Math.min(at + 1 + random.nextInt(60), delivered.size());
                Samples.write(feeds.get(random.nextInt(2)), delivered.subList(at, end));
                at = end;
            }
            assertThat(database.rows(
                            "SELECT uuid, metric_name, ts, instance, metric_value, hostname, labels_raw ->> 'job',"
                                    + " namespace, scope FROM gpu_telemetry"))
                    .containsExactlyInAnyOrderElementsOf(
                            samples.stream().map(GpuSampleOrderTest::row).toList());
            assertThat(database.rows("SELECT uuid, hostname, pci_bus_id, namespace, gpu_id, device, model_name,"
                            + " first_seen, last_seen, moved_at FROM gpu"))
                    .containsExactlyInAnyOrderElementsOf(gpus(samples));
        }
    }

    private static String row(GpuSample sample) {
        GpuSubject subject = sample.subject();
        return String.join(
                "|",
                subject.uuid(),
                sample.metric().name(),
                time(sample.time()),
                subject.instance(),
                Integer.toString((int) sample.value()),
                subject.host(),
                subject.labels().get("job"),
                subject.namespace(),
                Integer.toString(sample.scope().number()));
    }

    private static String time(Instant time) {
        return time.toString().replace('T', ' ').replace("Z", "+00");
    }

    private static List<String> gpus(List<GpuSample> samples) {
        return samples.stream()
                .collect(Collectors.groupingBy(sample -> sample.subject().uuid()))
                .values()
                .stream()
                .map(GpuSampleOrderTest::gpu)
                .toList();
    }

    /**
     * Returns the row of a GPU: its newest sample decides, and of those with one time the one with the largest values.
     */
    private static String gpu(List<GpuSample> samples) {
        GpuSample newest = samples.stream()
                .max(Comparator.comparing(GpuSample::time).thenComparing(sample -> attributes(sample.subject())))
                .orElseThrow();
        String first = time(samples.stream()
                .map(GpuSample::time)
                .min(Comparator.naturalOrder())
                .orElseThrow());
        String moved = samples.stream()
                .filter(sample -> !place(sample).equals(place(newest)))
                .map(GpuSample::time)
                .max(Comparator.naturalOrder())
                .map(GpuSampleOrderTest::time)
                .orElse("null");
        return String.join(
                "|", newest.subject().uuid(), attributes(newest.subject()), first, time(newest.time()), moved);
    }

    private static String attributes(GpuSubject subject) {
        return String.join(
                "|",
                subject.host(),
                subject.pciBusId(),
                subject.namespace(),
                Integer.toString(subject.index().orElseThrow()),
                subject.device(),
                subject.model());
    }

    private static List<String> place(GpuSample sample) {
        return List.of(sample.subject().host(), sample.subject().pciBusId());
    }
}
