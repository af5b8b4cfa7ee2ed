package io.gpufleet.telemetry.config;

/**
 * The source of a consumer's settings, read again about once a second while it runs. Implementations are thread-safe,
 * and quick as long as nothing has changed.
 */
@FunctionalInterface
public interface SettingsSource {

    /**
     * Returns the present settings of a service.
     *
     * @param service the service's name
     * @return its settings; the defaults if none are stored
     * @throws InvalidSettingsException if the stored settings cannot be used
     * @throws io.gpufleet.telemetry.TelemetryException if the source does not answer
     */
    ConsumerSettings load(String service);
}
