package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.OffsetRange;

/**
 * Offsets that are durable, with the run that wrote them: a report that comes late says nothing about the next run.
 * Immutable.
 *
 * @param generation the run
 * @param range what it wrote
 */
record WrittenRange(Generation generation, OffsetRange range) {}
