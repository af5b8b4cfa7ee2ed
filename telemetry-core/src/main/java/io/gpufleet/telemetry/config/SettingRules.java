package io.gpufleet.telemetry.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The rules for settings that the Kafka client accepts, and with which it does not stand still. */
final class SettingRules {
    /**
     * Two settings of which one must be larger than the other.
     *
     * @param larger the larger one
     * @param factor the least multiple of the smaller one
     * @param smaller the smaller one
     * @param margin the least amount above that multiple, 1 or 0
     */
    private record Rule(ConsumerSetting larger, int factor, ConsumerSetting smaller, int margin) {
        Optional<Violation> violation(Map<ConsumerSetting, Object> values) {
            return allowed(values, larger)
                    .flatMap(large -> allowed(values, smaller)
                            .filter(small -> large < (long) factor * small + margin)
                            .map(small -> new Violation(Set.of(larger, smaller), text(large, small))));
        }

        private static Optional<Integer> allowed(Map<ConsumerSetting, Object> values, ConsumerSetting setting) {
            return Optional.ofNullable(values.get(setting))
                    .filter(value -> setting.violation(value).isEmpty())
                    .map(Integer.class::cast);
        }

        private String text(int large, int small) {
            return larger.column() + ": " + large + " is not " + (margin > 0 ? "more than " : "at least ")
                    + (factor > 1 ? factor + " times " : "") + smaller.column() + " (" + small + ")";
        }
    }

    /**
     * A fault.
     *
     * @param settings the settings, at least one of which needs another value
     * @param text setting, value, and what is allowed
     */
    record Violation(Set<ConsumerSetting> settings, String text) {}

    private static final List<Rule> RULES = List.of(
            new Rule(ConsumerSetting.SESSION_TIMEOUT_MS, 2, ConsumerSetting.HEARTBEAT_INTERVAL_MS, 1),
            new Rule(ConsumerSetting.MAX_POLL_INTERVAL_MS, 1, ConsumerSetting.SESSION_TIMEOUT_MS, 1),
            // Between two checks for a due heartbeat, the client pauses for the backoff of a retry.
            new Rule(ConsumerSetting.SESSION_TIMEOUT_MS, 2, ConsumerSetting.RETRY_BACKOFF_MS, 1),
            new Rule(ConsumerSetting.RECONNECT_BACKOFF_MAX_MS, 1, ConsumerSetting.RECONNECT_BACKOFF_MS, 0),
            // A broker that may not collect that many bytes delays every fetch, whatever the log holds.
            new Rule(ConsumerSetting.FETCH_MAX_BYTES, 1, ConsumerSetting.FETCH_MIN_BYTES, 0),
            new Rule(ConsumerSetting.MAX_PARTITION_FETCH_BYTES, 1, ConsumerSetting.FETCH_MIN_BYTES, 0),
            // A fetch that the client gives up before the broker answers never succeeds.
            new Rule(ConsumerSetting.REQUEST_TIMEOUT_MS, 1, ConsumerSetting.FETCH_MAX_WAIT_MS, 1),
            new Rule(ConsumerSetting.CONNECTIONS_MAX_IDLE_MS, 1, ConsumerSetting.FETCH_MAX_WAIT_MS, 1));

    private SettingRules() {}

    /** Returns all faults; values that are invalid by themselves are not compared with others. */
    static List<Violation> violations(Map<ConsumerSetting, Object> values) {
        List<Violation> found = new ArrayList<>();
        values.forEach((setting, value) ->
                setting.violation(value).ifPresent(text -> found.add(new Violation(Set.of(setting), text))));
        RULES.stream().flatMap(rule -> rule.violation(values).stream()).forEach(found::add);
        return found;
    }
}
