package io.gpufleet.telemetry;

import static java.util.Objects.requireNonNull;

import java.util.function.Consumer;

/**
 * A receiver that passes values on and fails at the first unreadable one. Not thread-safe.
 *
 * @param <T> the type of the values
 */
final class StrictValues<T> implements Decoder.Values<T> {
    private final Consumer<? super T> target;

    StrictValues(Consumer<? super T> target) {
        this.target = requireNonNull(target, "values");
    }

    @Override
    public void accept(T value) {
        target.accept(value);
    }

    @Override
    public void refuse(String reason) {
        throw new CodecException(reason, 0);
    }
}
