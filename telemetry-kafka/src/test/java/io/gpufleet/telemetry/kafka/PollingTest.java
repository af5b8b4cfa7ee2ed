package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.TelemetryException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.junit.jupiter.api.Test;

class PollingTest {
    private static final ClientProperties OTHERS =
            ClientProperties.of(Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, "localhost:2"), Map.of());

    private final TestOptions options = new TestOptions(new FakeSink());
    private final List<TelemetryEvent> events = new ArrayList<>();
    private final List<FakeConsumer> clients = new ArrayList<>();
    private final AtomicInteger stepsBack = new AtomicInteger();
    private Set<ClientProperties> unusable = Set.of();
    private long nanos;
    private int tries;

    private Polling<String> polling(ConsumerOptions<String> options) {
        BufferBudget budget = new BufferBudget(1_000, 1);
        Events listeners = new Events(List.of(events::add));
        PositionResolver resolver = new PositionResolver(options, new FakeCluster().topicAdmin(), listeners);
        ConsumerParts<String> parts = new ConsumerParts<>(
                List.of(),
                new PositionKeeper(resolver, options, new FakeKeeperOwner()),
                new Mailbox(),
                budget,
                listeners,
                options.nanoTime());
        Polling<String> polling = new Polling<>(
                options, parts, new KafkaClients(List.of(), budget::used, this::client), stepsBack::incrementAndGet);
        polling.subscribe();
        return polling;
    }

    private Consumer<byte[], byte[]> client(ClientProperties properties) {
        tries++;
        if (unusable.contains(properties)) {
            throw new TelemetryException("no server of " + properties.bootstrapServers() + " is known");
        }
        clients.add(new FakeConsumer());
        return clients.get(clients.size() - 1);
    }

    /** The wall clock goes back by the time that passed. */
    private ConsumerOptions<String> withClock() {
        options.nanoTime = () -> nanos;
        return options.build();
    }

    @Test
    void clockSetBack_takesAnotherClient() {
        Polling<String> polling = polling(withClock());
        nanos += Duration.ofHours(1).toNanos();

        polling.runOnce();

        assertThat(stepsBack).hasValue(1);
        assertThat(clients).hasSize(2);
        assertThat(clients.get(0).closed()).isTrue();
        assertThat(clients.get(1).subscription()).containsExactly(Logs.TOPIC);
        assertThat(events).containsExactly(new TelemetryEvent.ClientReplaced(TestOptions.GROUP));
    }

    @Test
    void clientThatCannotBeMade_isMadeLater() {
        ConsumerOptions<String> built = withClock();
        Polling<String> polling = polling(built);
        unusable = Set.of(built.clientProperties());
        nanos += Duration.ofHours(1).toNanos();

        polling.runOnce();

        assertThat(polling.trouble()).contains("there is no Kafka client: no server of localhost:1 is known");
        assertThat(tries).isEqualTo(2);

        polling.runOnce();

        assertThat(tries).as("not before its time").isEqualTo(2);

        nanos += Duration.ofSeconds(1).toNanos();
        polling.runOnce();

        assertThat(tries).isEqualTo(3);
        assertThat(events).isEmpty();

        unusable = Set.of();
        nanos += Duration.ofSeconds(1).toNanos();
        polling.runOnce();

        assertThat(polling.trouble()).isEmpty();
        assertThat(clients).hasSize(2);
        assertThat(clients.get(1).subscription()).containsExactly(Logs.TOPIC);
        assertThat(events).hasSize(1);
    }

    @Test
    void close_withoutAClient() {
        ConsumerOptions<String> built = withClock();
        Polling<String> polling = polling(built);
        unusable = Set.of(built.clientProperties());
        nanos += Duration.ofHours(1).toNanos();
        polling.runOnce();

        polling.close();

        assertThat(clients).singleElement().matches(client -> client.closes == 1, "closed once");
    }

    @Test
    void settingsThatCannotBeUsed_areRefused() {
        ConsumerOptions<String> built = options.build();
        Polling<String> polling = polling(built);
        ClientProperties before = built.clientProperties();
        unusable = Set.of(OTHERS);
        built.tuning().take(new Tuning(OTHERS, options.batching, options.reset));

        polling.runOnce();

        assertThat(built.clientProperties()).isSameAs(before);
        assertThat(polling.trouble()).contains("the settings were not taken: no server of localhost:2 is known");
        assertThat(clients).hasSize(2);
    }

    @Test
    void settingsAreNotRefused_whenNoClientCanBeMade() {
        ConsumerOptions<String> built = withClock();
        Polling<String> polling = polling(built);
        unusable = Set.of(OTHERS, built.clientProperties());
        built.tuning().take(new Tuning(OTHERS, options.batching, options.reset));
        polling.runOnce();

        unusable = Set.of();
        nanos += Duration.ofSeconds(1).toNanos();
        polling.runOnce();

        assertThat(built.clientProperties()).isSameAs(OTHERS);
        assertThat(polling.trouble()).isEmpty();
    }
}
