package io.gpufleet.telemetry.examples.operator;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/**
 * A repeated look, before a group counts as stuck: a new record in a partition that was quiet for long may only need a
 * moment. Not thread-safe.
 */
final class SecondLook {
    private final Look look;
    private final Pause pause;

    /** A look at the groups. */
    @FunctionalInterface
    interface Look {
        List<GroupStatus> look() throws SQLException;
    }

    /** The wait between two looks. */
    @FunctionalInterface
    interface Pause {
        void pause() throws InterruptedException;
    }

    SecondLook(Look look, Pause pause) {
        this.look = look;
        this.pause = pause;
    }

    /** Returns the current groups; none of them counts as stuck if it has moved between two looks. */
    List<GroupStatus> groups(Duration stuckAfter) throws SQLException, InterruptedException {
        List<GroupStatus> first = look.look();
        if (first.stream().allMatch(group -> group.stuck(stuckAfter).isEmpty())) {
            return first;
        }
        pause.pause();
        return look.look();
    }
}
