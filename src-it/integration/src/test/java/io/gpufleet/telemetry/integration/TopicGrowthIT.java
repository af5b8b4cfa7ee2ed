package io.gpufleet.telemetry.integration;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.codec.ExpositionTextDecoder;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.kafka.GpuSampleConsumer;
import io.gpufleet.telemetry.kafka.producer.ConsistentPartitioner;
import io.gpufleet.telemetry.kafka.producer.GpuSamplePublisher;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A topic that grows from 2 to 3 partitions between scrapes: each sample arrives once, whatever the partitioner. */
@TelemetryStackTest
final class TopicGrowthIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int GPUS = 100;
    private static final int BEFORE = 2;
    private static final int AFTER = 3;
    private static final Instant START =
            Instant.ofEpochMilli(System.currentTimeMillis()).minusSeconds(3_600);

    private final Queue<Delivery<GpuSample>> samples = new ConcurrentLinkedQueue<>();

    private static GpuSamplePublisher publisher(TelemetryStack stack, String topic, Map<String, Object> settings) {
        Map<String, Object> all = new HashMap<>(settings);
        all.put("metadata.max.age.ms", 200);
        return GpuSamplePublisher.builder(stack.bootstrapServers())
                .topic(topic)
                .overrides(all)
                .build();
    }

    private static byte[] scrape(int round) {
        StringBuilder text = new StringBuilder();
        IntStream.range(0, GPUS)
                .forEach(gpu -> text.append("DCGM_FI_DEV_FB_USED{UUID=\"GPU-")
                        .append(gpu)
                        .append("\"} ")
                        .append(round)
                        .append('\n'));
        return text.toString().getBytes(UTF_8);
    }

    private BatchingConsumer consumer(TelemetryStack stack, String topic) {
        return GpuSampleConsumer.builder(ExpositionTextDecoder.create(), batch -> samples.addAll(batch.deliveries()))
                .bootstrapServers(stack.bootstrapServers())
                .topics(topic)
                .groupId(topic)
                .concurrency(AFTER)
                .overrides(Map.of("metadata.max.age.ms", 200))
                .discardDeadLetters()
                .start();
    }

    /** Sends a scrape before the topic grows, and scrapes until one has used the new partition. */
    private int sendWhileItGrows(TelemetryStack stack, String topic, Map<String, Object> settings) {
        List<CompletableFuture<Void>> sent = new ArrayList<>();
        try (GpuSamplePublisher publisher = publisher(stack, topic, settings)) {
            sent.add(publisher.scrape(scrape(0), "n1", START));
            stack.kafka().addPartitions(topic, AFTER);
            Await.until("the new partition is used", LIMIT, () -> {
                int round = sent.size();
                sent.add(publisher.scrape(scrape(round), "n1", START.plusSeconds(round)));
                sent.get(round).join();
                return stack.kafka().endOffsets(topic).getOrDefault(AFTER - 1, 0L) > 0;
            });
            sent.add(publisher.scrape(scrape(sent.size()), "n1", START.plusSeconds(sent.size())));
            CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new)).join();
        }
        return sent.size();
    }

    /** Returns the partitions of each GPU, in the order in which they were used. */
    private Map<String, List<Integer>> grow(TelemetryStack stack, String topic, Map<String, Object> settings) {
        stack.createTopic(topic, BEFORE);
        int rounds;
        try (BatchingConsumer consumer = consumer(stack, topic)) {
            rounds = sendWhileItGrows(stack, topic, settings);
            Await.until("all samples are consumed", LIMIT, samples::size, count -> count >= rounds * GPUS);
            assertThat(consumer.snapshot().counts().deadLetters()).isZero();
        }
        Set<Object> distinct = new LinkedHashSet<>();
        samples.forEach(delivery -> distinct.add(delivery.value().key()));
        assertThat(samples).as("none is doubled").hasSize(rounds * GPUS);
        assertThat(distinct).as("none is lost").hasSize(rounds * GPUS);
        return partitions();
    }

    private Map<String, List<Integer>> partitions() {
        Map<String, List<Integer>> partitions = new HashMap<>();
        samples.stream()
                .sorted(Comparator.comparing(delivery -> delivery.value().time()))
                .forEach(delivery -> partitions
                        .computeIfAbsent(delivery.value().subject().uuid(), uuid -> new ArrayList<>())
                        .add(delivery.partition().partition()));
        return partitions;
    }

    @Test
    void samples_arriveOnceWithKafkasPartitioner(TelemetryStack stack) {
        Map<String, List<Integer>> partitions = grow(stack, "grows", Map.of());

        assertThat(partitions.values())
                .as("some move between old partitions")
                .anyMatch(own -> own.contains(0) && own.contains(1));
    }

    @Test
    void samples_arriveOnceWithTheConsistentPartitioner(TelemetryStack stack) {
        Map<String, List<Integer>> partitions =
                grow(stack, "grows-little", Map.of("partitioner.class", ConsistentPartitioner.class.getName()));

        assertThat(partitions.values())
                .allMatch(own -> own.stream().distinct().count() <= 2)
                .noneMatch(own -> own.contains(0) && own.contains(1))
                .anyMatch(own -> own.contains(AFTER - 1))
                .anyMatch(own -> !own.contains(AFTER - 1));
        assertThat(partitions.values().stream().filter(own -> own.contains(AFTER - 1)))
                .as("about a third moves")
                .hasSizeBetween(15, 52);
    }
}
