package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.gpufleet.telemetry.kafka.BrokerView.TopicView;
import io.gpufleet.telemetry.kafka.internal.TopicAdmin;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.common.Node;
import org.junit.jupiter.api.Test;

class NewestViewTest {
    private static final UUID EARLIER = new UUID(1, 1);
    private static final UUID NOW = new UUID(2, 2);

    private final NewestView newest = new NewestView();

    private static BrokerView view(int broker, long offset, UUID id) {
        return view(broker, offset, "cluster", Map.of("t", new TopicView(id, 1, Map.of())));
    }

    private static BrokerView view(int broker, long offset, String cluster, Map<String, TopicView> topics) {
        return new BrokerView(new Node(broker, "host-" + broker, 9092), offset, cluster, List.of(), topics);
    }

    @Test
    void of_believesTheBrokerThatKnowsMost() {
        BrokerView ahead = view(2, 101, NOW);

        assertThat(newest.of(List.of(view(1, 100, EARLIER), ahead, view(3, 99, EARLIER))))
                .isEqualTo(ahead);
    }

    @Test
    void of_believesNoneThatIsBehindWhatWasSeen() {
        newest.of(List.of(view(1, 100, EARLIER), view(2, 101, NOW)));

        assertThatExceptionOfType(TopicAdmin.ClusterException.class)
                .isThrownBy(() -> newest.of(List.of(view(1, 100, EARLIER))))
                .withMessage("Cannot know the topics: broker 1 is behind: it knows the cluster's metadata up to 100,"
                        + " but 101 was seen before; the others do not answer")
                .matches(TopicAdmin::isRetriable, "retriable");

        assertThat(newest.of(List.of(view(1, 101, NOW))).broker()).isEqualTo(1);
    }

    @Test
    void of_beginsAgainInAnotherCluster() {
        newest.of(List.of(view(1, 100, NOW)));
        BrokerView elsewhere = view(1, 5, "another", Map.of());

        assertThat(newest.of(List.of(elsewhere))).isEqualTo(elsewhere);
    }

    @Test
    void of_leavesOutABrokerOfAnotherClusterWhileItsOwnAnswers() {
        BrokerView own = view(1, 100, NOW);
        newest.of(List.of(own));

        assertThat(newest.of(List.of(own, view(2, 900, "another", Map.of())))).isEqualTo(own);
    }

    @Test
    void of_believesNoneOfTwoClustersBeforeOneIsKnown() {
        assertThatExceptionOfType(TopicAdmin.ClusterException.class)
                .isThrownBy(() -> newest.of(List.of(view(1, 100, NOW), view(2, 900, "another", Map.of()))))
                .withMessage("Cannot know the topics: host-1:9092 is of cluster cluster, host-2:9092 is of cluster"
                        + " another: all addresses must lead to one cluster")
                .matches(TopicAdmin::isRetriable, "retriable");
        assertThat(newest.clusterId()).isEmpty();
    }

    @Test
    void of_believesBrokersThatDoNotSayHowFarTheyAreIfTheyAgree() {
        assertThat(newest.of(List.of(view(1, -1, NOW), view(2, -1, NOW))).topics())
                .containsKey("t");

        assertThatExceptionOfType(TopicAdmin.ClusterException.class)
                .isThrownBy(() -> newest.of(List.of(view(1, -1, NOW), view(2, -1, EARLIER))))
                .withMessageContaining("contradict each other");
    }

    @Test
    void withEarlierLog_namesTheBrokersThatKnowAnother() {
        BrokerView now = view(2, 101, NOW);
        BrokerView without = view(4, 90, "cluster", Map.of());

        assertThat(NewestView.withEarlierLog("t", now, List.of(view(3, 100, EARLIER), now, without)))
                .containsExactly(3);
        assertThat(NewestView.withEarlierLog("t", without, List.of(now))).isEmpty();
    }
}
