package io.gpufleet.telemetry.kafka;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The present tuning of a consumer. Thread-safe. */
final class CurrentTuning {
    private final Object lock = new Object();
    private volatile Tuning tuning;
    private @Nullable ClientProperties refused;
    private volatile @Nullable String reason;

    CurrentTuning(Tuning first) {
        this.tuning = first;
    }

    Tuning get() {
        return tuning;
    }

    /**
     * Applies another tuning; the client's settings stay the same object unless they need another client. Refused
     * settings are not retried before they change.
     */
    void take(Tuning wanted) {
        synchronized (lock) {
            ClientProperties now = tuning.clientProperties();
            boolean isRefused = refused != null && wanted.clientProperties().isSameAs(refused);
            refused = isRefused ? refused : null;
            reason = isRefused ? reason : null;
            tuning = isRefused || wanted.clientProperties().isSameAs(now) ? with(wanted, now) : wanted;
        }
    }

    /**
     * Returns from unusable settings of the Kafka client to the kept ones, unless others are wanted by now.
     *
     * @param why the reason of the refusal
     */
    void refuse(ClientProperties unusable, ClientProperties kept, String why) {
        synchronized (lock) {
            if (tuning.clientProperties() == unusable) {
                tuning = with(tuning, kept);
                refused = unusable;
                reason = why;
            }
        }
    }

    /** Returns the reason why the client does not have the wanted settings. */
    Optional<String> refusal() {
        return Optional.ofNullable(reason);
    }

    private static Tuning with(Tuning tuning, ClientProperties properties) {
        return new Tuning(properties, tuning.batching(), tuning.resetPolicy());
    }
}
