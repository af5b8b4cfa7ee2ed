package io.gpufleet.telemetry.examples.spring;

import io.gpufleet.telemetry.kafka.HeartbeatConsumer;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings of the consumer, {@code telemetry.*} in the application's configuration. Immutable.
 *
 * @param bootstrapServers the brokers to ask first, {@code host:port} separated by commas; it has no default
 * @param topic the topic of heartbeats
 * @param group the consumer group, under whose name the positions are stored
 * @param concurrency the number of lanes; the pool needs two connections more
 * @param schema the PostgreSQL schema of the telemetry tables, separate from the host's, so that their migrations do
 *     not see each other's tables
 * @param closeLimit the longest time for writing the buffered records at the end; the application ends at most a second
 *     later
 */
@ConfigurationProperties("telemetry")
record TelemetryProperties(
        @DefaultValue("") String bootstrapServers,
        @DefaultValue(HeartbeatConsumer.TOPIC) String topic,
        @DefaultValue(HeartbeatConsumer.GROUP_ID) String group,
        @DefaultValue("1") int concurrency,
        @DefaultValue("telemetry") String schema,
        @DefaultValue("15s") Duration closeLimit) {

    TelemetryProperties {
        if (bootstrapServers.isBlank()) {
            throw new IllegalArgumentException(
                    "telemetry.bootstrap-servers: missing; host:port of one or more brokers, separated by commas");
        }
    }
}
