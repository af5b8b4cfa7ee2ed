package io.gpufleet.telemetry.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.testkit.faults.TcpProxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The cluster; each test leaves three running brokers. */
class KafkaClusterTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static KafkaCluster cluster;

    @BeforeAll
    static void start() {
        cluster = KafkaCluster.builder().links(TcpProxy::start).start();
    }

    @AfterAll
    static void close() {
        cluster.close();
    }

    @Test
    void killedLeader_isFollowedByAnotherAndComesBack() {
        int leader = another(cluster.activeController());
        cluster.createTopic(
                "led", List.of(List.of(leader, cluster.activeController())), Map.of("min.insync.replicas", "1"));
        assertThat(cluster.leader("led", 0)).hasValue(leader);
        publish("led");

        cluster.kill(leader);
        assertThat(cluster.isRunning(leader)).isFalse();
        Await.until("another leader", LIMIT, () -> cluster.leader("led", 0), found -> found.orElse(leader) != leader);
        publish("led");
        cluster.start(leader);
        cluster.awaitInSync("led");

        assertThat(cluster.endOffsets("led")).isEqualTo(Map.of(0, 20L));
    }

    @Test
    void heldBroker_goesOnByWhatItKnew() {
        int held = another(cluster.activeController());
        cluster.createTopic("replaced", 1);
        Optional<UUID> old = cluster.topicId(held, "replaced");

        cluster.holdBehind(held);
        cluster.deleteTopic("replaced");
        cluster.createTopic("replaced", 1);
        Optional<UUID> now = cluster.topicId(another(held), "replaced");
        assertThat(now).isPresent().isNotEqualTo(old);
        assertThat(cluster.topicId(held, "replaced")).isEqualTo(old);

        cluster.letCatchUp(held);
        Await.until(
                "the id of now", LIMIT, () -> cluster.topicId(held, "replaced").equals(now));
    }

    @Test
    void partitionOfOneReplica_hasNoLeaderWhileItsBrokerIsDown() {
        int alone = another(cluster.activeController());
        cluster.createTopic("alone", List.of(List.of(alone)), Map.of("min.insync.replicas", "1"));

        cluster.stop(alone);
        Await.until("no leader", LIMIT, () -> cluster.leader("alone", 0), OptionalInt::isEmpty);
        cluster.start(alone);
        Await.until("a leader", LIMIT, () -> cluster.leader("alone", 0), OptionalInt::isPresent);
    }

    @Test
    void whatCannotBe_isRefused() {
        assertThatThrownBy(() -> cluster.kill(4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("node: 4 is not one of [1, 2, 3]");
        assertThatThrownBy(() -> cluster.coordinator("missing"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("group missing");
        assertThatThrownBy(() -> cluster.start(1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("start: Kafka broker 1 is running");
        int controller = cluster.activeController();
        assertThatThrownBy(() -> cluster.holdBehind(controller))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("leads the others");
    }

    private static int another(int node) {
        return cluster.nodes().stream().filter(n -> n != node).findFirst().orElseThrow();
    }

    private static void publish(String topic) {
        Stream<FleetRecord> records = FleetGenerator.builder().clients(10).build().stream();
        cluster.publish(topic, records.limit(10).toList());
    }
}
