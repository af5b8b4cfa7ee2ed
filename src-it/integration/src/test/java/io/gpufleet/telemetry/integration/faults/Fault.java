package io.gpufleet.telemetry.integration.faults;

/** Something that goes wrong. */
@FunctionalInterface
interface Fault {

    /** What is left to do once the consumers have recovered. */
    @FunctionalInterface
    interface Aftermath {
        Aftermath NONE = () -> {};

        void run() throws Exception;
    }

    /**
     * Lets it go wrong. What nobody could recover from, such as a server that is away, is mended again before this
     * returns.
     */
    Aftermath strike(FaultSite site) throws Exception;
}
