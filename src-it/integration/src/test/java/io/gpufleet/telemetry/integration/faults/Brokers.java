package io.gpufleet.telemetry.integration.faults;

import io.gpufleet.telemetry.testkit.KafkaTopics;
import java.util.Map;

/** The brokers of a fault run. */
interface Brokers extends AutoCloseable {
    KafkaTopics topics();

    /** Where consumers find them; everybody else goes past whatever lies between. */
    String consumersServers();

    /** What the topic needs beside retention. */
    Map<String, String> topicSettings();

    @Override
    void close();
}
