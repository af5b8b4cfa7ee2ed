package io.gpufleet.telemetry.examples.operator;

import java.util.Optional;

/**
 * The members of a group, from its coordinator. Immutable.
 *
 * @param count the number of members; absent if the coordinator did not answer
 * @param failure the reason why it is unknown; empty if it is known
 */
record GroupMembers(Optional<Integer> count, String failure) {
    static GroupMembers of(int count) {
        return new GroupMembers(Optional.of(count), "");
    }

    static GroupMembers unknown(String why) {
        return new GroupMembers(Optional.empty(), why);
    }
}
