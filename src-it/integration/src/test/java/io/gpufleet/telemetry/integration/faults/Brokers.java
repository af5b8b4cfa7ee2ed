package io.gpufleet.telemetry.integration.faults;

import io.gpufleet.telemetry.testkit.KafkaTopics;
import java.util.Map;

/** The brokers of a fault run. */
interface Brokers extends AutoCloseable {
    KafkaTopics topics();

    /** Returns the address for consumers; all other clients bypass the proxies. */
    String consumersServers();

    /** Returns the settings of the topic, beside retention. */
    Map<String, String> topicSettings();

    @Override
    void close();
}
