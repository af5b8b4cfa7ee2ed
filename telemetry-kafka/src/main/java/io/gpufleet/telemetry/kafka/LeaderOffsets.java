package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.kafka.BrokerView.Leader;
import io.gpufleet.telemetry.kafka.internal.TopicAdmin;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;

/** The begin and end offsets of logs, from their leaders. Thread-safe. */
final class LeaderOffsets {
    private static final long TIMEOUT_MILLIS = 5_000;

    private final OwnedCalls calls;
    private final BrokerViews views;
    private final Object lock = new Object();

    /**
     * Creates the view without a connection.
     *
     * @param calls a client of its own, so that a leader that does not answer delays nothing else
     * @param views the source of the leaders
     */
    LeaderOffsets(OwnedCalls calls, BrokerViews views) {
        this.calls = calls;
        this.views = views;
    }

    /**
     * Asks the known leaders, and once more where the leaders have changed meanwhile. If no broker has answered the
     * last question to all brokers, nothing is asked: that question is repeated, and finds out when they are back.
     */
    <R> Map<SourcePartition, R> of(
            Collection<SourcePartition> partitions, LeaderQuestion.What what, LeaderQuestion.Reading<R> reading) {
        if (!views.answer()) {
            throw TopicAdmin.failure("read the offsets of logs", new TimeoutException("no broker answers"));
        }
        Map<SourcePartition, R> found = new HashMap<>(ask(partitions, what, reading));
        List<SourcePartition> missing =
                partitions.stream().filter(p -> !found.containsKey(p)).toList();
        if (!missing.isEmpty()) {
            views.describe(missing.stream().map(SourcePartition::topic).collect(Collectors.toSet()));
            found.putAll(ask(missing, what, reading));
        }
        return found;
    }

    private <R> Map<SourcePartition, R> ask(
            Collection<SourcePartition> partitions, LeaderQuestion.What what, LeaderQuestion.Reading<R> reading) {
        Map<Node, Map<SourcePartition, Leader>> byLeader = new HashMap<>();
        views.leaders(partitions)
                .forEach((partition, leader) -> byLeader.computeIfAbsent(leader.node(), node -> new HashMap<>())
                        .put(partition, leader));
        Map<Node, List<AbstractRequest.Builder<?>>> questions = new HashMap<>();
        byLeader.forEach((node, asked) -> questions.put(node, List.of(LeaderQuestion.of(asked, what))));
        Map<SourcePartition, R> found = new HashMap<>();
        answers(questions).forEach(answers -> found.putAll(LeaderQuestion.read(answers.get(0), reading)));
        return found;
    }

    private Collection<List<AbstractResponse>> answers(Map<Node, List<AbstractRequest.Builder<?>>> questions) {
        synchronized (lock) {
            try {
                long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TIMEOUT_MILLIS);
                return calls.get().ask(questions, TIMEOUT_MILLIS, deadline).values();
            } catch (AuthenticationException e) {
                throw TopicAdmin.failure("read the offsets of logs", e);
            }
        }
    }

    void renew() {
        calls.renew();
    }

    void close() {
        calls.stop();
        synchronized (lock) {
            calls.release();
        }
    }
}
