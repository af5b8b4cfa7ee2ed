package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.OffsetRange;

/**
 * Durable offsets with the generation that wrote them: a late report says nothing about the next generation. Immutable.
 *
 * @param generation the generation
 * @param range the written offsets
 */
record WrittenRange(Generation generation, OffsetRange range) {}
