package io.gpufleet.telemetry.jdbc.config;

import io.gpufleet.telemetry.config.ConsumerSetting;
import io.gpufleet.telemetry.config.ConsumerSettings;
import io.gpufleet.telemetry.config.IsolationLevel;
import io.gpufleet.telemetry.config.SettingOrigin;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The warnings about the settings of services, each logged once, and again only after a change. Thread-safe. */
final class ConfigWarnings {
    private static final Logger log = LoggerFactory.getLogger(ConfigWarnings.class);

    private record Said(boolean hasRow, boolean hasGroup, boolean autoCommit, boolean uncommitted) {}

    private final Map<String, Said> said = new ConcurrentHashMap<>();

    void loaded(ConsumerSettings settings, Optional<ConsumerSettings> row) {
        Said now = new Said(
                row.isPresent(),
                settings.origin(ConsumerSetting.CONSUMER_GROUP_ID) != SettingOrigin.DEFAULT,
                settings.enableAutoCommit(),
                settings.origin(ConsumerSetting.ISOLATION_LEVEL) != SettingOrigin.DEFAULT
                        && settings.isolationLevel() == IsolationLevel.READ_UNCOMMITTED);
        if (!now.equals(said.put(settings.serviceName(), now))) {
            say(settings, now);
        }
    }

    private static void say(ConsumerSettings settings, Said now) {
        if (!now.hasGroup()) {
            log.info(
                    "Service {} has {} in pipeline_consumer_configs: its group is the builder's, else {}",
                    settings.serviceName(),
                    now.hasRow() ? "no group" : "no row",
                    settings.groupId());
        }
        if (now.autoCommit()) {
            log.warn(
                    "Service {}: enable_auto_commit=true would commit unwritten records; the batching consumer"
                            + " ignores it",
                    settings.serviceName());
        }
        if (now.uncommitted()) {
            log.warn(
                    "Service {}: isolation_level=read_uncommitted would apply aborted records; the batching consumer"
                            + " ignores it",
                    settings.serviceName());
        }
    }
}
