package io.gpufleet.telemetry.examples.operator;

/** How a group does in a topic; the later, the worse. */
enum Verdict {
    /** It has members, and little or nothing waits. */
    OK,
    /** It moves, and much waits. */
    BEHIND,
    /** It cannot be said: brokers do not answer, the topic is gone, or a position is one in another log. */
    UNKNOWN,
    /** It has members, records wait in a partition, and its position does not move. */
    STUCK,
    /** It has no members: no consumer runs. */
    DEAD;

    /** Returns true if an operator has to act. */
    boolean isAlarming() {
        return this == DEAD || this == STUCK || this == UNKNOWN;
    }
}
