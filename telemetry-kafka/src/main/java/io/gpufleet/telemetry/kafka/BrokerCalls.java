package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.kafka.internal.Reconnects;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.ApiVersions;
import org.apache.kafka.clients.ClientResponse;
import org.apache.kafka.clients.ClientUtils;
import org.apache.kafka.clients.ManualMetadataUpdater;
import org.apache.kafka.clients.MetadataRecoveryStrategy;
import org.apache.kafka.clients.NetworkClient;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.network.ChannelBuilder;
import org.apache.kafka.common.network.Selector;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.utils.LogContext;
import org.apache.kafka.common.utils.Time;

/**
 * A client for requests to chosen brokers: Kafka's admin client asks any broker, and does not say which. A broker that
 * once did not answer in time is still asked, but waited for only when no other has answered.
 *
 * <p>It uses the network client of {@code kafka-clients}, which is not part of its documented API. Not thread-safe, but
 * for {@link #stop}.
 */
final class BrokerCalls implements AutoCloseable {
    private static final int MOST_IN_FLIGHT = 2;
    private static final int LONGEST_REQUEST_MILLIS = 5_000;
    private static final int SYSTEM_BUFFERS = -1;
    private static final long LOOK_MILLIS = 20;

    private final Time time = Time.SYSTEM;
    private final AdminClientConfig config;
    private final Metrics metrics = new Metrics();
    private final NetworkClient client;
    private final List<Node> named;
    private final BrokerProbe probe = new BrokerProbe();
    private final Set<String> silent = new HashSet<>();
    private volatile boolean stopped;

    /**
     * Creates a client without a connection.
     *
     * @param properties the settings of an admin client
     */
    BrokerCalls(Map<String, Object> properties) {
        config = new AdminClientConfig(properties);
        named = named(config);
        LogContext context = new LogContext();
        ChannelBuilder channels = ClientUtils.createChannelBuilder(config, time, context);
        long idle = config.getLong(AdminClientConfig.CONNECTIONS_MAX_IDLE_MS_CONFIG);
        client = new NetworkClient(
                new Selector(idle, metrics, time, "telemetry-brokers", channels, context),
                new ManualMetadataUpdater(),
                config.getString(AdminClientConfig.CLIENT_ID_CONFIG),
                MOST_IN_FLIGHT,
                config.getLong(AdminClientConfig.RECONNECT_BACKOFF_MS_CONFIG),
                Reconnects.LONGEST_BACKOFF_MILLIS,
                SYSTEM_BUFFERS,
                SYSTEM_BUFFERS,
                Math.min(LONGEST_REQUEST_MILLIS, config.getInt(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG)),
                config.getLong(AdminClientConfig.SOCKET_CONNECTION_SETUP_TIMEOUT_MS_CONFIG),
                config.getLong(AdminClientConfig.SOCKET_CONNECTION_SETUP_TIMEOUT_MAX_MS_CONFIG),
                time,
                true,
                new ApiVersions(),
                context,
                MetadataRecoveryStrategy.NONE);
    }

    /** Resolves the names once; every unknown name is logged. */
    private static List<Node> named(AdminClientConfig config) {
        List<Node> nodes = new ArrayList<>();
        ClientUtils.parseAndValidateAddresses(config)
                .forEach(address -> nodes.add(new Node(-1 - nodes.size(), address.getHostString(), address.getPort())));
        return List.copyOf(nodes);
    }

    /** Returns the brokers named by the settings, under numbers that no broker has. */
    List<Node> named() {
        return named;
    }

    /** Returns the timeout of a call. */
    int timeoutMillis() {
        return config.getInt(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG);
    }

