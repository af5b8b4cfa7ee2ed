package io.gpufleet.telemetry.examples.rest.ingest;

/** What becomes of an element. Immutable. */
sealed interface Verdict {

    /**
     * A sample that the consumer stores.
     *
     * @param uuid its GPU
     * @param json the element as it came
     */
    record Good(String uuid, String json) implements Verdict {}

    /**
     * An element that the consumer would not store.
     *
     * @param reason why
     */
    record Bad(String reason) implements Verdict {}
}
