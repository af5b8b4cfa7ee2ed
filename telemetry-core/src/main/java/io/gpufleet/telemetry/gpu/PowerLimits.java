package io.gpufleet.telemetry.gpu;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalDouble;

/** The largest credible power of a GPU: half as much again as its limit, or as the power of its model. */
record PowerLimits(Map<String, Double> wattsByModel) {
    private static final double HEADROOM = 1.5;
    private static final double UNKNOWN_MODEL = 2_000;

    PowerLimits {
        wattsByModel = Map.copyOf(wattsByModel);
    }

    /** The board power that NVIDIA gives, of the variant that takes most. */
    static PowerLimits standard() {
        return new PowerLimits(Map.of(
                "A100", 500.0, "H100", 700.0, "H200", 700.0, "GH200", 1_000.0, "B200", 1_000.0, "GB200", 1_200.0));
    }

    PowerLimits with(String model, double watts) {
        if (model.isBlank()) {
            throw new IllegalArgumentException("model: \"" + model + "\" is blank");
        }
        if (!(watts > 0) || Double.isInfinite(watts)) {
            throw new IllegalArgumentException("watts: " + watts + " is not more than 0");
        }
        Map<String, Double> more = new HashMap<>(wattsByModel);
        more.put(model, watts);
        return new PowerLimits(more);
    }

    double of(MetricEvent event) {
        OptionalDouble enforced = event.value(GpuReading.POWER_LIMIT);
        if (enforced.isPresent() && enforced.getAsDouble() > 0) {
            return HEADROOM * enforced.getAsDouble();
        }
        String name = event.gpu().name();
        return wattsByModel.entrySet().stream()
                .filter(model -> name.contains(model.getKey()))
                .max(Comparator.comparingInt(model -> model.getKey().length()))
                .map(model -> HEADROOM * model.getValue())
                .orElse(UNKNOWN_MODEL);
    }
}
