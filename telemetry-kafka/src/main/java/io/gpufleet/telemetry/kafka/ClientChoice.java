package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.config.ConsumerSetting;
import io.gpufleet.telemetry.config.ConsumerSettings;
import io.gpufleet.telemetry.kafka.internal.FailureText;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.errors.InconsistentGroupProtocolException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The choice of settings for the next Kafka client. New settings are on trial until their client has joined the group:
 * if the brokers refuse it, the next client has the settings before, or at a start the defaults in place of the refused
 * ones. Owned by the poll thread; {@link #trouble} and {@link #used} may be called by any.
 */
final class ClientChoice {
    private static final Logger log = LoggerFactory.getLogger(ClientChoice.class);

    /** Longer than a rebalance, unless a member polls seldom. */
    private static final Duration JOIN_LIMIT = Duration.ofMinutes(1);

    private static final Duration FIRST_POLLS = Duration.ofSeconds(10);

    /**
     * The settings of a client.
     *
     * @param wanted the settings of the tuning
     * @param used the settings of the client
     */
    private record Made(ClientProperties wanted, ClientProperties used) {}

    /**
     * Another choice after a failure.
     *
     * @param next the settings
     * @param trouble the reason why they are not the wanted ones; empty if the group will reach those
     * @param back true if they are the previous ones
     */
    record Step(Made next, String trouble, boolean back) {
        ClientProperties used() {
            return next.used();
        }
    }

    private final ConsumerOptions<?> options;
    private volatile Made current;
    private @Nullable Made before;
    private boolean joined;
    private long sinceNanos;
    private volatile String trouble = "";

    ClientChoice(ConsumerOptions<?> options) {
        this.options = options;
        ClientProperties first = options.clientProperties();
        this.current = new Made(first, first);
        this.sinceNanos = options.nanoTime().getAsLong();
    }

    /** Returns the settings of the present or next client. */
    ClientProperties used() {
        return current.used();
    }

    /** Returns whether other settings are wanted. */
    boolean isOutdated() {
        return options.clientProperties() != current.wanted();
    }

    /** Begins with a client of the wanted settings. */
    void begin() {
        ClientProperties wanted = options.clientProperties();
        if (wanted != current.wanted()) {
            before = before == null ? current : before;
            current = new Made(wanted, wanted);
            trouble = "";
        }
        restart();
    }

    private void restart() {
        joined = false;
        sinceNanos = options.nanoTime().getAsLong();
    }

    /** Evaluates the state of a polled client; returns another choice if it should have joined long ago. */
    Optional<Step> polled(boolean hasJoined, boolean clusterAnswers) {
        long now = options.nanoTime().getAsLong();
        if (hasJoined != joined || !clusterAnswers) {
            joined = hasJoined;
            sinceNanos = now;
        }
        Duration since = Duration.ofNanos(now - sinceNanos);
        if (joined && since.compareTo(FIRST_POLLS) >= 0) {
            before = null;
        }
        return !joined && since.compareTo(JOIN_LIMIT) >= 0
                ? after(new TelemetryException("no group was joined within " + JOIN_LIMIT.toSeconds() + " s"))
                : Optional.empty();
    }

    /** Returns whether the client has joined the group. */
    boolean hasJoined() {
        return joined;
    }

    /** Returns the time since which the client has been joining and the cluster has answered. */
    long sinceNanos() {
        return sinceNanos;
    }

    /** Returns settings that may help after a failure; absent if the service's settings are not to blame. */
    Optional<Step> after(RuntimeException failure) {
        Made now = current;
        if (failure instanceof InconsistentGroupProtocolException) {
            return now.used().withEveryStrategy().map(used -> new Step(new Made(now.wanted(), used), trouble, false));
        }
        Set<ConsumerSetting> blamed = JoinRefusal.blamed(failure, joined);
        Made known = before;
        if (known != null) {
            String names = names(now.used(), known.used(), blamed);
            return Optional.of(new Step(known, "settings" + names + " were not taken: " + words(failure), true));
        }
        return now.used().withDefaults(blamed).map(used -> {
            String names = names(now.used(), used, blamed);
            String text = "settings" + names + " cannot be used, and the defaults apply: " + words(failure);
            return new Step(new Made(now.wanted(), used), text, false);
        });
    }

    /** Continues with another choice, with which a client was created. */
    void take(Step step, RuntimeException failure) {
        if (step.back()) {
            options.tuning().refuse(current.wanted(), step.next().wanted(), step.trouble());
            before = null;
        }
        if (step.trouble().isEmpty()) {
            log.info(
                    "Consumer of group {} takes a Kafka client with other settings, because the one before failed: {}",
                    options.groupId(),
                    words(failure));
        }
        current = step.next();
        trouble = step.back() ? "" : step.trouble();
        restart();
    }

    private static String words(RuntimeException failure) {
        return FailureText.of(failure);
    }

    /** Returns the service and its refused values as text. */
    private static String names(ClientProperties refused, ClientProperties next, Set<ConsumerSetting> blamed) {
        Optional<ConsumerSettings> settings = refused.settings();
        if (settings.isEmpty()) {
            return "";
        }
        ConsumerSettings others = next.settings().orElseGet(settings::get);
        String values = others.changesTo(settings.get()).stream()
                .filter(change -> blamed.isEmpty() || blamed.contains(change.setting()))
                .map(change -> change.setting().column() + "="
                        + change.newValue().map(Object::toString).orElse("none"))
                .collect(Collectors.joining(", "));
        return " of service \"" + settings.get().serviceName() + "\" (" + values + ")";
    }

    /** Returns the reason why the client does not have the wanted settings. */
    Optional<String> trouble() {
        return options.tuning().refusal().or(() -> Optional.of(trouble).filter(text -> !text.isEmpty()));
    }
}
