package io.gpufleet.telemetry.jdbc.query;

import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;

/** The energy of names, over plain lists. */
final class EnergyModel {
    static final GpuMetric ENERGY = GpuMetric.named("DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION");

    private final EnergyGroup group;
    private final Map<String, Double> joules = new HashMap<>();
    private final Map<String, Set<String>> gpus = new HashMap<>();

    EnergyModel(EnergyGroup group) {
        this.group = group;
    }

    /** Adds the samples of a GPU. */
    EnergyModel add(List<GpuSample> gpu) {
        double[] before = {Double.NaN};
        AggregateModel.byTime(gpu.stream().filter(AggregateModel::isOfDevice).toList())
                .forEach((Instant time, List<GpuSample> same) -> {
                    OptionalDouble value = AggregateModel.ofDevice(same, ENERGY);
                    double rise = value.getAsDouble() >= before[0]
                            ? value.getAsDouble() - before[0]
                            : Double.isNaN(before[0]) ? 0 : value.getAsDouble();
                    before[0] = value.getAsDouble();
                    Set<String> names = names(same);
                    for (String name : names) {
                        joules.merge(name, rise / 1_000 / names.size(), Double::sum);
                        gpus.computeIfAbsent(name, key -> new HashSet<>())
                                .add(same.get(0).subject().uuid());
                    }
                });
        return this;
    }

    private Set<String> names(List<GpuSample> same) {
        Set<String> names = same.stream()
                .map(GpuSample::subject)
                .map(this::name)
                .filter(name -> !name.isEmpty())
                .collect(Collectors.toSet());
        return names.isEmpty() ? Set.of("") : names;
    }

    private String name(GpuSubject subject) {
        return switch (group) {
            case GPU -> subject.uuid();
            case HOST -> subject.host();
            case NAMESPACE -> subject.namespace();
            case POD -> subject.pod().isEmpty() ? "" : subject.namespace() + "/" + subject.pod();
        };
    }

    Map<String, Double> joules() {
        return joules;
    }

    Map<String, Long> gpus() {
        return gpus.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, name ->
                (long) name.getValue().size()));
    }
}
