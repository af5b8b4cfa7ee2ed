package io.gpufleet.telemetry.jdbc.gpu;

/**
 * The reason why the space of a partition is not given back. Immutable.
 *
 * @param kind its kind
 * @param reason the reason, for people
 */
record Obstacle(Kind kind, String reason) {
    /** Kinds of obstacles. */
    enum Kind {
        /** The partition has rows. */
        ROWS,
        /** A snapshot may still see rows. It may pass soon: many snapshots are short. */
        SNAPSHOT,
        /** The partition could not be looked at, such as for a lock or a missing right. */
        OTHER
    }

    static Obstacle rows(String reason) {
        return new Obstacle(Kind.ROWS, reason);
    }

    static Obstacle snapshot(String reason) {
        return new Obstacle(Kind.SNAPSHOT, reason);
    }

    static Obstacle other(String reason) {
        return new Obstacle(Kind.OTHER, reason);
    }

    boolean isRows() {
        return kind == Kind.ROWS;
    }

    boolean isSnapshot() {
        return kind == Kind.SNAPSHOT;
    }
}
