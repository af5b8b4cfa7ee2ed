package io.gpufleet.telemetry.heartbeat;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.Aggregator;
import io.gpufleet.telemetry.Delivery;
import java.time.Instant;
import java.util.Comparator;
import java.util.function.BiConsumer;

/**
 * The newest heartbeat of a client: its current state. Immutable.
 *
 * @param heartbeat the heartbeat
 * @param time its event time
 */
public record NewestHeartbeat(Heartbeat heartbeat, Instant time) {

    /**
     * Checks the components.
     *
     * @param heartbeat as the component
     * @param time as the component
     */
    public NewestHeartbeat {
        requireNonNull(heartbeat, "heartbeat");
        requireNonNull(time, "time");
    }

    /**
     * Returns the client.
     *
     * @return the heartbeat's client id
     */
    public ClientId clientId() {
        return heartbeat.clientId();
    }

    /**
     * Returns the aggregator that keeps the newest heartbeat of each client; of two at the same time, the one with the
     * larger text, in any order of arrival.
     *
     * @return a thread-safe aggregator
     */
    public static Aggregator<Heartbeat, ClientId, NewestHeartbeat> aggregator() {
        return new Fold();
    }

    /** The text holds all components; it is compared rarely, since a client seldom sends two at the same time. */
    private static final Comparator<NewestHeartbeat> ORDER =
            Comparator.comparing(NewestHeartbeat::time).thenComparing(newest -> newest.heartbeat.toString());

    private static final class Fold implements Aggregator<Heartbeat, ClientId, NewestHeartbeat> {
        @Override
        public void fold(Delivery<Heartbeat> delivery, BiConsumer<? super ClientId, ? super NewestHeartbeat> results) {
            results.accept(delivery.value().clientId(), new NewestHeartbeat(delivery.value(), delivery.time()));
        }

        @Override
        public NewestHeartbeat merge(NewestHeartbeat left, NewestHeartbeat right) {
            return ORDER.compare(right, left) > 0 ? right : left;
        }
    }
}
