package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.gpufleet.telemetry.Gap;
import io.gpufleet.telemetry.LogId;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.PositionChange;
import io.gpufleet.telemetry.ResetPolicy;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.kafka.StartPlan.Known;
import io.gpufleet.telemetry.kafka.internal.LogEnd;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** A log that holds the offsets 100 to 199. */
class StartPlanTest {
    private static final OptionalLong NOT_ADOPTED = OptionalLong.empty();
    private static final OptionalLong NOT_TRUNCATED = OptionalLong.empty();
    private static final LogId OLD_LOG = new LogId("a-cluster", new UUID(9, 9));

    private final StartPlan earliest = plan(ResetPolicy.EARLIEST);
    private final StartPlan latest = plan(ResetPolicy.LATEST);
    private final StartPlan none = plan(ResetPolicy.NONE);

    private static StartPlan plan(ResetPolicy policy) {
        return new StartPlan(policy, Logs.partition(3), Logs.ID, 100, new LogEnd(200, 7));
    }

    private static PositionChange start(long offset) {
        Optional<Gap> gap = offset == 100
                ? Optional.empty()
                : Optional.of(new Gap(Gap.Reason.START, Logs.position(100), Logs.position(offset)));
        return new PositionChange(Logs.partition(3), Optional.empty(), Logs.position(offset), gap);
    }

    private static PositionChange adoption(long offset) {
        Gap gap = new Gap(Gap.Reason.ADOPTED, Logs.position(100), Logs.position(offset));
        return new PositionChange(Logs.partition(3), Optional.empty(), Logs.position(offset), Optional.of(gap));
    }

    private static Optional<PositionChange> move(Gap.Reason reason, Position from, long to) {
        return Optional.of(new PositionChange(
                Logs.partition(3),
                Optional.of(from),
                Logs.position(to),
                Optional.of(new Gap(reason, from, Logs.position(to)))));
    }

    private static void assertRefused(ThrowingCallable call, String why) {
        assertThatExceptionOfType(TelemetryException.class)
                .isThrownBy(call)
                .withMessage("t-3 " + why + ", and the reset policy is NONE: set a position in the store, or choose"
                        + " EARLIEST or LATEST");
    }

    @Test
    void first_followsThePolicy() {
        assertThat(earliest.first(NOT_ADOPTED, Known.NOTHING)).isEqualTo(start(100));
        assertThat(latest.first(NOT_ADOPTED, Known.NOTHING)).isEqualTo(start(200));
        assertRefused(() -> none.first(NOT_ADOPTED, Known.NOTHING), "has no stored position");
    }

    @Test
    void first_beginsAPartitionThatWasAddedAtItsBeginning() {
        assertThat(added(earliest, 0))
                .isEqualTo(new PositionChange(Logs.partition(3), Optional.empty(), Logs.position(0), Optional.empty()));
        assertThat(added(latest, 0)).isEqualTo(added(earliest, 0));
        assertThat(added(none, 0)).isEqualTo(added(earliest, 0));
    }

    @Test
    void first_tellsWhatHasExpiredOfAPartitionThatWasAdded() {
        PositionChange expired = new PositionChange(
                Logs.partition(3),
                Optional.empty(),
                Logs.position(100),
                Optional.of(new Gap(Gap.Reason.EXPIRED, Logs.position(0), Logs.position(100))));

        assertThat(added(earliest, 100)).isEqualTo(expired);
        assertThat(added(latest, 100)).isEqualTo(expired);
        assertThat(added(none, 100)).isEqualTo(expired);
    }

    @Test
    void first_tellsWhatIsMissingOfAReplacedTopic() {
        assertThat(earliest.first(NOT_ADOPTED, Known.NAME).gap())
                .contains(new Gap(Gap.Reason.EXPIRED, Logs.position(0), Logs.position(100)));
        assertThat(latest.first(NOT_ADOPTED, Known.NAME).gap())
                .contains(new Gap(Gap.Reason.START, Logs.position(0), Logs.position(200)));
        assertRefused(() -> none.first(NOT_ADOPTED, Known.NAME), "has no stored position");
    }

    private static PositionChange added(StartPlan plan, long beginning) {
        return new StartPlan(plan.policy(), plan.partition(), plan.log(), beginning, plan.end())
                .first(NOT_ADOPTED, Known.LOG);
    }

