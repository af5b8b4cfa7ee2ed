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
     * Injects the fault. A fault without recovery, such as a server that is away, is mended again before this returns.
     */
    Aftermath strike(FaultSite site) throws Exception;
}
