package io.gpufleet.telemetry.integration.faults;

/** A fault. */
@FunctionalInterface
interface Fault {

    /** Cleans up once the consumers have recovered. */
    @FunctionalInterface
    interface Aftermath {
        Aftermath NONE = () -> {};

        void run() throws Exception;
    }

    /** Injects the fault. A fault without recovery, such as a server that is down, is repaired before this returns. */
    Aftermath strike(FaultSite site) throws Exception;
}
