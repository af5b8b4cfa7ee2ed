package io.gpufleet.telemetry.examples.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.SourcePartition;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Looks follow each other, and a group that one of them saw move does not count as stuck. */
final class SecondLookTest {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final GroupStatus AT_REST = group(0, Duration.ofHours(1));
    private static final GroupStatus WAITING = group(1, Duration.ofHours(1));
    private static final GroupStatus MOVED = group(1, Duration.ofSeconds(1));

    private final AtomicInteger pauses = new AtomicInteger();

    private static GroupStatus group(long lag, Duration unmoved) {
        PartitionStatus partition = new PartitionStatus(
                new SourcePartition("t", 0), OptionalLong.of(5), OptionalLong.of(lag), OptionalLong.of(0), unmoved, "");
        return new GroupStatus("g", "t", GroupMembers.of(1), List.of(partition));
    }

    private Verdict seen(GroupStatus... looks) throws Exception {
        Deque<GroupStatus> left = new ArrayDeque<>(List.of(looks));
        List<GroupStatus> groups = new SecondLook(() -> List.of(left.remove()), pauses::incrementAndGet).groups(LIMIT);
        assertThat(left).isEmpty();
        return groups.get(0).verdict(LIMIT);
    }

    @Test
    void positionThatMovesBetweenTheLooks_isNotStuck() throws Exception {
        assertThat(seen(WAITING, MOVED)).isEqualTo(Verdict.OK);
        assertThat(pauses).hasValue(1);
    }

    @Test
    void positionThatDoesNotMoveBetweenTheLooks_isStuck() throws Exception {
        assertThat(seen(WAITING, WAITING)).isEqualTo(Verdict.STUCK);
    }

    @Test
    void oneLook_isEnoughWhereNothingSeemsStuck() throws Exception {
        assertThat(seen(AT_REST)).isEqualTo(Verdict.OK);
        assertThat(pauses).hasValue(0);
    }
}
