package io.gpufleet.telemetry.integration.faults;

import io.gpufleet.telemetry.testkit.KafkaTopics;
import java.util.Map;

/** The brokers of a fault run. */
interface Brokers extends AutoCloseable {
    KafkaTopics topics();

    /** Their address for consumers; all others bypass the proxies. */
    String consumersServers();

    /** What the topic needs beside retention. */
    Map<String, String> topicSettings();

    @Override
    void close();
}
