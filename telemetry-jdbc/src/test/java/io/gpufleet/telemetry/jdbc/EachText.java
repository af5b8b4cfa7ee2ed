package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.Aggregator;
import io.gpufleet.telemetry.Delivery;
import java.util.function.BiConsumer;

/** A result for each text of a batch: the text itself. Immutable. */
final class EachText implements Aggregator<String, String, String> {
    @Override
    public void fold(Delivery<String> delivery, BiConsumer<? super String, ? super String> results) {
        results.accept(delivery.value(), delivery.value());
    }

    @Override
    public String merge(String left, String right) {
        return left;
    }
}
