package io.gpufleet.telemetry.kafka;

/** The tuning that a consumer has now. Thread-safe. */
final class CurrentTuning {
    private final Object lock = new Object();
    private volatile Tuning tuning;

    CurrentTuning(Tuning first) {
        this.tuning = first;
    }

    Tuning get() {
        return tuning;
    }

    /** Takes another tuning; the client's settings stay the same object unless they need another client. */
    void take(Tuning wanted) {
        synchronized (lock) {
            ClientProperties now = tuning.clientProperties();
            tuning = wanted.clientProperties().isSameAs(now) ? with(wanted, now) : wanted;
        }
    }

    /** Goes back from settings of the Kafka client that cannot be had, unless others are wanted by now. */
    void refuse(ClientProperties refused, ClientProperties kept) {
        synchronized (lock) {
            tuning = tuning.clientProperties() == refused ? with(tuning, kept) : tuning;
        }
    }

    private static Tuning with(Tuning tuning, ClientProperties properties) {
        return new Tuning(properties, tuning.batching(), tuning.resetPolicy());
    }
}
