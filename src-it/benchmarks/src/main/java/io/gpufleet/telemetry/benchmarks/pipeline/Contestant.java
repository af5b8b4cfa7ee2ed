package io.gpufleet.telemetry.benchmarks.pipeline;

/** A row of the table: one way to get a backlog done. A round is a run; nothing is left of it for the next one. */
interface Contestant {

    /** What the row is called. */
    String name();

    /** How it is set, in words. */
    String settings();

    /** What it is made of: versions and flags, as far as they are not those of every row; may be empty. */
    default String details() {
        return "";
    }

    /** Whether it can do such a backlog. */
    default boolean takes(Backlog backlog) {
        return true;
    }

    /**
     * Does the backlog of the stage, and checks that all of it is where it belongs.
     *
     * @throws IllegalStateException if it is not
     */
    Figures run(Stage stage) throws Exception;
}
