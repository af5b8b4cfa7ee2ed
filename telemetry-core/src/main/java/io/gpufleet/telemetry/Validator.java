package io.gpufleet.telemetry;

import java.util.List;
import java.util.Optional;

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
     * Returns the kind of a refusal by this validator, as in {@link Decoder.Values#refuse(String, String)}: a consumer
     * whose sink stores parts of records stores a kind once a day and after each pause of an hour, and counts its
     * repetitions.
     *
     * @param delivery the refused value with its source
     * @param reasons the reasons of {@link #validate}, at least one
     * @return a text of any length that the same fault of the same source has in every record; empty (the default) if
     *     each refusal has a dead letter
     */
    default Optional<String> kind(Delivery<T> delivery, List<String> reasons) {
        return Optional.empty();
    }

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
