/** Kafka records to batches without loss or repetition, and heartbeats to Kafka. */
@NullMarked
package io.gpufleet.telemetry.kafka;

import org.jspecify.annotations.NullMarked;
