/**
 * Records sent to Kafka: heartbeats of an agent, scrapes and samples of GPUs, dead letters of a consumer, and dead
 * letters back to their topics.
 */
@NullMarked
package io.gpufleet.telemetry.kafka.producer;

import org.jspecify.annotations.NullMarked;
