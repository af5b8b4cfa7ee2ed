package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.kafka.internal.TopicAdmin;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.DisconnectException;
import org.jspecify.annotations.Nullable;

/**
 * A client for questions to chosen brokers, replaced on request. {@link #get} and the client belong to one thread at a
 * time; {@link #renew} and {@link #stop} are called by any.
 */
final class OwnedCalls {
    private final Supplier<BrokerCalls> clients;
    private volatile @Nullable BrokerCalls owned;
    private volatile boolean outdated;
    private volatile boolean closed;

    OwnedCalls(Supplier<BrokerCalls> clients) {
        this.clients = clients;
    }

    BrokerCalls get() {
        if (closed) {
            throw TopicAdmin.failure("ask the brokers", new DisconnectException("closed"));
        }
        BrokerCalls current = owned;
        if (current == null || outdated) {
            outdated = false;
            release();
            current = make();
            owned = current;
        }
        return current;
    }

    private BrokerCalls make() {
        try {
            return clients.get();
        } catch (TelemetryException e) {
            throw TopicAdmin.failure("ask the brokers", new DisconnectException(e.getMessage(), e));
        }
    }

    /** Ends the question under way; the next one gets another client. */
    void renew() {
        outdated = true;
        interrupt();
    }

    /** Ends the question under way, and refuses all that follow. */
    void stop() {
        closed = true;
        interrupt();
    }

    private void interrupt() {
        BrokerCalls current = owned;
        if (current != null) {
            current.stop();
        }
    }

    boolean isStopped() {
        return closed;
    }

    void release() {
        BrokerCalls current = owned;
        if (current != null) {
            owned = null;
            current.close();
        }
    }
}
