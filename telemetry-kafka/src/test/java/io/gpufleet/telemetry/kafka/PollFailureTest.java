package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.TelemetryEvent.Stall;
import java.nio.BufferUnderflowException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PollFailureTest {
    private static final List<TopicPartition> ASSIGNED = List.of(
            new TopicPartition("t", 0),
            new TopicPartition("t", 1),
            new TopicPartition("t", 10),
            new TopicPartition("t-1", 0),
            new TopicPartition("t-0.", 5),
            new TopicPartition("a.t", 1));

    private static PollFailure of(RuntimeException failure) {
        return PollFailure.of(failure, ASSIGNED);
    }

    /** The texts are copied from the client. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Received exception when fetching the next record from t-1. If needed, please seek past the record to"
                        + " continue consumption.",
                "Failed to make progress reading messages at t-1=52. Received a non-empty fetch response from the server,"
                        + " but no complete records were found.",
                "Encountered corrupt message when fetching offset 52 for topic-partition t-1",
                "Record batch for partition t-1 at offset 52 is invalid, cause: Record is corrupt"
            })
    void partition_isTheOneThatTheTextNames(String text) {
        assertThat(of(new KafkaException(text)))
                .isEqualTo(new PollFailure(Optional.of(Stall.UNREADABLE), Set.of(new TopicPartition("t", 1))));
    }

    @Test
    void partition_isNamedByACodeThatTheClientDoesNotKnow() {
        assertThat(of(new IllegalStateException(
                                "Unexpected error code 99 while fetching at offset 5 from topic-partition t-1-0"))
                        .partitions())
                .containsExactly(new TopicPartition("t-1", 0));
    }

    @ParameterizedTest
    @MethodSource("ofALog")
    void failureOfALog_thatNamesNobodyIsSomebodys(RuntimeException failure) {
        assertThat(of(failure).stall()).contains(Stall.UNREADABLE);
        assertThat(of(failure).partitions()).isEmpty();
    }

    static Stream<RuntimeException> ofALog() {
        return Stream.of(
                new CorruptRecordException("Record size -2147470641 is less than the minimum record overhead (14)"),
                new InvalidRecordException("Invalid magic"),
                new IllegalArgumentException("Unknown compression type id: 7"),
                new BufferUnderflowException());
    }

    @Test
    void refusedTopic_isAllOfItsPartitions() {
        PollFailure failure = of(new TopicAuthorizationException(Set.of("t-1", "unknown")));

        assertThat(failure.stall()).contains(Stall.FORBIDDEN);
        assertThat(failure.partitions()).containsExactly(new TopicPartition("t-1", 0));
    }

    @ParameterizedTest
    @MethodSource("ofNoPartition")
    void failureOfNoPartition_isNobodys(RuntimeException failure) {
        assertThat(of(failure).stall()).isEmpty();
    }

    static Stream<RuntimeException> ofNoPartition() {
        return Stream.of(
                new GroupAuthorizationException("g"),
                new AuthenticationException("wrong password of t-1"),
                new FencedInstanceIdException("t-1"),
                new KafkaException("User rebalance callback throws an error"),
                new KafkaException("Received exception when fetching the next record from elsewhere-1."),
                new IllegalStateException("Consumer is not subscribed to any topics"));
    }
}
