package io.gpufleet.telemetry.examples.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.SourcePartition;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each verdict, and that an unknown figure never looks good. */
final class GroupStatusTest {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final GroupMembers NO_ANSWER = GroupMembers.unknown("the coordinator does not answer");

    private static GroupStatus group(GroupMembers members, PartitionStatus... partitions) {
        return new GroupStatus("g", "t", members, List.of(partitions));
    }

    private static PartitionStatus partition(int number, long lag, Duration unmoved) {
        return new PartitionStatus(
                new SourcePartition("t", number),
                OptionalLong.of(5),
                OptionalLong.of(lag),
                OptionalLong.of(0),
                unmoved,
                "");
    }

    private static PartitionStatus unknown(int number) {
        return new PartitionStatus(
                new SourcePartition("t", number),
                OptionalLong.of(5),
                OptionalLong.empty(),
                OptionalLong.empty(),
                Duration.ofHours(1),
                "no answer");
    }

    /** Without an age, or without a lag, nothing is stuck; with both, it is. */
    @ParameterizedTest
    @CsvSource({
        "1, 0, 0, OK",
        "1, 0, 3600, OK",
        "1, 1, 120, OK",
        "1, 1, 121, STUCK",
        "1, 10000, 1, OK",
        "1, 10001, 1, BEHIND",
        "1, 10001, 121, STUCK",
        "0, 0, 0, DEAD",
        "0, 1, 121, DEAD"
    })
    void verdict_restsOnMembersLagAndAge(int members, long lag, long seconds, Verdict verdict) {
        GroupStatus group = group(GroupMembers.of(members), partition(0, lag, Duration.ofSeconds(seconds)));

        assertThat(group.verdict(LIMIT)).isEqualTo(verdict);
        assertThat(group.why(LIMIT).isEmpty()).isEqualTo(verdict == Verdict.OK);
    }

    @Test
    void membersThatAreNotKnown_areUnknown_whateverTheLag() {
        GroupStatus group = group(NO_ANSWER, partition(0, 0, Duration.ZERO));

        assertThat(group.verdict(LIMIT)).isEqualTo(Verdict.UNKNOWN);
        assertThat(group.why(LIMIT)).isEqualTo("the coordinator does not answer");
    }

    /** A sum without the unknown partition would look small. */
    @Test
    void onePartitionThatIsNotKnown_makesTheGroupUnknown() {
        GroupStatus group = group(GroupMembers.of(1), partition(0, 7, Duration.ZERO), unknown(1));

        assertThat(group.lag()).isEmpty();
        assertThat(group.verdict(LIMIT)).isEqualTo(Verdict.UNKNOWN);
        assertThat(group.why(LIMIT)).isEqualTo("no answer");
    }

    @Test
    void oneStuckPartition_isNamedAmongOthersThatMove() {
        GroupStatus group =
                group(GroupMembers.of(1), partition(0, 7, Duration.ZERO), partition(1, 7, Duration.ofHours(1)));

        assertThat(group.verdict(LIMIT)).isEqualTo(Verdict.STUCK);
        assertThat(group.why(LIMIT)).contains("t-1");
    }

    @Test
    void deadStuckAndUnknown_areAlarming_andNothingElse() {
        assertThat(Stream.of(Verdict.values()).filter(Verdict::isAlarming))
                .containsExactlyInAnyOrder(Verdict.DEAD, Verdict.STUCK, Verdict.UNKNOWN);
    }
}
