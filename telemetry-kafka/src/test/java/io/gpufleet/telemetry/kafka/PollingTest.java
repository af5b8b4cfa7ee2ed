package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.gpufleet.telemetry.Health.Concern;
import io.gpufleet.telemetry.Health.Trouble;
import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.config.ConsumerSetting;
import io.gpufleet.telemetry.config.ConsumerSettings;
import io.gpufleet.telemetry.config.SettingOrigin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.GroupMaxSizeReachedException;
import org.apache.kafka.common.errors.InconsistentGroupProtocolException;
import org.apache.kafka.common.errors.InvalidSessionTimeoutException;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

class PollingTest {
    private static final ClientProperties OTHERS =
            ClientProperties.of(Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, "localhost:2"), Map.of());

    private final TestOptions options = new TestOptions(new FakeSink());
    private final List<TelemetryEvent> events = new ArrayList<>();
    private final List<FakeConsumer> clients = new ArrayList<>();
    private final AtomicInteger stepsBack = new AtomicInteger();
    private final List<ClientProperties> made = new ArrayList<>();
    private final List<KafkaException> refusals = new ArrayList<>();
    private Set<ClientProperties> unusable = Set.of();
    private boolean joins = true;
    private boolean clusterAnswers = true;
    private long nanos;
    private int tries;

    private Polling<String> polling(ConsumerOptions<String> options) {
        BufferBudget budget = new BufferBudget(1_000, 1);
        Events listeners = new Events(List.of(events::add));
        PositionResolver resolver =
                new PositionResolver(options, new FakeSink(), new FakeCluster().topicAdmin(), listeners);
        ConsumerParts<String> parts = new ConsumerParts<>(
                List.of(),
                new PositionKeeper(resolver, options, new FakeKeeperOwner()),
                new Mailbox(failure -> {}),
                budget,
                listeners,
                options.nanoTime());
        Polling<String> polling = new Polling<>(
                options,
                parts,
                new KafkaClients(List.of(), budget::used, (with, cluster) -> client(with)),
                new Polling.Surroundings() {
                    @Override
                    public void clientsOutdated() {
                        stepsBack.incrementAndGet();
                    }

                    @Override
                    public boolean clusterAnswers() {
                        return clusterAnswers;
                    }
                });
        polling.subscribe();
        return polling;
    }

    private Consumer<byte[], byte[]> client(ClientProperties properties) {
        tries++;
        if (unusable.contains(properties)) {
            throw new TelemetryException("no server of " + properties.bootstrapServers() + " is known");
        }
        FakeConsumer client = new FakeConsumer();
        client.joined = joins;
        if (!refusals.isEmpty()) {
            client.setPollException(refusals.remove(0));
        }
        clients.add(client);
        made.add(properties);
        return client;
    }

    /** Returns options with a wall clock that goes back by the time that passed. */
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

        assertThat(polling.trouble().map(Trouble::reason))
                .contains("no Kafka client: no server of localhost:1 is known");
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

        assertThat(polling.trouble().map(Trouble::reason)).isEmpty();
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

        polling.end(Duration.ofSeconds(5));

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
        assertThat(polling.trouble().map(Trouble::reason))
                .contains("settings were not taken: no server of localhost:2 is known");
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
        assertThat(polling.trouble().map(Trouble::reason)).isEmpty();
    }

    private static Tuning tuning(ConsumerSetting setting, Object value) {
        return new TuningRules(
                        Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, "localhost:1"),
                        Map.of(),
                        Optional.of(TestOptions.GROUP),
                        Optional.empty(),
                        Optional.empty())
                .of(ConsumerSettings.builder("s")
                        .set(setting, value, SettingOrigin.ROW)
                        .build());
    }

    private ConsumerOptions<String> tuned(ConsumerSetting setting, Object value) {
        ConsumerOptions<String> built = options.build();
        built.tuning().take(tuning(setting, value));
        return built;
    }

    private static Object has(ClientProperties properties, String name) {
        return properties.consumer().get(name);
    }

    @Test
    void settingsThatTheGroupRefuses_leaveTheClientAsItWas() {
        ConsumerOptions<String> built = tuned(ConsumerSetting.SESSION_TIMEOUT_MS, 50_000);
        Polling<String> polling = polling(built);
        polling.runOnce();
        refusals.add(new InvalidSessionTimeoutException("not within the range"));
        built.tuning().take(tuning(ConsumerSetting.SESSION_TIMEOUT_MS, 299_999));

        polling.runOnce();
        polling.runOnce();

        assertThat(made).extracting(p -> has(p, "session.timeout.ms")).containsExactly(50_000, 299_999, 50_000);
        assertThat(polling.trouble().map(Trouble::reason))
                .contains("settings of service \"s\" (session_timeout_ms=299999) were not taken: not within the"
                        + " range");
        assertThat(polling.settings()).map(ConsumerSettings::sessionTimeout).contains(Duration.ofSeconds(50));

        polling.runOnce();

        assertThat(clients).as("not retried").hasSize(3);
        assertThat(clients.get(2).subscription()).containsExactly(Logs.TOPIC);

        built.tuning().take(tuning(ConsumerSetting.SESSION_TIMEOUT_MS, 50_000));

        assertThat(polling.trouble().map(Trouble::reason))
                .as("the row is as it was")
                .isEmpty();
    }

    @Test
    void settingsThatTheGroupRefusesAtTheStart_giveWayToTheDefaults() {
        Polling<String> polling = refusedAtTheStart(new InvalidSessionTimeoutException("not within the range"));

        polling.runOnce();

        assertThat(made).extracting(p -> has(p, "session.timeout.ms")).containsExactly(299_999, 60_000);
        assertThat(polling.trouble().map(Trouble::reason))
                .contains("settings of service \"s\" (session_timeout_ms=299999) cannot be used, and the defaults"
                        + " apply: not within the range");
        polling.runOnce();
        assertThat(polling.trouble().map(Trouble::reason))
                .as("as long as the row names it")
                .isPresent();
    }

    private Polling<String> refusedAtTheStart(KafkaException refusal) {
        refusals.add(refusal);
        return polling(tuned(ConsumerSetting.SESSION_TIMEOUT_MS, 299_999));
    }

    @Test
    void defaultsThatTheGroupRefuses_endTheConsumerInOneLine() {
        refusals.add(new InvalidSessionTimeoutException("not within the range"));
        Polling<String> polling = polling(tuned(ConsumerSetting.MAX_POLL_RECORDS, 1));

        assertThatExceptionOfType(TelemetryException.class)
                .isThrownBy(polling::runOnce)
                .withMessage("Group g does not admit a member with session.timeout.ms=60000: not within the range");
    }

    @Test
    void failureThatIsNotOfTheSettings_isPassedOn() {
        KafkaException refused = new GroupAuthorizationException("no right");
        Polling<String> polling = refusedAtTheStart(refused);

        assertThatExceptionOfType(KafkaException.class)
                .isThrownBy(polling::runOnce)
                .isSameAs(refused);
    }

    @Test
    void groupOfAnotherStrategy_isOfferedAll() {
        refusals.add(new InconsistentGroupProtocolException("not in common"));
        Polling<String> polling = polling(tuned(ConsumerSetting.PARTITION_ASSIGNMENT_STRATEGY, "range"));

        polling.runOnce();

        assertThat(has(made.get(0), "partition.assignment.strategy"))
                .isEqualTo("org.apache.kafka.clients.consumer.RangeAssignor");
        assertThat(has(made.get(1), "partition.assignment.strategy"))
                .asInstanceOf(InstanceOfAssertFactories.list(String.class))
                .hasSize(4)
                .startsWith("org.apache.kafka.clients.consumer.RangeAssignor")
                .contains("org.apache.kafka.clients.consumer.CooperativeStickyAssignor");
        assertThat(polling.trouble().map(Trouble::reason)).isEmpty();
    }

    @Test
    void groupOfAnotherStrategy_endsAConsumerWithoutSettingsInOneLine() {
        refusals.add(new InconsistentGroupProtocolException("not in common."));
        Polling<String> polling = polling(options.build());

        assertThatExceptionOfType(TelemetryException.class)
                .isThrownBy(polling::runOnce)
                .withMessageStartingWith(
                        "Group g does not admit a member with partition.assignment.strategy=org.apache")
                .withMessageContaining("not in common. All members need one strategy in common");
    }

    @Test
    void groupThatIsFull_isWaitedFor() {
        options.nanoTime = () -> nanos;
        refusals.add(new GroupMaxSizeReachedException("full"));
        refusals.add(new GroupMaxSizeReachedException("full"));
        Polling<String> polling = polling(options.build());

        polling.runOnce();
        String trouble = "the group does not admit this member yet: full";

        assertThat(polling.trouble().map(Trouble::reason)).contains(trouble);

        nanos += Duration.ofSeconds(1).toNanos();
        polling.runOnce();

        assertThat(polling.trouble().map(Trouble::reason))
                .as("until it has joined")
                .contains(trouble);

        polling.runOnce();
        nanos += Duration.ofSeconds(1).toNanos();
        polling.runOnce();
        polling.runOnce();

        assertThat(refusals).isEmpty();
        assertThat(polling.trouble().map(Trouble::reason)).isEmpty();
    }

    @Test
    void settingsThatNeverJoin_leaveTheClientAsItWas() {
        options.nanoTime = () -> nanos;
        ConsumerOptions<String> built = tuned(ConsumerSetting.MAX_POLL_RECORDS, 5);
        Polling<String> polling = polling(built);
        polling.runOnce();
        joins = false;
        clusterAnswers = false;
        built.tuning().take(tuning(ConsumerSetting.MAX_POLL_RECORDS, 6));
        polling.runOnce();
        nanos += Duration.ofMinutes(10).toNanos();
        polling.runOnce();

        assertThat(has(made.get(made.size() - 1), "max.poll.records"))
                .as("no question is answered")
                .isEqualTo(6);

        clusterAnswers = true;
        nanos += Duration.ofMinutes(1).toNanos();
        polling.runOnce();

        assertThat(has(made.get(made.size() - 1), "max.poll.records")).isEqualTo(5);
        assertThat(polling.trouble().map(Trouble::reason))
                .contains("settings of service \"s\" (max_poll_records=6) were not taken: no group was joined"
                        + " within 60 s");
    }

    @Test
    void groupThatGivesNoPartitions_keepsTheConsumerFromItsStart() {
        joins = false;
        Polling<String> polling = polling(withClock());
        assertThat(polling.start()).as("before the first poll").isPresent();
        polling.runOnce();
        assertThat(polling.start().map(Trouble::reason))
                .hasValueSatisfying(reason -> assertThat(reason)
                        .startsWith("the group has not assigned partitions yet: its other members hear"));
        nanos += Duration.ofSeconds(12).toNanos();

        assertThat(polling.start()).contains(outside(12));

        clients.forEach(client -> client.joined = true);
        polling.runOnce();

        assertThat(polling.start()).as("a member without partitions is one").isEmpty();
        assertThat(polling.trouble()).isEmpty();
    }

    @Test
    void groupThatGivesNoPartitionsAgain_isATroubleAfterAWhile() {
        Polling<String> polling = polling(withClock());
        polling.runOnce();
        clients.forEach(client -> client.joined = false);
        polling.runOnce();
        nanos += Duration.ofSeconds(5).toNanos();
        assertThat(polling.trouble()).isEmpty();

        nanos += Duration.ofSeconds(1).toNanos();

        assertThat(polling.trouble()).contains(outside(6));
        assertThat(polling.start()).as("it has begun once").isEmpty();
    }

    private static Trouble outside(int seconds) {
        return new Trouble(
                Concern.START,
                "the group has not assigned partitions for " + seconds + " s: its other members hear of this one with"
                        + " their next heartbeat, within heartbeat.interval.ms (20000), and one that has ended without"
                        + " leaving is waited for, at most session.timeout.ms (60000)");
    }
}
