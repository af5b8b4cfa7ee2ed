package io.gpufleet.telemetry.kafka;

import java.util.Optional;
import java.util.UUID;

/** The ids of topics, as the cluster tells them. */
interface TopicIds {

    /** Returns the id that a topic had at some moment after the given time, absent if it did not exist. */
    Optional<UUID> idSince(String topic, long nanos);
}
