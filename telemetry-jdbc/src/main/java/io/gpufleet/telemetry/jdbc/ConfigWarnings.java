package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.config.ConsumerSettings;
import io.gpufleet.telemetry.config.IsolationLevel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says of each service once, and again only when it is different, what should be known about its settings. Thread-safe.
 */
final class ConfigWarnings {
    private static final Logger log = LoggerFactory.getLogger(ConsumerConfigLoader.class);

    private record Said(boolean hasRow, boolean autoCommit, boolean uncommitted) {}

    private final Map<String, Said> said = new ConcurrentHashMap<>();

    void loaded(ConsumerSettings settings, boolean hasRow) {
        Said now = new Said(
                hasRow,
                settings.enableAutoCommit(),
                hasRow && settings.isolationLevel() == IsolationLevel.READ_UNCOMMITTED);
        if (now.equals(said.put(settings.serviceName(), now))) {
            return;
        }
        if (!hasRow) {
            log.info(
                    "Service {} has no row in pipeline_consumer_configs: it has the defaults, in group {}",
                    settings.serviceName(),
                    settings.groupId());
        }
        if (now.autoCommit()) {
            log.warn(
                    "Service {}: enable_auto_commit=true would commit what is not written; the batching consumer"
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
