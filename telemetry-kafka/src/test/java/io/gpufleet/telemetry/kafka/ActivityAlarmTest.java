package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.AlarmPolicy;
import io.gpufleet.telemetry.TelemetryEvent.Activity;
import io.gpufleet.telemetry.TelemetryEvent.ActivityChanged;
import io.gpufleet.telemetry.kafka.ActivityAlarm.Work;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ActivityAlarmTest {
    private final ActivityAlarm alarm = new ActivityAlarm(AlarmPolicy.defaults(), 0);

    private Optional<ActivityChanged> at(long seconds, Work work) {
        return at(seconds, work, Duration.ZERO);
    }

    private Optional<ActivityChanged> at(long seconds, Work work, Duration linger) {
        return alarm.done(Duration.ofSeconds(seconds).toNanos(), work, linger);
    }

    @Test
    void done_isInactiveAfterFiveMinutesWithoutAMessage() {
        assertThat(at(0, new Work(true, 7, 1, 0))).isEmpty();
        assertThat(at(300, new Work(true, 7, 1, 0))).isEmpty();
        assertThat(at(301, new Work(true, 7, 1, 0)))
                .contains(new ActivityChanged(Activity.INACTIVE, Duration.ofSeconds(301)));
        assertThat(at(302, new Work(true, 7, 1, 0))).as("nothing new").isEmpty();
        assertThat(at(303, new Work(true, 8, 2, 0))).contains(new ActivityChanged(Activity.ACTIVE, Duration.ZERO));
    }

    @Test
    void done_isNotInactiveWithoutPartitions() {
        assertThat(at(301, new Work(false, 0, 0, 0))).isEmpty();
        assertThat(at(500, new Work(true, 0, 0, 0))).isEmpty();
        assertThat(at(602, new Work(true, 0, 0, 0))).isPresent();
    }

    @Test
    void done_isStuckWhenMessagesAreHeldAndNothingIsWritten() {
        assertThat(at(10, new Work(true, 5, 1, 5))).isEmpty();
        assertThat(at(130, new Work(true, 9, 1, 9))).isEmpty();
        assertThat(at(131, new Work(true, 9, 1, 9)))
                .contains(new ActivityChanged(Activity.STUCK, Duration.ofSeconds(121)));
        assertThat(at(132, new Work(true, 9, 2, 0)))
                .map(ActivityChanged::activity)
                .contains(Activity.ACTIVE);
    }

    @Test
    void done_isNotStuckWhileMessagesAreHeldOnPurpose() {
        Duration linger = Duration.ofHours(1);

        assertThat(at(0, new Work(true, 5, 0, 5), linger)).isEmpty();
        assertThat(at(3_700, new Work(true, 6, 0, 6), linger)).isEmpty();
        assertThat(at(3_721, new Work(true, 7, 0, 7), linger)).isPresent();
    }
}
