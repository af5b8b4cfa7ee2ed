package io.gpufleet.telemetry.kafka;

import java.util.Optional;
import java.util.UUID;

/** The ids of topics, from the cluster. */
interface TopicIds {

    /** Returns the id of a topic at some moment after the given time, absent if the topic did not exist. */
    Optional<UUID> idSince(String topic, long nanos);
}
