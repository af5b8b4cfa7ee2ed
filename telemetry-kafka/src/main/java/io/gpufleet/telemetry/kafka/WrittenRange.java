package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.OffsetRange;

/**
 * Durable offsets with the run that wrote them: a late report says nothing about the next run. Immutable.
 *
 * @param generation the run
 * @param range what it wrote
 */
record WrittenRange(Generation generation, OffsetRange range) {}
