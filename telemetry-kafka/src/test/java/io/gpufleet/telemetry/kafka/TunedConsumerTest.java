package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.gpufleet.telemetry.config.ConsumerSetting;
import io.gpufleet.telemetry.config.ConsumerSettings;
import io.gpufleet.telemetry.config.InvalidSettingsException;
import io.gpufleet.telemetry.config.SettingsSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;

class TunedConsumerTest {
    private static final TopicPartition FIRST = Logs.kafkaName(0);
    private static final TopicPartition SECOND = Logs.kafkaName(1);

    private final MockConsumer<byte[], byte[]> client = new MockConsumer<>("earliest");
    private SettingsSource source = ConsumerSettings::defaults;
    private final TunedConsumer<byte[], byte[]> consumer = new TunedConsumer<>(
            client, new SettingsReader(service -> source.load(service), "s", Map.of()), ConsumerSettings.defaults("s"));

    private void assign(TopicPartition... partitions) {
        consumer.subscribe(List.of(Logs.TOPIC));
        client.rebalance(List.of(partitions));
        for (TopicPartition partition : partitions) {
            client.updateBeginningOffsets(Map.of(partition, 0L));
        }
    }

    private void produce(int partition, long from, long next) {
        Logs.records(partition, from, next).forEach(client::addRecord);
    }

    private static List<String> places(List<ConsumerRecord<byte[], byte[]>> records) {
        return records.stream()
                .map(record -> record.partition() + "@" + record.offset())
                .toList();
    }

    @Test
    void build_takesTheDefaultsOfWhatCannotBeUsed() {
        try (TunedConsumer<byte[], byte[]> built = TunedConsumer.builder(
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer(),
                        service -> ConsumerSettings.builder(service)
                                .set(ConsumerSetting.FETCH_MAX_WAIT_MS, Integer.MAX_VALUE)
                                .set(ConsumerSetting.MAX_POLL_RECORDS, 7)
                                .build(),
                        "s")
                .bootstrapServers("localhost:1")
                .build()) {
            assertThat(built.settings().fetchMaxWait()).isEqualTo(Duration.ofMillis(500));
            assertThat(built.settings().maxPollRecords()).isEqualTo(7);
        }
    }

    @Test
    void poll_returnsEverythingInPiecesAndInOrder() {
        assign(FIRST);
        produce(0, 0, 10);
        List<String> returned = new ArrayList<>();

        returned.addAll(places(consumer.poll(Duration.ZERO, 4)));
        assertThat(returned).hasSize(4);
        assertThat(consumer.heldBack()).isEqualTo(6);
        returned.addAll(places(consumer.poll(Duration.ZERO, 4)));
        produce(0, 10, 12);
        returned.addAll(places(consumer.poll(Duration.ZERO, 4)));
        returned.addAll(places(consumer.poll(Duration.ZERO, 4)));

        assertThat(returned)
                .containsExactly("0@0", "0@1", "0@2", "0@3", "0@4", "0@5", "0@6", "0@7", "0@8", "0@9", "0@10", "0@11");
        assertThat(client.paused()).isEmpty();
    }

    @Test
    void commitSync_commitsWhatWasReturnedAndNothingElse() {
        assign(FIRST);
        produce(0, 0, 10);

        consumer.poll(Duration.ZERO, 4);
        consumer.commitSync();

        assertThat(client.committed(Set.of(FIRST)).get(FIRST))
                .extracting(OffsetAndMetadata::offset)
                .isEqualTo(4L);
    }

    @Test
    void poll_leavesToTheNextOwnerWhatIsTakenAway() {
        assign(FIRST, SECOND);
        produce(0, 0, 3);
        produce(1, 0, 3);
        consumer.poll(Duration.ZERO, 1);

        client.rebalance(List.of(SECOND));
        List<String> rest = places(consumer.poll(Duration.ZERO, 10));

        assertThat(rest).allMatch(place -> place.startsWith("1@"));
        assertThat(consumer.assignment()).containsExactly(SECOND);
    }

    @Test
    void poll_takesAnotherLimitAtOnceAndKeepsItWhenTheSettingsAreWrong() {
        assign(FIRST);
        produce(0, 0, 10);
        source = service -> ConsumerSettings.builder(service)
                .set(ConsumerSetting.MAX_POLL_RECORDS, 2)
                .build();
        assertThat(consumer.poll(Duration.ZERO)).hasSize(2);

        source = service -> {
            throw new InvalidSettingsException(service, List.of("max_poll_records: 0 is not between 1 and 5000"));
        };
        try (CapturedLog log = new CapturedLog(SettingsReader.class)) {
            assertThat(consumer.poll(Duration.ZERO)).hasSize(2);
            assertThat(log.linesWith("max_poll_records: 0")).hasSize(1);
        }
    }

    @Test
    void poll_refusesALimitOfNone() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> consumer.poll(Duration.ZERO, 0))
                .withMessage("maxRecords: 0 is not 1 or more");
    }

    @Test
    void build_wantsServersAndMakesAClientOfTheSettings() {
        TunedConsumer.Builder<byte[], byte[]> builder = TunedConsumer.builder(
                new ByteArrayDeserializer(), new ByteArrayDeserializer(), ConsumerSettings::defaults, "s");
        assertThatIllegalStateException().isThrownBy(builder::build).withMessage("bootstrapServers: missing");

        try (TunedConsumer<byte[], byte[]> built = builder.bootstrapServers("localhost:1")
                .overrides(Map.of("max.poll.records", "7"))
                .build()) {
            assertThat(built.settings().maxPollRecords()).isEqualTo(7);
            assertThat(built.settings().groupId()).isEqualTo("s-consumer-group");
            assertThat(built.metrics().keySet())
                    .extracting(name -> name.tags().get("client-id"))
                    .filteredOn(id -> id != null)
                    .allMatch(id -> id.startsWith("s-"));
            assertThat(built.assignment()).isEmpty();
        }
    }
}
