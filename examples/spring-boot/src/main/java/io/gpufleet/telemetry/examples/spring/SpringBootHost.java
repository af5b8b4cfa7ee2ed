package io.gpufleet.telemetry.examples.spring;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;

/**
 * How do I run the consumer in a Spring Boot application? A service with its own database, migrations and actuator, and
 * the consumer of heartbeats in it.
 *
 * <p>{@link TelemetryConfiguration} is the only class that the service adds for the consumer. It needs
 * {@code telemetry.bootstrap-servers} and {@code spring.datasource.url}. Immutable.
 */
@SpringBootApplication(proxyBeanMethods = false)
@EnableConfigurationProperties(TelemetryProperties.class)
public final class SpringBootHost {
    private SpringBootHost() {}

    /**
     * Starts the service, which runs until it is stopped or the consumer fails.
     *
     * @param arguments settings, as {@code --telemetry.bootstrap-servers=localhost:9092}
     */
    public static void main(String[] arguments) {
        SpringApplication.run(SpringBootHost.class, arguments);
    }
}
