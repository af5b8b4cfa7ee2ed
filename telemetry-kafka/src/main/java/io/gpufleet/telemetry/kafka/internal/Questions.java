package io.gpufleet.telemetry.kafka.internal;

import static java.util.Objects.requireNonNullElse;

import io.gpufleet.telemetry.kafka.internal.TopicAdmin.ClusterException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.apache.kafka.common.KafkaFuture;

/**
 * A pending question about several topics or partitions. The wait for the first answer lasts up to the limit; answers
 * that come much later than the first are left for the next time, so that an absent broker delays only its own
 * partitions. Belongs to one thread.
 *
 * @param what the question, as {@code describe topic}; the name of the topic or partition follows
 * @param futures the answers to come
 */
record Questions<K, V>(String what, Map<K, KafkaFuture<V>> futures) {
    private static final long AFTER_THE_FIRST_MILLIS = 3_000;

    /** Waits, and reads the answers that have arrived. */
    <R> Answers<K, R> answers(long limitMillis, Function<V, R> reading) {
        long waitedMillis = await(limitMillis);
        Map<K, R> known = new HashMap<>();
        Map<K, ClusterException> failures = new HashMap<>();
        futures.forEach((key, future) -> {
            try {
                known.put(key, reading.apply(answer(key, future, waitedMillis)));
            } catch (ClusterException e) {
                failures.put(key, e);
            }
        });
        return new Answers<>(known, failures);
    }

    /** Waits for the first answer, then for the others, and returns the time for which a missing one was waited for. */
    private long await(long limitMillis) {
        CompletableFuture<?>[] all = futures.values().stream()
                .map(future -> future.toCompletionStage().toCompletableFuture())
                .toArray(CompletableFuture[]::new);
        if (all.length == 0 || !isDone(CompletableFuture.anyOf(all), limitMillis)) {
            return limitMillis;
        }
        long restMillis = Math.min(limitMillis, AFTER_THE_FIRST_MILLIS);
        isDone(CompletableFuture.allOf(all), restMillis);
        return restMillis;
    }

    private boolean isDone(CompletableFuture<?> future, long millis) {
        try {
            future.get(millis, TimeUnit.MILLISECONDS);
            return true;
        } catch (ExecutionException e) {
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            throw interrupted(futures.keySet().iterator().next(), e);
        }
    }

    private V answer(K key, KafkaFuture<V> future, long waitedMillis) {
        if (!future.isDone()) {
            throw failure(key, "no answer within " + waitedMillis + " ms", new TimeoutException());
        }
        try {
            return future.get();
        } catch (ExecutionException e) {
            Throwable cause = requireNonNullElse(e.getCause(), e);
            throw failure(key, FailureText.of(cause), cause);
        } catch (InterruptedException e) {
            throw interrupted(key, e);
        }
    }

    private ClusterException interrupted(K key, InterruptedException cause) {
        Thread.currentThread().interrupt();
        return failure(key, "interrupted", cause);
    }

    private ClusterException failure(K key, String why, Throwable cause) {
        return new ClusterException("Cannot " + what + " " + key + ": " + why, cause);
    }
}
