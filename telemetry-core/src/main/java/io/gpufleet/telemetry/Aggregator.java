package io.gpufleet.telemetry;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * A fold of deliveries into keyed partial results.
 *
 * <p>Merging is associative and commutative, so that any order and any grouping of the same deliveries gives the same
 * results: sums, counts, minima, maxima, newest-by-time. Implementations are thread-safe.
 *
 * @param <T> the type of the values
 * @param <K> the type of the keys, with {@code equals} and {@code hashCode}
 * @param <A> the type of the partial results; each carries its key's fields if a table is written from it
 */
public interface Aggregator<T, K, A> {

    /**
     * Returns the partial results of a single delivery: none, one, or one for each of many keys.
     *
     * @param delivery the value with its source
     * @param results takes a key and its partial result
     */
    void fold(Delivery<T> delivery, BiConsumer<? super K, ? super A> results);

    /**
     * Merges two partial results of one key.
     *
     * @param left one of them
     * @param right the other
     * @return the merged result
     */
    A merge(A left, A right);

    /**
     * Folds many deliveries.
     *
     * @param deliveries the deliveries
     * @return the merged result of every key
     */
    default Map<K, A> aggregate(Iterable<Delivery<T>> deliveries) {
        Map<K, A> merged = new LinkedHashMap<>();
        BiConsumer<K, A> results = (key, partial) -> merged.merge(key, partial, this::merge);
        deliveries.forEach(delivery -> fold(delivery, results));
        return merged;
    }

    /**
     * Folds the deliveries of a batch. To be overridden where the result of a delivery depends on the others of its
     * record, among them those that were stored before.
     *
     * @param accepted the deliveries to fold: those that no earlier step has dropped as duplicates
     * @param batch all deliveries of the batch, in its order; those of one record are neighbours
     * @return the merged result of every key
     */
    default Map<K, A> aggregate(List<Delivery<T>> accepted, List<Delivery<T>> batch) {
        return aggregate(accepted);
    }

    /**
     * Returns whether a result may depend on which values share a record. An import of a file, whose rows can be
     * divided anywhere, refuses such an aggregator.
     *
     * @return false, unless overridden together with {@link #aggregate(List, List)}
     */
    default boolean dependsOnRecords() {
        return false;
    }
}