    @Test
    void first_adoptsAnOffsetThatTheLogHolds() {
        assertThat(earliest.first(OptionalLong.of(150), Known.NOTHING)).isEqualTo(adoption(150));
        assertThat(latest.first(OptionalLong.of(100), Known.NOTHING)).isEqualTo(adoption(100));
        assertThat(none.first(OptionalLong.of(200), Known.NOTHING)).isEqualTo(adoption(200));
    }

    @Test
    void first_doesNotAdoptAnOffsetOutsideTheLog() {
        assertThat(earliest.first(OptionalLong.of(99), Known.NOTHING)).isEqualTo(start(100));
        assertThat(latest.first(OptionalLong.of(201), Known.NOTHING)).isEqualTo(start(200));
        assertThat(latest.first(OptionalLong.of(201), Known.LOG)).isEqualTo(latest.first(NOT_ADOPTED, Known.LOG));
        assertRefused(() -> none.first(OptionalLong.of(99), Known.NOTHING), "has no stored position");
    }

    @Test
    void next_goesOnWhereTheLogHoldsThePosition() {
        assertThat(earliest.next(Logs.position(100), NOT_TRUNCATED)).isEmpty();
        assertThat(latest.next(Logs.position(150), NOT_TRUNCATED)).isEmpty();
        assertThat(none.next(Logs.position(200), NOT_TRUNCATED)).isEmpty();
    }

    @Test
    void next_followsThePolicyWhenTheRecordsAreGone() {
        Position stored = Logs.position(99);

        assertThat(earliest.next(stored, NOT_TRUNCATED)).isEqualTo(move(Gap.Reason.EXPIRED, stored, 100));
        assertThat(latest.next(stored, NOT_TRUNCATED)).isEqualTo(move(Gap.Reason.EXPIRED, stored, 200));
        assertRefused(
                () -> none.next(stored, NOT_TRUNCATED), "has position 99, which lies before the log's beginning 100");
    }

    @Test
    void next_followsThePolicyInAnotherLog() {
        Position stored = new Position(OLD_LOG, 150, 4);

        assertThat(earliest.next(stored, NOT_TRUNCATED)).isEqualTo(move(Gap.Reason.TOPIC_REPLACED, stored, 100));
        assertThat(latest.next(stored, NOT_TRUNCATED)).isEqualTo(move(Gap.Reason.TOPIC_REPLACED, stored, 200));
        assertRefused(() -> none.next(stored, NOT_TRUNCATED), "belongs to a log that was replaced");
    }

    @Test
    void next_continuesATruncatedLogAtItsEnd() {
        Position stored = Logs.position(201);

        assertThat(earliest.next(stored, NOT_TRUNCATED)).isEqualTo(move(Gap.Reason.TRUNCATED, stored, 200));
        assertThat(none.next(stored, NOT_TRUNCATED)).isEqualTo(move(Gap.Reason.TRUNCATED, stored, 200));
    }

    @Test
    void next_continuesATruncatedLogWhereItDiverged() {
        Position stored = Logs.position(180);

        assertThat(earliest.next(stored, OptionalLong.of(170))).isEqualTo(move(Gap.Reason.TRUNCATED, stored, 170));
        assertThat(earliest.next(stored, OptionalLong.of(180))).isEmpty();
        assertThat(earliest.next(stored, OptionalLong.of(190))).isEmpty();
        assertThat(earliest.next(stored, OptionalLong.of(50))).isEqualTo(move(Gap.Reason.TRUNCATED, stored, 100));
    }

    @Test
    void next_forgetsAnEpochThatTheLogHasNotReached() {
        Position newer = new Position(Logs.ID, 180, 8);

        assertThat(earliest.next(newer, NOT_TRUNCATED)).isEqualTo(move(Gap.Reason.TRUNCATED, newer, 180));
        assertThat(none.next(newer, OptionalLong.of(170))).isEqualTo(move(Gap.Reason.TRUNCATED, newer, 170));
        assertThat(earliest.next(new Position(Logs.ID, 180, 7), NOT_TRUNCATED)).isEmpty();
    }

    @Test
    void next_neverGoesBehindTheEnd() {
        Position stored = Logs.position(300);

        assertThat(earliest.next(stored, OptionalLong.of(250))).isEqualTo(move(Gap.Reason.TRUNCATED, stored, 200));
    }
}
