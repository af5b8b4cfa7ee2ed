package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.config.ConsumerSetting;
import io.gpufleet.telemetry.config.ConsumerSettings;
import io.gpufleet.telemetry.config.InvalidSettingsException;
import io.gpufleet.telemetry.config.SettingsSource;
import io.gpufleet.telemetry.internal.HostFault;
import io.gpufleet.telemetry.internal.OwnThread;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A reader of the settings of one service, which adds the host's own; an obstacle to reading them is logged once.
 * Belongs to one thread; {@link #trouble} may be called by any.
 */
final class SettingsReader {
    private static final Logger log = LoggerFactory.getLogger(SettingsReader.class);

    private final SettingsSource source;
    private final String service;
    private final Map<ConsumerSetting, Object> own;
    private @Nullable String otherGroup;
    private boolean saysDefaults;
    private volatile @Nullable String trouble;

    SettingsReader(SettingsSource source, String service, Map<ConsumerSetting, Object> own) {
        this.source = source;
        this.service = service;
        this.own = Map.copyOf(own);
    }

    /**
     * Reads the settings.
     *
     * @return the settings, absent if the source does not answer
     * @throws InvalidSettingsException if they cannot be used
     */
    Optional<ConsumerSettings> read() {
        boolean interrupted = Thread.currentThread().isInterrupted();
        try {
            ConsumerSettings settings = source.load(service).orElse(own);
            if (trouble != null) {
                log.info("Service {}: settings usable again", service);
            }
            trouble = null;
            warnOfAnotherGroup(settings.groupId());
            return Optional.of(settings);
        } catch (InvalidSettingsException e) {
            warnOnce(String.valueOf(e.getMessage()));
            throw e;
        } catch (Throwable e) {
            String words = HostFault.describe(e);
            String reason = e instanceof RuntimeException ? HostFault.words(e) : words;
            warnOnce("settings of service \"" + service + "\" cannot be read: " + reason);
            return Optional.empty();
        } finally {
            OwnThread.forgetInterrupt(interrupted);
        }
    }

    /**
     * Reads the settings of a consumer that does not run yet. Unusable settings do not prevent its start, unless they
     * name no usable group.
     *
     * @return the settings, with defaults in place of unusable ones; absent if the source does not answer
     * @throws InvalidSettingsException if there is no usable group
     */
    Optional<ConsumerSettings> first() {
        try {
            return read();
        } catch (InvalidSettingsException e) {
            ConsumerSettings usable = e.orElse(own).usable().orElseThrow(() -> e);
            if (!saysDefaults) {
                log.error("Service {}: starts with the defaults in place of unusable settings", service);
            }
            saysDefaults = true;
            return Optional.of(usable);
        }
    }

    private void warnOnce(String text) {
        if (!Objects.equals(trouble, text)) {
            log.warn("Service {}: {}", service, text);
        }
        trouble = text;
    }

    private void warnOfAnotherGroup(String group) {
        Object named = own.getOrDefault(ConsumerSetting.CONSUMER_GROUP_ID, group);
        if (!named.equals(group) && !group.equals(otherGroup)) {
            log.warn(
                    "Service {}: its settings name group {}, but the builder names {}, in which it would start, and"
                            + " apply everything again, if the settings cannot be read; name one group in both",
                    service,
                    group,
                    named);
            otherGroup = group;
        }
    }

    /** Returns the defaults and the host's own settings. */
    ConsumerSettings withoutSource() {
        return ConsumerSettings.defaults(service).orElse(own);
    }

    boolean knowsGroup() {
        return own.containsKey(ConsumerSetting.CONSUMER_GROUP_ID);
    }

    /** Returns the obstacle to reading the settings. */
    Optional<String> trouble() {
        return Optional.ofNullable(trouble);
    }

    String service() {
        return service;
    }
}
