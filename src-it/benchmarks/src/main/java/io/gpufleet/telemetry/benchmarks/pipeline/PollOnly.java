package io.gpufleet.telemetry.benchmarks.pipeline;

import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/** A bare Kafka client that counts the polled records: the limit of the broker and its client. */
final class PollOnly implements Contestant {
    static final String NAME = "poll only";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String settings() {
        return "1 thread";
    }

    @Override
    public String details() {
        return "client " + BacklogSettings.CLIENT;
    }

    @Override
    public Figures run(Stage stage) throws InterruptedException {
        Measurement measurement = stage.measure(stage.backlog().records());
        try (KafkaConsumer<byte[], byte[]> consumer = PlainClient.of(stage)) {
            consumer.subscribe(List.of(stage.backlog().topic()));
            while (!measurement.isDone()) {
                ConsumerRecords<byte[], byte[]> polled = consumer.poll(Duration.ofMillis(100));
                if (!polled.isEmpty()) {
                    measurement.begin();
                    measurement.done(polled.count());
                }
            }
            return measurement.await();
        }
    }
}
