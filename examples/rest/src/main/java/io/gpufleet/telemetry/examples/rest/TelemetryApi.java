package io.gpufleet.telemetry.examples.rest;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** An HTTP service that answers questions about GPUs and heartbeats, and takes samples. Immutable. */
@SpringBootApplication(proxyBeanMethods = false)
public final class TelemetryApi {
    private TelemetryApi() {}

    /**
     * Starts the service, which runs until it is stopped.
     *
     * @param arguments its options
     */
    public static void main(String[] arguments) {
        SpringApplication.run(TelemetryApi.class, arguments);
    }
}
