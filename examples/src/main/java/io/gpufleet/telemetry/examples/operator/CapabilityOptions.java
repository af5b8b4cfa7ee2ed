package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.jdbc.GpuLayout;
import java.sql.SQLException;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Option;

/** The options for the capabilities of the tables. A mixin. Not thread-safe. */
final class CapabilityOptions {
    @Option(names = "--heartbeats", description = "The tables of heartbeats.")
    private boolean heartbeats;

    @Option(
            names = "--gpu-samples",
            paramLabel = "<layout>",
            arity = "0..1",
            fallbackValue = "NUMBERED",
            description = "The tables of GPU samples, numbered (if none is named) or flat.")
    private Optional<GpuLayout> gpuSamples = Optional.empty();

    @Option(names = "--consumer-configs", description = "The tables of settings, reports and advice.")
    private boolean consumerConfigs;

    /** Returns the named capabilities; those of {@code TelemetrySchema.create} if none is named. */
    Capabilities named() {
        Set<Capability> named = EnumSet.noneOf(Capability.class);
        add(named, Capability.HEARTBEATS, heartbeats);
        add(named, Capability.GPU_SAMPLES, gpuSamples.isPresent());
        add(named, Capability.CONSUMER_CONFIGS, consumerConfigs);
        return named.isEmpty() ? Capabilities.usual() : new Capabilities(named, gpuSamples.orElse(GpuLayout.NUMBERED));
    }

    /** Returns the named capabilities, else the installed ones, else those of {@code TelemetrySchema.create}. */
    Capabilities namedOrOf(Tables tables) throws SQLException {
        if (heartbeats || consumerConfigs || gpuSamples.isPresent()) {
            return named();
        }
        Set<Capability> installed = tables.installed();
        return installed.isEmpty() ? Capabilities.usual() : new Capabilities(installed, tables.gpuLayout());
    }

    private static void add(Set<Capability> named, Capability capability, boolean isNamed) {
        if (isNamed) {
            named.add(capability);
        }
    }
}
