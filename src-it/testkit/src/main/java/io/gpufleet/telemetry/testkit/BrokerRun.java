package io.gpufleet.telemetry.testkit;

/** One run of a broker on its data, from its start until it has ended. */
interface BrokerRun {
    /** Waits until the broker serves; ends it if it does not. */
    void awaitStarted();

    boolean isRunning();

    /** Stops cleanly. */
    void stop();

    /** SIGKILL. */
    void kill();

    /** SIGSTOP. */
    void suspend();

    /** SIGCONT. */
    void resume();
}
