package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.jdbc.config.ConsumerConfigLoader;
import io.gpufleet.telemetry.kafka.TunedConsumer;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;

/** A host with its own poll loop: records held back are neither lost nor committed. */
@TelemetryStackTest
final class TunedConsumerIT {
    private static final int RECORDS = 500;
    private static final Duration WAIT = Duration.ofMillis(100);

    @Test
    void pollInPieces_losesNothingToTheNextOwner(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "polled-in-pieces", 2);
        insertRow(pipeline, "max_poll_records = 90");
        pipeline.send(RECORDS, number -> new byte[] {1});
        List<String> returned = new ArrayList<>();
        try (ConsumerConfigLoader loader =
                ConsumerConfigLoader.create(pipeline.database().source())) {
            try (TunedConsumer<byte[], byte[]> first = consumer(pipeline, loader)) {
                Await.until("some are held back", Pipeline.LIMIT, () -> {
                    add(returned, first.poll(WAIT, 7));
                    return returned.size() >= 100 && first.heldBack() > 0;
                });
                first.commitSync();
            }
            try (TunedConsumer<byte[], byte[]> second = consumer(pipeline, loader)) {
                Await.until("the rest is returned", Pipeline.LIMIT, () -> {
                    add(returned, second.poll(WAIT));
                    return returned.size() >= RECORDS;
                });
            }
        }
        assertThat(returned).hasSize(RECORDS).doesNotHaveDuplicates();
    }

    @Test
    void limitOfTheRow_isTakenWhileItPolls(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "polled-with-a-limit", 1);
        insertRow(pipeline, "max_poll_records = 90");
        pipeline.send(RECORDS, number -> new byte[] {1});
        try (ConsumerConfigLoader loader =
                        ConsumerConfigLoader.create(pipeline.database().source());
                TunedConsumer<byte[], byte[]> consumer = consumer(pipeline, loader)) {
            assertThat(consumer.settings().maxPollRecords()).isEqualTo(90);
            Await.until(
                    "records come", Pipeline.LIMIT, () -> consumer.poll(WAIT).size() > 3);

            pipeline.database().execute("UPDATE pipeline_consumer_configs SET max_poll_records = 3");

            Await.until(
                    "three at a time", Pipeline.LIMIT, () -> consumer.poll(WAIT).size() == 3);
        }
    }

    @Test
    void automaticCommit_followsWhatWasReturned(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "polled-and-committed", 1);
        insertRow(pipeline, "enable_auto_commit = true, auto_commit_interval_ms = 0");
        pipeline.send(RECORDS, number -> new byte[] {1});
        List<String> returned = new ArrayList<>();
        try (ConsumerConfigLoader loader =
                ConsumerConfigLoader.create(pipeline.database().source())) {
            for (int consumers = 0; consumers < 2; consumers++) {
                int enough = consumers == 0 ? 20 : RECORDS;
                try (TunedConsumer<byte[], byte[]> consumer = consumer(pipeline, loader)) {
                    Await.until("records are returned", Pipeline.LIMIT, () -> {
                        add(returned, consumer.poll(WAIT, 7));
                        return returned.size() >= enough;
                    });
                }
            }
        }
        assertThat(returned).hasSize(RECORDS).doesNotHaveDuplicates();
    }

    private static void insertRow(Pipeline pipeline, String assignments) {
        pipeline.database()
                .execute("INSERT INTO pipeline_consumer_configs (service_name, consumer_group_id) VALUES ('polling', '"
                        + pipeline.group() + "'); UPDATE pipeline_consumer_configs SET " + assignments);
    }

    private static TunedConsumer<byte[], byte[]> consumer(Pipeline pipeline, ConsumerConfigLoader loader) {
        TunedConsumer<byte[], byte[]> consumer = TunedConsumer.builder(
                        new ByteArrayDeserializer(), new ByteArrayDeserializer(), loader, "polling")
                .bootstrapServers(pipeline.kafka().bootstrapServers())
                .overrides(Map.of("allow.auto.create.topics", false))
                .build();
        consumer.subscribe(List.of(pipeline.topic()));
        return consumer;
    }

    private static void add(List<String> returned, List<ConsumerRecord<byte[], byte[]>> records) {
        records.forEach(record -> returned.add(record.partition() + "@" + record.offset()));
    }
}
