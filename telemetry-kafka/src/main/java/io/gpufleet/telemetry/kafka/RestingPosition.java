package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.SourcePartition;
import org.jspecify.annotations.Nullable;

/**
 * A partition whose records are all durable: its stored position is this place, unless another client has moved it.
 * Immutable.
 *
 * @param generation the generation at rest
 * @param offset the offset at which it rests
 */
record RestingPosition(Generation generation, long offset) {

    SourcePartition partition() {
        return generation.partition();
    }

    boolean isAt(@Nullable Position stored) {
        return stored != null && stored.isSamePlaceAs(new Position(generation.log(), offset, -1));
    }
}
