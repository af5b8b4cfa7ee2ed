package io.gpufleet.telemetry.examples.operator;

import java.util.Optional;

/**
 * Who consumes for a group, as its coordinator says. Immutable.
 *
 * @param count how many members the group has; absent if the coordinator did not answer
 * @param failure why it is not known; empty if it is
 */
record GroupMembers(Optional<Integer> count, String failure) {
    static GroupMembers of(int count) {
        return new GroupMembers(Optional.of(count), "");
    }

    static GroupMembers unknown(String why) {
        return new GroupMembers(Optional.empty(), why);
    }
}
