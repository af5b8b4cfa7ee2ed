package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.Position;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.junit.jupiter.api.Test;

class OffsetCommitsTest {
    private static final Duration LIMIT = Duration.ofSeconds(1);

    private final FakeConsumer consumer = new FakeConsumer();
    private final OffsetCommits commits = new OffsetCommits(consumer, 0);

    private static AssignedPartition at(int partition, long durable, int epoch) {
        AssignedPartition assigned = new AssignedPartition(Logs.kafkaName(partition), 1);
        assigned.begin(new Position(Logs.ID, durable, epoch));
        return assigned;
    }

    private void commitAfter(long millis) {
        commits.commitNow(TimeUnit.MILLISECONDS.toNanos(millis));
    }

    @Test
    void commitNow_commitsOnceASecond() {
        commits.add(at(0, 5, -1));
        commitAfter(999);
        assertThat(consumer.asyncCommits).isEmpty();

        commits.add(at(0, 6, -1));
        commitAfter(1_000);
        consumer.answerCommit(null);
        commits.add(at(0, 7, -1));
        commitAfter(1_999);
        commitAfter(2_000);

        assertThat(consumer.asyncCommits)
                .extracting(commit -> FakeConsumer.committed(commit, 0))
                .containsExactly(6L, 7L);
    }

    @Test
    void commitNow_withoutNewsDoesNothing() {
        commits.add(at(0, 5, -1));
        commitAfter(1_000);
        consumer.answerCommit(null);

        commitAfter(5_000);

        assertThat(consumer.asyncCommits).hasSize(1);
    }

    @Test
    void commitNow_carriesTheLeaderEpochAndTheLog() {
        commits.add(at(0, 5, 9));
        commits.add(at(1, 6, -1));

        commitAfter(1_000);

        assertThat(consumer.asyncCommits)
                .containsExactly(Map.of(
                        Logs.kafkaName(0), new OffsetAndMetadata(5, Optional.of(9), CommitMark.of(Logs.ID)),
                        Logs.kafkaName(1), new OffsetAndMetadata(6, Optional.empty(), CommitMark.of(Logs.ID))));
    }

    @Test
    void commitNow_keepsWhatFailedDue() {
        commits.add(at(0, 5, -1));
        commitAfter(1_000);
        consumer.answerCommit(new CommitFailedException());

        commitAfter(1_500);
        commitAfter(2_000);

        assertThat(consumer.asyncCommits)
                .extracting(commit -> FakeConsumer.committed(commit, 0))
                .containsExactly(5L, 5L);
    }

    @Test
    void commitNow_keepsWhatCameMeanwhileDue() {
        commits.add(at(0, 5, -1));
        commitAfter(1_000);
        commits.add(at(0, 6, -1));
        consumer.answerCommit(null);

        commitAfter(2_000);

        assertThat(consumer.asyncCommits)
                .extracting(commit -> FakeConsumer.committed(commit, 0))
                .containsExactly(5L, 6L);
    }

    @Test
    void commitNow_waitsForTheAnswerBefore() {
        commits.add(at(0, 5, -1));
        commitAfter(1_000);
        commits.add(at(0, 6, -1));

        commitAfter(9_000);

        assertThat(consumer.asyncCommits).hasSize(1);
    }

    @Test
    void forget_dropsWhatIsDue() {
        commits.add(at(0, 5, -1));
        commits.add(at(1, 5, -1));

        commits.forget(List.of(Logs.kafkaName(0)));
        commitAfter(1_000);

        assertThat(consumer.asyncCommits)
                .containsExactly(
                        Map.of(Logs.kafkaName(1), new OffsetAndMetadata(5, Optional.empty(), CommitMark.of(Logs.ID))));
    }

    @Test
    void commitAndWait_commitsWhatIsDue() {
        commits.commitAndWait(LIMIT);
        commits.add(at(0, 5, -1));

        commits.commitAndWait(LIMIT);
        commits.commitAndWait(LIMIT);

        assertThat(consumer.syncCommits)
                .extracting(commit -> FakeConsumer.committed(commit, 0))
                .containsExactly(5L);
    }

    @Test
    void commitAndWait_keepsWhatFailedDue() {
        consumer.commitFailure = new CommitFailedException();
        commits.add(at(0, 5, -1));
        commits.commitAndWait(LIMIT);
        consumer.commitFailure = null;

        commits.commitAndWait(LIMIT);

        assertThat(consumer.syncCommits).hasSize(2);
    }
}
