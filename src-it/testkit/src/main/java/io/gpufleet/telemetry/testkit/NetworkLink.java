package io.gpufleet.telemetry.testkit;

/** A link to a port of this machine that a test can hold, such as a {@code TcpProxy}. Thread-safe. */
public interface NetworkLink extends AutoCloseable {

    /**
     * Returns the local port of the link, on the loopback address.
     *
     * @return the same port over all faults
     */
    int port();

    /** Holds all data, in both directions, until {@link #heal()}. Nothing is lost. */
    void hold();

    /** Ends all faults; held data passes at once. */
    void heal();

    /** Closes the link. */
    @Override
    void close();
}