    /**
     * Asks several brokers at once, and returns the answers of brokers that answered all of their questions.
     *
     * @param questions the questions for each broker, which it answers in their order
     * @param patienceMillis the wait for the others after a broker has answered
     * @param deadlineNanos the time at which the wait ends even without an answer
     * @throws AuthenticationException if none has answered, and one refuses the client
     */
    Map<Node, List<AbstractResponse>> ask(
            Map<Node, List<AbstractRequest.Builder<?>>> questions, long patienceMillis, long deadlineNanos) {
        List<Call> calls = new ArrayList<>();
        questions.forEach((node, builders) -> calls.add(new Call(node, builders)));
        long patienceNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patienceMillis);
        while (!isOver(deadlineNanos) && !isDecided(calls, System.nanoTime() - patienceNanos >= 0)) {
            calls.forEach(this::advance);
            client.poll(LOOK_MILLIS, time.milliseconds()).forEach(response -> take(response, calls));
        }
        calls.forEach(this::remember);
        return answers(calls);
    }

    private boolean isOver(long deadlineNanos) {
        return stopped || Thread.currentThread().isInterrupted() || System.nanoTime() - deadlineNanos >= 0;
    }

    /** Returns whether no further answer is awaited. */
    private boolean isDecided(List<Call> calls, boolean patienceIsOver) {
        boolean answered = calls.stream().anyMatch(Call::isAnswered);
        return calls.stream()
                .allMatch(call -> call.failed
                        || call.isAnswered()
                        || (answered && (patienceIsOver || silent.contains(call.node.idString()))));
    }

    private void advance(Call call) {
        String id = call.node.idString();
        if (call.failed || call.unsent.isEmpty()) {
            return;
        }
        long now = time.milliseconds();
        if (!mayConnect(call.node, now)) {
            call.failed = true;
        } else if (!client.ready(call.node, now)) {
            call.failed = client.connectionFailed(call.node);
        } else if (!call.sent.isEmpty() || !client.hasInFlightRequests(id)) {
            var request = client.newClientRequest(id, call.unsent.remove(), now, true);
            call.sent.add(request.correlationId());
            client.send(request, now);
        }
    }

    /** Kafka's client logs every failed connection, so it connects only to an address with a listener. */
    private boolean mayConnect(Node node, long now) {
        boolean wouldTryAgain = client.connectionFailed(node) && client.connectionDelay(node, now) == 0;
        return !wouldTryAgain || probe.isListening(node);
    }

    private void take(ClientResponse response, List<Call> calls) {
        int correlation = response.requestHeader().correlationId();
        for (Call call : calls) {
            if (call.sent.contains(correlation)) {
                if (response.hasResponse()) {
                    call.answers.add(response.responseBody());
                } else {
                    call.failed = true;
                }
            }
        }
    }

    private void remember(Call call) {
        if (call.isAnswered()) {
            silent.remove(call.node.idString());
        } else if (!call.failed) {
            silent.add(call.node.idString());
        }
    }

    private Map<Node, List<AbstractResponse>> answers(List<Call> calls) {
        Map<Node, List<AbstractResponse>> answers = new LinkedHashMap<>();
        calls.stream().filter(Call::isAnswered).forEach(call -> answers.put(call.node, call.answers));
        Optional<AuthenticationException> refusal = calls.stream()
                .flatMap(call -> Optional.ofNullable(client.authenticationException(call.node)).stream())
                .findFirst();
        if (answers.isEmpty() && refusal.isPresent()) {
            throw refusal.get();
        }
        return answers;
    }

    /** Ends the wait of the asking thread, if there is one. Called by any thread. */
    void stop() {
        stopped = true;
        client.wakeup();
    }

    @Override
    public void close() {
        client.close();
        metrics.close();
    }

    /** The questions to one broker. */
    private static final class Call {
        private final Node node;
        private final Deque<AbstractRequest.Builder<?>> unsent;
        private final Set<Integer> sent = new HashSet<>();
        private final List<AbstractResponse> answers = new ArrayList<>();
        private boolean failed;

        Call(Node node, List<AbstractRequest.Builder<?>> questions) {
            this.node = node;
            this.unsent = new ArrayDeque<>(questions);
        }

        boolean isAnswered() {
            return unsent.isEmpty() && answers.size() == sent.size();
        }
    }
}
