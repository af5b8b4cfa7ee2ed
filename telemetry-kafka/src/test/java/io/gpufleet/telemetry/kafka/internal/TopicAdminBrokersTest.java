package io.gpufleet.telemetry.kafka.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.gpufleet.telemetry.kafka.FakeCluster;
import io.gpufleet.telemetry.kafka.FakeLogFacts;
import io.gpufleet.telemetry.kafka.Logs;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Positions rest on the answers of the brokers that know, not on those of any broker. */
class TopicAdminBrokersTest {
    private static final UUID NOW = new UUID(8, 8);

    private final FakeCluster anyBroker = new FakeCluster();
    private final FakeLogFacts brokers = new FakeLogFacts();
    private final TopicAdmin admin = new TopicAdmin(anyBroker::admin, Optional.of(brokers), 50);

    @BeforeEach
    void replaceTheTopic() {
        anyBroker.topic(Logs.ID, 1);
        anyBroker.log(0, 5, 9);
        brokers.topics.put(Logs.TOPIC, new TopicFacts(NOW, 1));
    }

    @Test
    void describe_believesTheBrokersThemselves() {
        assertThat(admin.describe(Set.of(Logs.TOPIC))).isEqualTo(Map.of(Logs.TOPIC, new TopicFacts(NOW, 1)));
    }

    @Test
    void clusterId_isThatOfAll() {
        assertThat(admin.clusterId()).isEqualTo(Logs.ID.clusterId());

        brokers.clusterId = "another";

        assertThatExceptionOfType(TopicAdmin.ClusterException.class)
                .isThrownBy(admin::clusterId)
                .withMessageContaining("one client has reached cluster " + Logs.ID.clusterId())
                .withMessageContaining("another cluster another")
                .matches(TopicAdmin::isRetriable, "retriable");
    }

    @Test
    void describeSettled_leavesOutWhatABrokerServesAnEarlierLogOf() {
        brokers.unsettled.add(Logs.TOPIC);

        assertThat(admin.describeSettled(Set.of(Logs.TOPIC)).known()).isEmpty();
        assertThat(admin.trouble()).contains("t is not settled");
    }

    @Test
    void ends_areThoseOfTheLeaders() {
        brokers.ends.put(Logs.partition(0), new LogEnd(3, 2));

        assertThat(admin.ends(List.of(Logs.partition(0))).all()).isEqualTo(Map.of(Logs.partition(0), new LogEnd(3, 2)));
        assertThat(admin.beginnings(List.of(Logs.partition(0))).all()).isEqualTo(Map.of(Logs.partition(0), 0L));
        assertThat(admin.highWatermarks(List.of(Logs.partition(0))).all()).isEqualTo(Map.of(Logs.partition(0), 3L));
    }

    @Test
    void ends_ofAPartitionWithoutLeaderAreAskedForAgain() {
        assertThatExceptionOfType(TopicAdmin.ClusterException.class)
                .isThrownBy(() -> admin.ends(List.of(Logs.partition(0))).all())
                .withMessage("Cannot read the offsets of t-0: it has no leader that answers")
                .matches(TopicAdmin::isRetriable, "retriable");
    }

    @Test
    void renewAndClose_concernTheBrokersToo() {
        admin.renew();
        admin.close();

        assertThat(brokers.renewals).isEqualTo(1);
        assertThat(brokers.closed).isTrue();
    }
}
