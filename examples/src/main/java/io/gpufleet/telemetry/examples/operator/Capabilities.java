package io.gpufleet.telemetry.examples.operator;

import static java.util.stream.Collectors.joining;

import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * The capabilities that a command is about.
 *
 * @param all the capabilities, at least one
 * @param gpuLayout the layout of GPU samples, if they are among these
 */
record Capabilities(Set<Capability> all, GpuLayout gpuLayout) {

    /** Returns those that {@code TelemetrySchema.create} installs. */
    static Capabilities usual() {
        return new Capabilities(EnumSet.of(Capability.HEARTBEATS, Capability.CONSUMER_CONFIGS), GpuLayout.NUMBERED);
    }

    /**
     * Checks that heartbeats are among these.
     *
     * @param option an option for the table of heartbeats
     * @throws IllegalArgumentException if they are not
     */
    void requireHeartbeats(String option) {
        if (!all.contains(Capability.HEARTBEATS)) {
            throw new IllegalArgumentException(option + ": is of heartbeats, and the tables are those of " + this
                    + "; add " + Capability.HEARTBEATS.option());
        }
    }

    void applyTo(TelemetrySchema.Builder schema) {
        for (Capability capability : all) {
            switch (capability) {
                case HEARTBEATS -> schema.heartbeats();
                case GPU_SAMPLES -> schema.gpuSamples(gpuLayout);
                case CONSUMER_CONFIGS -> schema.consumerConfigs();
            }
        }
    }

    /** Returns the names for programs, as in {@code gpu_samples}. */
    List<String> names() {
        return all.stream().map(Capability::field).toList();
    }

    /** Returns the names for people. */
    @Override
    public String toString() {
        return all.stream().map(Capability::toString).collect(joining(", "));
    }
}
