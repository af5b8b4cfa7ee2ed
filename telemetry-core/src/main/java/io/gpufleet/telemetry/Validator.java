package io.gpufleet.telemetry;

import java.util.List;

/**
 * A check of values before the write, which returns the reasons against each value.
 *
 * <p>Implementations are thread-safe.
 *
 * @param <T> the type of the values
 */
@FunctionalInterface
public interface Validator<T> {

    /**
     * Checks a value together with its key and time.
     *
     * @param delivery the value with its source
     * @return every reason against the value, none if it is good; an exception is a reason, too
     */
    List<String> validate(Delivery<T> delivery);

    /**
     * Returns a validator that accepts everything.
     *
     * @param <T> the type of the values
     * @return a validator without a rule
     */
    static <T> Validator<T> acceptAll() {
        return delivery -> List.of();
    }
}
