package io.gpufleet.telemetry.examples.operator;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/**
 * A look that is repeated before a group is called stuck: a record that came just now waits in a partition that was
 * quiet for long, and its position moves in a moment. Not thread-safe.
 */
final class SecondLook {
    private final Look look;
    private final Pause pause;

    /** A look at groups. */
    @FunctionalInterface
    interface Look {
        List<GroupStatus> look() throws SQLException;
    }

    /** Waits between two looks. */
    @FunctionalInterface
    interface Pause {
        void pause() throws InterruptedException;
    }

    SecondLook(Look look, Pause pause) {
        this.look = look;
        this.pause = pause;
    }

    /** The groups as they are, in which none is stuck that has moved between two looks. */
    List<GroupStatus> groups(Duration stuckAfter) throws SQLException, InterruptedException {
        List<GroupStatus> first = look.look();
        if (first.stream().allMatch(group -> group.stuck(stuckAfter).isEmpty())) {
            return first;
        }
        pause.pause();
        return look.look();
    }
}
