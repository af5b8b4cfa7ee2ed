package io.gpufleet.telemetry.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What has to be true of settings, so that the Kafka client takes them. */
final class SettingRules {
    private SettingRules() {}

    /** All that is wrong; values that are wrong by themselves are not compared with others. */
    static List<String> violations(Map<ConsumerSetting, Object> values) {
        List<String> found = new ArrayList<>();
        values.forEach((setting, value) -> setting.violation(value).ifPresent(found::add));
        Stream.of(
                        above(values, ConsumerSetting.SESSION_TIMEOUT_MS, 2, ConsumerSetting.HEARTBEAT_INTERVAL_MS, 1),
                        above(values, ConsumerSetting.MAX_POLL_INTERVAL_MS, 1, ConsumerSetting.SESSION_TIMEOUT_MS, 1),
                        above(
                                values,
                                ConsumerSetting.RECONNECT_BACKOFF_MAX_MS,
                                1,
                                ConsumerSetting.RECONNECT_BACKOFF_MS,
                                0))
                .flatMap(Optional::stream)
                .forEach(found::add);
        return found;
    }

    /** Requires that the larger one is at least {@code factor} times the smaller one and {@code margin}. */
    private static Optional<String> above(
            Map<ConsumerSetting, Object> values,
            ConsumerSetting larger,
            int factor,
            ConsumerSetting smaller,
            int margin) {
        Object large = values.get(larger);
        Object small = values.get(smaller);
        boolean broken = large instanceof Integer most
                && small instanceof Integer least
                && most < (long) factor * least + margin;
        if (!broken) {
            return Optional.empty();
        }
        return Optional.of(larger.column() + ": " + large + " is not " + (margin > 0 ? "more than " : "at least ")
                + (factor > 1 ? factor + " times " : "") + smaller.column() + " (" + small + ")");
    }
}
