package io.gpufleet.telemetry.testkit;

/** A way to a port of this machine that a test can hold, such as a {@code TcpProxy}. Thread-safe. */
public interface NetworkLink extends AutoCloseable {

    /**
     * Returns the port at which the way begins, on the loopback address.
     *
     * @return the same port over all faults
     */
    int port();

    /** Passes nothing on, in either direction, until {@link #heal()}. Nothing gets lost. */
    void hold();

    /** Ends all faults; what was held passes at once. */
    void heal();

    /** Ends the way. */
    @Override
    void close();
}
