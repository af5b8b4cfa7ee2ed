package io.gpufleet.telemetry.examples.rest.stream;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.examples.rest.stream.Resumption.Bounds;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;

/** Questions about the logs of a topic. */
final class LogView {
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private LogView() {}

    /** What the cluster says of a topic. */
    record Topic(String id, int partitions) {
        Topic(TopicDescription description) {
            this(description.topicId().toString(), description.partitions().size());
        }
    }

    /** Asks for a topic. */
    static CompletionStage<Topic> topic(Admin admin, String name) {
        return admin.describeTopics(List.of(name))
                .allTopicNames()
                .toCompletionStage()
                .thenApply(topics -> new Topic(requireNonNull(topics.get(name))));
    }

    /**
     * Waits for the answer.
     *
     * @throws RuntimeException if there is none
     */
    static Topic await(CompletionStage<Topic> answer) throws InterruptedException {
        try {
            return answer.toCompletableFuture().get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new TelemetryException(String.valueOf(e.getCause()), e);
        } catch (TimeoutException | CompletionException e) {
            throw new TelemetryException("no answer within 5 s", e);
        }
    }

    static List<TopicPartition> partitions(String topic, Collection<Integer> numbers) {
        return numbers.stream().map(number -> new TopicPartition(topic, number)).toList();
    }

    static List<Integer> numbers(int partitions) {
        return IntStream.range(0, partitions).boxed().toList();
    }

    /** Returns the bounds of logs, by partition. */
    static Map<Integer, Bounds> bounds(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        Map<TopicPartition, Long> first = consumer.beginningOffsets(partitions, LIMIT);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, LIMIT);
        Map<Integer, Bounds> bounds = new TreeMap<>();
        first.forEach((partition, offset) -> bounds.put(
                partition.partition(), new Bounds(offset, Math.max(offset, ends.getOrDefault(partition, offset)))));
        return bounds;
    }
}
