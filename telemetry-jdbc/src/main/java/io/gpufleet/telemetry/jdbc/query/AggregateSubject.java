package io.gpufleet.telemetry.jdbc.query;

/**
 * What an aggregation is of. Immutable.
 *
 * @param kind a GPU, or the kind of a group
 * @param name the id of the GPU, the name of the host or namespace; empty for the fleet
 */
record AggregateSubject(Kind kind, String name) {
    /** A GPU, of which each part has rows of its own, or a group, which has one value of each GPU. */
    enum Kind {
        GPU,
        HOST,
        NAMESPACE,
        FLEET
    }

    boolean isGroup() {
        return kind != Kind.GPU;
    }

    /** Returns the name if this is of a kind; else the empty text. */
    String nameOf(Kind wanted) {
        return kind == wanted ? name : "";
    }
}
