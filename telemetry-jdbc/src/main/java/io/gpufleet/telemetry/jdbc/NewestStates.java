package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.Aggregator;
import io.gpufleet.telemetry.Delivery;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;

/**
 * The states in a batch, and the newest state of each group. The version alone decides, in the precision in which the
 * table stores it, as it does between batches. Never changed after construction.
 *
 * @param <K> the type of the groups
 * @param <A> the type of the states
 */
final class NewestStates<K, A> {
    private final List<K> groups = new ArrayList<>();
    private final List<A> states = new ArrayList<>();
    private final WireColumn<?> versions;

    private <T> NewestStates(Aggregator<T, K, A> aggregator, Column<A> version, List<Delivery<T>> deliveries) {
        for (Delivery<T> delivery : deliveries) {
            aggregator.fold(delivery, (group, state) -> {
                groups.add(group);
                states.add(state);
            });
        }
        this.versions = version.encoder().encode(states, new Numbers());
    }

    static <T, K, A> NewestStates<K, A> of(
            Aggregator<T, K, A> aggregator, Column<A> version, List<Delivery<T>> deliveries) {
        return new NewestStates<>(aggregator, version, deliveries);
    }

    /**
     * Returns the newest of the wanted states of each group; more than one if they have the same version and are not
     * equal.
     */
    Map<K, List<A>> newest(BiPredicate<K, A> wanted) {
        Map<K, List<Integer>> newest = new LinkedHashMap<>();
        for (int state = 0; state < states.size(); state++) {
            if (wanted.test(groups.get(state), states.get(state))) {
                add(newest.computeIfAbsent(groups.get(state), group -> new ArrayList<>(1)), state);
            }
        }
        Map<K, List<A>> found = new LinkedHashMap<>();
        newest.forEach((group, numbers) ->
                found.put(group, numbers.stream().map(states::get).distinct().toList()));
        return found;
    }

    private void add(List<Integer> newest, int state) {
        int later = newest.isEmpty() ? 1 : versions.compareVersions(state, newest.get(0));
        if (later > 0) {
            newest.clear();
        }
        if (later >= 0) {
            newest.add(state);
        }
    }
}
