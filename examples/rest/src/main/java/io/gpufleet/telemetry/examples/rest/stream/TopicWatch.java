package io.gpufleet.telemetry.examples.rest.stream;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.TelemetryException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.jspecify.annotations.Nullable;

/** Questions to the cluster about the topic itself, now and from time to time. Used by one thread. */
final class TopicWatch implements AutoCloseable {
    private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private final StreamTopic topic;
    private @Nullable Admin admin;
    private @Nullable CompletionStage<Topic> question;
    private long askedAt;

    TopicWatch(StreamTopic topic) {
        this.topic = topic;
    }

    /**
     * What the cluster says of a topic.
     *
     * @param id the id, which a recreated topic does not have
     * @param partitions the number of partitions
     */
    record Topic(String id, int partitions) {
        /** A topic that is not known yet. */
        static final Topic NONE = new Topic("", 0);

        Topic(TopicDescription description) {
            this(description.topicId().toString(), description.partitions().size());
        }
    }

    /**
     * Asks and waits for the answer.
     *
     * @throws RuntimeException if there is none
     */
    Topic ask() throws InterruptedException {
        return await(question());
    }

    /**
     * Asks if it is time, and does not wait.
     *
     * @return the answer when it has come
     * @throws RuntimeException if there is none
     */
    Optional<Topic> poll() throws InterruptedException {
        if (question == null && System.nanoTime() - askedAt >= PERIOD_NANOS) {
            question = question();
        }
        if (question == null || !question.toCompletableFuture().isDone()) {
            return Optional.empty();
        }
        CompletionStage<Topic> answered = question;
        question = null;
        return Optional.of(await(answered));
    }

    private CompletionStage<Topic> question() {
        askedAt = System.nanoTime();
        return admin().describeTopics(List.of(topic.name()))
                .allTopicNames()
                .toCompletionStage()
                .thenApply(topics -> new Topic(requireNonNull(topics.get(topic.name()))));
    }

    private Admin admin() {
        if (admin == null) {
            admin = topic.admin();
        }
        return admin;
    }

    private static Topic await(CompletionStage<Topic> answer) throws InterruptedException {
        try {
            return answer.toCompletableFuture().get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new TelemetryException(String.valueOf(e.getCause()), e);
        } catch (TimeoutException | CompletionException e) {
            throw new TelemetryException("no answer within 5 s", e);
        }
    }

    @Override
    public void close() {
        if (admin != null) {
            admin.close(Duration.ZERO);
        }
    }
}
