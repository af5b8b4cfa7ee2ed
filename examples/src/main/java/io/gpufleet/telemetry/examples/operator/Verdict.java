package io.gpufleet.telemetry.examples.operator;

/** The state of a group in a topic; the later, the worse. */
enum Verdict {
    /** Few records wait, or none, and it has members. */
    OK,
    /** Many records wait, but it moves. */
    BEHIND,
    /** Unknown: brokers do not answer, the topic is gone, or a position is in another log. */
    UNKNOWN,
    /** Stuck: it has members and records wait in a partition, but its position does not move. */
    STUCK,
    /** Dead: it has no members, so no consumer runs. */
    DEAD;

    /** Returns whether an operator must act. */
    boolean isAlarming() {
        return this == DEAD || this == STUCK || this == UNKNOWN;
    }
}
