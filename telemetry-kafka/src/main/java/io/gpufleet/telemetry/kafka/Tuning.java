package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.BatchPolicy;
import io.gpufleet.telemetry.ResetPolicy;

/**
 * The part of a consumer's options that may change while it runs. Immutable.
 *
 * @param clientProperties the settings of the Kafka client; a change takes a new client
 * @param batching the limits of a batch
 * @param resetPolicy the start without a usable position
 */
record Tuning(ClientProperties clientProperties, BatchPolicy batching, ResetPolicy resetPolicy) {}
