package io.gpufleet.telemetry.kafka.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.kafka.FakeCluster;
import io.gpufleet.telemetry.kafka.Logs;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownServerException;
import org.junit.jupiter.api.Test;

class TopicAdminTest {
    private final FakeCluster cluster = new FakeCluster();
    private final TopicAdmin admin = cluster.topicAdmin();

    private TopicAdmin.ClusterException describing() {
        return catchThrowableOfType(TopicAdmin.ClusterException.class, () -> admin.describe(Set.of(Logs.TOPIC)));
    }

    @Test
    void describe_leavesOutWhatDoesNotExist() {
        assertThat(admin.describe(Set.of(Logs.TOPIC))).isEmpty();

        cluster.topic(Logs.ID, 3);

        assertThat(admin.describe(Set.of(Logs.TOPIC, "other")))
                .isEqualTo(Map.of(Logs.TOPIC, new TopicFacts(Logs.ID.topicId(), 3)));
    }

    @Test
    void describe_saysWhatFailed() {
        cluster.topic(Logs.ID, 3);
        cluster.fail("describeTopics", new TopicAuthorizationException("not allowed"));

        TopicAdmin.ClusterException failure = describing();

        assertThat(failure).hasMessage("Cannot describe topic t: not allowed");
        assertThat(TopicAdmin.isRetriable(failure)).isFalse();
    }

    @Test
    void isRetriable_ofWhatChangesByItself() {
        cluster.topic(Logs.ID, 3);
        cluster.fail("describeTopics", new NotLeaderOrFollowerException("moving"));

        assertThat(TopicAdmin.isRetriable(describing())).isTrue();
    }

    @Test
    void isRetriable_ofSilence() {
        cluster.topic(Logs.ID, 3);
        cluster.silence("describeTopics");

        TopicAdmin.ClusterException failure = describing();

        assertThat(failure).hasMessage("Cannot describe topic t: no answer within 50 ms");
        assertThat(TopicAdmin.isRetriable(failure)).isTrue();
    }

    @Test
    void describe_restoresAnInterrupt() {
        cluster.topic(Logs.ID, 3);
        cluster.silence("describeTopics");
        Thread.currentThread().interrupt();

        assertThat(describing()).hasMessage("Cannot describe topic t: interrupted");
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void offsets_areThoseOfTheLogs() {
        cluster.log(0, 5, 9);
        cluster.holdBack(0, 12);

        assertThat(admin.beginnings(List.of(Logs.partition(0))).all()).isEqualTo(Map.of(Logs.partition(0), 5L));
        assertThat(admin.ends(List.of(Logs.partition(0))).all())
                .isEqualTo(Map.of(Logs.partition(0), new LogEnd(9, -1)));
        assertThat(admin.highWatermarks(List.of(Logs.partition(0))).all()).isEqualTo(Map.of(Logs.partition(0), 12L));
    }

    @Test
    void offsets_ofAPartitionThatCannotBeAskedCostNoOtherOnes() {
        cluster.log(0, 5, 9);
        cluster.log(3, 1, 2);
        cluster.topic(Logs.ID, 4);
        cluster.leaderless.add(1);
        cluster.damage(2, Optional.of(new UnknownServerException("disk")));
        cluster.damage(3, Optional.empty());
        admin.describe(Set.of(Logs.TOPIC));

        Answers<SourcePartition, Long> answers =
                admin.beginnings(IntStream.range(0, 4).mapToObj(Logs::partition).toList());

        assertThat(answers.known()).isEqualTo(Map.of(Logs.partition(0), 5L));
        assertThat(answers.failures().values())
                .extracting(Throwable::getMessage)
                .containsExactlyInAnyOrder(
                        "Cannot read the offsets of t-1: it has no leader: the brokers that hold it are down",
                        "Cannot read the offsets of t-2: disk",
                        "Cannot read the offsets of t-3: no answer within 50 ms");
        assertThatExceptionOfType(TopicAdmin.ClusterException.class).isThrownBy(answers::all);
    }

    @Test
    void offsets_ofALeaderThatIsBackAreAskedFor() {
        cluster.topic(Logs.ID, 1);
        cluster.leaderless.add(0);
        admin.describe(Set.of(Logs.TOPIC));
        assertThat(admin.ends(List.of(Logs.partition(0))).known()).isEmpty();

        cluster.heal();
        admin.describe(Set.of(Logs.TOPIC));

        assertThat(admin.ends(List.of(Logs.partition(0))).known()).hasSize(1);
    }

    @Test
    void committed_areTheGroups() {
        cluster.commit(0, 7);

        assertThat(admin.committed("g").get(Logs.partition(0)).offset()).isEqualTo(7);

        cluster.fail("listConsumerGroupOffsets", new GroupAuthorizationException("g"));
        assertThat(catchThrowableOfType(TopicAdmin.ClusterException.class, () -> admin.committed("g")))
                .hasMessageStartingWith("Cannot read the committed offsets of group g");
    }

    @Test
    void logAppendTime_isToldOfEachTopic() {
        cluster.withLogAppendTime.add("b");

        assertThat(admin.logAppendTime(List.of("a", "b")).all()).isEqualTo(Map.of("a", false, "b", true));
    }

    @Test
    void renew_makesAnotherClientWhenItCan() {
        cluster.topic(Logs.ID, 3);
        AtomicReference<Supplier<Admin>> clients = new AtomicReference<>(cluster::admin);
        TopicAdmin renewed = new TopicAdmin(() -> clients.get().get(), 50);
        clients.set(() -> {
            throw new TelemetryException("no server is known");
        });

        renewed.renew();

        assertThatExceptionOfType(TopicAdmin.ClusterException.class)
                .isThrownBy(() -> renewed.describe(Set.of(Logs.TOPIC)))
                .withMessage("Cannot ask the cluster: no server is known")
                .matches(TopicAdmin::isRetriable, "retriable");

        clients.set(cluster::admin);

        assertThat(renewed.describe(Set.of(Logs.TOPIC))).hasSize(1);
    }

    @Test
    void close_makesNoClientAgain() {
        admin.renew();

        admin.close();

        assertThat(describing()).hasMessage("Cannot ask the cluster: the admin client was closed");
    }
}
