package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.config.ConsumerSetting;
import io.gpufleet.telemetry.config.SettingEffect;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.GroupMaxSizeReachedException;
import org.apache.kafka.common.errors.InconsistentGroupProtocolException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidSessionTimeoutException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.UnreleasedInstanceIdException;
import org.apache.kafka.common.errors.UnsupportedAssignorException;

/** A group's refusal of a member: the setting to blame, and whether waiting helps. */
final class JoinRefusal {
    /** The settings that must fit the session timeout. */
    private static final Set<ConsumerSetting> MEMBERSHIP = Set.of(
            ConsumerSetting.SESSION_TIMEOUT_MS,
            ConsumerSetting.HEARTBEAT_INTERVAL_MS,
            ConsumerSetting.MAX_POLL_INTERVAL_MS);

    private JoinRefusal() {}

    /**
     * Returns whether the group will admit the member later: when another one has left, or its own former session has
     * ended.
     */
    static boolean passes(KafkaException failure) {
        return failure instanceof GroupMaxSizeReachedException || failure instanceof UnreleasedInstanceIdException;
    }

    /** Returns whether other settings of the client may help. */
    static boolean mayBeOfSettings(KafkaException failure) {
        return !(failure instanceof InterruptException
                || failure instanceof AuthenticationException
                || failure instanceof AuthorizationException
                || failure instanceof RetriableException);
    }

    /** Returns the settings that may be to blame; none if the client has joined and the failure does not name one. */
    static Set<ConsumerSetting> blamed(RuntimeException failure, boolean joined) {
        if (failure instanceof InvalidSessionTimeoutException) {
            return MEMBERSHIP;
        }
        if (failure instanceof UnsupportedAssignorException) {
            return Set.of(ConsumerSetting.PARTITION_ASSIGNMENT_STRATEGY);
        }
        return joined
                ? Set.of()
                : Arrays.stream(ConsumerSetting.values())
                        .filter(setting -> setting.effect() == SettingEffect.NEW_CLIENT)
                        .collect(Collectors.toSet());
    }

    /** Returns the failure with the refused setting, for a person; other failures unchanged. */
    static RuntimeException inOneLine(KafkaException failure, String group, ClientProperties properties) {
        if (failure instanceof InvalidSessionTimeoutException) {
            return refused(failure, group, properties, ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, "");
        }
        if (failure instanceof InconsistentGroupProtocolException) {
            return refused(
                    failure,
                    group,
                    properties,
                    ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
                    " All members need one strategy in common: to change it, first configure the new and the old one"
                            + " in each member");
        }
        return failure;
    }

    private static TelemetryException refused(
            KafkaException failure, String group, ClientProperties properties, String name, String advice) {
        Object value = properties.consumer().getOrDefault(name, "");
        return new TelemetryException(
                "Group " + group + " does not admit a member with " + name + "=" + value + ": " + failure.getMessage()
                        + advice,
                failure);
    }
}
