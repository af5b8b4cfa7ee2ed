package io.gpufleet.telemetry.kafka.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.TopicCluster.Topic;
import io.gpufleet.telemetry.kafka.FakeCluster;
import io.gpufleet.telemetry.kafka.Logs;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.Test;

class KafkaTopicClusterTest {
    private final FakeCluster fake = new FakeCluster();
    private final KafkaTopicCluster cluster = new KafkaTopicCluster("somewhere:9092", fake.topicAdmin());

    @Test
    void read_sumsTheEndsOfWhatExists() {
        fake.topic(Logs.ID, 3);
        fake.log(0, 2, 5);
        fake.log(1, 0, 7);

        assertThat(cluster.read(Set.of(Logs.TOPIC, "missing")))
                .isEqualTo(Map.of(Logs.TOPIC, new Topic(Logs.ID.topicId(), 3, 12)));
        assertThat(cluster.read(Set.of())).isEmpty();
    }

    @Test
    void read_leavesOutATopicOfWhichAPartitionCannotBeAsked() {
        fake.topic(Logs.ID, 3);
        fake.leaderless.add(1);

        assertThat(cluster.read(Set.of(Logs.TOPIC))).isEmpty();

        fake.heal();
        assertThat(cluster.read(Set.of(Logs.TOPIC))).hasSize(1);
    }

    @Test
    void read_saysWhoDoesNotAnswer() {
        fake.topic(Logs.ID, 3);
        fake.fail("describeTopics", new TimeoutException("no node"));

        assertThatThrownBy(() -> cluster.read(Set.of(Logs.TOPIC)))
                .isInstanceOf(TelemetryException.class)
                .hasMessage("Brokers at somewhere:9092: Cannot describe topic t: no node");
    }

    @Test
    void raisePartitions_addsThemOnce() {
        fake.topic(Logs.ID, 3);

        cluster.raisePartitions(Logs.TOPIC, 5);
        cluster.raisePartitions(Logs.TOPIC, 5);
        cluster.raisePartitions(Logs.TOPIC, 4);

        assertThat(cluster.read(Set.of(Logs.TOPIC)).get(Logs.TOPIC).partitions())
                .isEqualTo(5);
    }

    @Test
    void raisePartitions_saysWhatFailed() {
        assertThatThrownBy(() -> cluster.raisePartitions(Logs.TOPIC, 5))
                .isInstanceOf(TelemetryException.class)
                .hasMessage("Cannot raise the partitions of topic t to 5: no topic t");
        fake.topic(Logs.ID, 3);
        fake.fail("createPartitions", new InvalidPartitionsException("too many"));
        assertThatThrownBy(() -> cluster.raisePartitions(Logs.TOPIC, 5)).hasMessageEndingWith("to 5: too many");
        fake.fail("createPartitions", new TopicAuthorizationException("not allowed"));
        assertThatThrownBy(() -> cluster.raisePartitions(Logs.TOPIC, 5)).hasMessageEndingWith("to 5: not allowed");
        assertThatThrownBy(() -> cluster.raisePartitions(Logs.TOPIC, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("partitions: 0 is not 1 or more");
    }

    @Test
    void create_saysWhatCannotBeBuilt() {
        assertThatThrownBy(() -> KafkaTopicCluster.create("nowhere"))
                .isInstanceOf(TelemetryException.class)
                .hasMessageStartingWith("Kafka client of nowhere cannot be built: ");
    }

    @Test
    void close_endsTheClient() {
        cluster.close();

        assertThat(fake.closedWithin).isPresent();
    }
}
