package io.gpufleet.telemetry;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * The health of a consumer: its troubles, each with its concern. Immutable.
 *
 * @param troubles the troubles, none when it is {@link Status#UP}
 */
public record Health(List<Trouble> troubles) {

    /** The overall health of a consumer. */
    public enum Status {
        /** The consumer works. */
        UP,
        /** The consumer works, but something needs attention: an ongoing retry, a store that does not answer. */
        DEGRADED,
        /** The consumer has stopped. */
        DOWN
    }

    /** The subject of a trouble, which decides who acts on it and which probe fails. */
    public enum Concern {
        /** The consumer, or one of its threads, has ended. */
        ENDED(false),
        /** The consumer has not begun to consume: it waits for its settings, or for the first answer of its group. */
        START(false),
        /** The sink's store fails, does not answer, or accepts nothing. */
        STORE(false),
        /** The brokers do not answer, or do not admit the consumer to its group. */
        CLUSTER(false),
        /** A topic does not exist, may not be read, or is served as two logs. */
        TOPIC(false),
        /** Messages arrive, but nothing is written. */
        STUCK(false),
        /** A partition stands still, or has no leader, while others move. */
        PARTITION(true),
        /** Settings cannot be read or used, and earlier ones or the defaults apply. */
        SETTINGS(true),
        /** The consumer is far behind, or falls behind. */
        LAG(true),
        /** No message has arrived for a long time. */
        INACTIVE(true);

        private final boolean ready;

        Concern(boolean ready) {
            this.ready = ready;
        }
    }

    /**
     * One cause of bad health.
     *
     * @param concern the concern
     * @param subject the affected one of several, such as a partition; empty where there is only one
     * @param reason the reason in words; its figures change while the trouble lasts
     */
    public record Trouble(Concern concern, String subject, String reason) {

        /**
         * Checks the components.
         *
         * @param concern as the component
         * @param subject as the component
         * @param reason as the component
         */
        public Trouble {
            requireNonNull(concern, "concern");
            requireNonNull(subject, "subject");
            requireNonNull(reason, "reason");
        }

        /**
         * Creates a trouble of a concern with one subject only.
         *
         * @param concern as the component
         * @param reason as the component
         */
        public Trouble(Concern concern, String reason) {
            this(concern, "", reason);
        }

        /** Returns concern and reason. */
        @Override
        public String toString() {
            return concern + ": " + reason;
        }
    }

    /**
     * Copies the troubles.
     *
     * @param troubles as the component
     */
    public Health {
        troubles = List.copyOf(troubles);
    }

    /**
     * Creates a health.
     *
     * @param troubles as the component
     * @return the health
     */
    public static Health of(Trouble... troubles) {
        return new Health(List.of(requireNonNull(troubles, "troubles")));
    }

    /**
     * Returns the overall status.
     *
     * @return UP without a trouble, DOWN with one of {@link Concern#ENDED}, DEGRADED with any other
     */
    public Status status() {
        if (troubles.isEmpty()) {
            return Status.UP;
        }
        return troubles.stream().anyMatch(trouble -> trouble.concern() == Concern.ENDED)
                ? Status.DOWN
                : Status.DEGRADED;
    }

    /**
     * Returns whether the consumer is ready, for a readiness probe: it has begun, and brokers, topics and store are
     * available. A consumer that is behind, catches up after a start, waits for messages, or works without one
     * partition or with earlier settings is ready: otherwise a rollout would stall just then.
     *
     * @return true if no trouble is of {@link Concern#ENDED}, {@link Concern#START}, {@link Concern#STORE},
     *     {@link Concern#CLUSTER}, {@link Concern#TOPIC} or {@link Concern#STUCK}
     */
    public boolean isReady() {
        return troubles.stream().allMatch(trouble -> trouble.concern().ready);
    }

    /**
     * Returns the reasons of all troubles, each once.
     *
     * @return texts for a person
     */
    public List<String> reasons() {
        return troubles.stream().map(Trouble::reason).distinct().toList();
    }

    /** Returns the status and the reasons, for example {@code DEGRADED: lag: more than 10000 messages behind}. */
    @Override
    public String toString() {
        return troubles.isEmpty() ? status().name() : status() + ": " + String.join("; ", reasons());
    }
}
