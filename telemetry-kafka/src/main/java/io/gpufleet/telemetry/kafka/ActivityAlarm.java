package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.AlarmPolicy;
import io.gpufleet.telemetry.TelemetryEvent.Activity;
import io.gpufleet.telemetry.TelemetryEvent.ActivityChanged;
import java.time.Duration;
import java.util.Optional;

/**
 * The alarm about a consumer's activity: inactive, stuck, or active again. Time is passed in. Belongs to one thread,
 * except for {@link #isOver}.
 */
final class ActivityAlarm {

    /**
     * The counts of a consumer until now. Immutable.
     *
     * @param hasPartitions false while the consumer waits for partitions, so that no message can come
     * @param polled the polled messages
     * @param batches the written batches
     * @param unwritten the polled messages that are not written yet
     */
    record Work(boolean hasPartitions, long polled, long batches, long unwritten) {}

    private final AlarmPolicy policy;
    private volatile Work before = new Work(false, 0, 0, 0);
    private long polledAtNanos;
    private long writtenAtNanos;
    private Activity activity = Activity.ACTIVE;

    ActivityAlarm(AlarmPolicy policy, long nowNanos) {
        this.policy = policy;
        this.polledAtNanos = nowNanos;
        this.writtenAtNanos = nowNanos;
    }

    /**
     * Evaluates the present counts.
     *
     * @param linger the longest time for which messages may be held on purpose
     * @return the changes to report
     */
    Optional<ActivityChanged> done(long nowNanos, Work now, Duration linger) {
        if (hasPolled(before, now)) {
            polledAtNanos = nowNanos;
        }
        if (hasWritten(before, now)) {
            writtenAtNanos = nowNanos;
        }
        before = now;
        ActivityChanged current = judge(
                Duration.ofNanos(nowNanos - polledAtNanos),
                Duration.ofNanos(nowNanos - writtenAtNanos).minus(linger));
        if (current.activity() == activity) {
            return Optional.empty();
        }
        activity = current.activity();
        return Optional.of(current);
    }

    /** Returns whether work has been done since the last evaluation, by which an activity is over. */
    boolean isOver(Activity judged, Work now) {
        Work last = before;
        return judged == Activity.STUCK ? hasWritten(last, now) : hasPolled(last, now);
    }

    private static boolean hasPolled(Work last, Work now) {
        return !now.hasPartitions() || now.polled() != last.polled();
    }

    private static boolean hasWritten(Work last, Work now) {
        return now.unwritten() == 0 || now.batches() != last.batches();
    }

    private ActivityChanged judge(Duration withoutMessage, Duration withoutWrite) {
        if (withoutWrite.compareTo(policy.stuckAfter()) > 0) {
            return new ActivityChanged(Activity.STUCK, withoutWrite);
        }
        if (withoutMessage.compareTo(policy.inactiveAfter()) > 0) {
            return new ActivityChanged(Activity.INACTIVE, withoutMessage);
        }
        return new ActivityChanged(Activity.ACTIVE, Duration.ZERO);
    }
}
