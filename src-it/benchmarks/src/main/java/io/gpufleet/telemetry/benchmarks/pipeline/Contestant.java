package io.gpufleet.telemetry.benchmarks.pipeline;

/** A row of the table: one way to process a backlog. A round is a run, and leaves nothing behind for the next one. */
interface Contestant {

    /** Returns the name of the row. */
    String name();

    /** Returns its settings in words. */
    String settings();

    /** Returns its versions and flags, without those of every row; may be empty. */
    default String details() {
        return "";
    }

    /** Returns whether it can process such a backlog. */
    default boolean takes(Backlog backlog) {
        return true;
    }

    /**
     * Processes the backlog of the stage, and checks the outcome.
     *
     * @throws IllegalStateException if the outcome is wrong
     */
    Figures run(Stage stage) throws Exception;
}
