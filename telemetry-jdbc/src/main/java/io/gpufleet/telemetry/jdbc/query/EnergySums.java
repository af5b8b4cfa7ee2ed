package io.gpufleet.telemetry.jdbc.query;

import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The energy of each name, to which rises are added. Not thread-safe. */
final class EnergySums {
    private static final double MILLI = 1_000;

    private final Map<String, Sum> sums = new HashMap<>();

    /** The energy of a name, and the GPUs that it is of. */
    private static final class Sum {
        private final Set<Integer> gpus = new HashSet<>();
        private double joules;
    }

    /** Adds a rise of a GPU in equal parts to names. */
    void add(int gpu, Set<String> names, double millijoules) {
        for (String name : names) {
            Sum sum = sums.computeIfAbsent(name, key -> new Sum());
            sum.gpus.add(gpu);
            sum.joules += millijoules / MILLI / names.size();
        }
    }

    /** Returns the names with their energy, most first. */
    List<EnergyUse> uses() {
        return sums.entrySet().stream()
                .map(entry -> new EnergyUse(
                        entry.getKey(),
                        entry.getValue().joules,
                        entry.getValue().gpus.size()))
                .sorted(Comparator.comparingDouble(EnergyUse::joules).reversed().thenComparing(EnergyUse::name))
                .toList();
    }
}
