package io.gpufleet.telemetry.examples.spring;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;

/**
 * How does it live in a Spring Boot application? A service with a database, migrations and an actuator of its own, and
 * the consumer of heartbeats in it.
 *
 * <p>{@link TelemetryConfiguration} is all that the service adds for the consumer. It needs
 * {@code telemetry.bootstrap-servers} and {@code spring.datasource.url}. Immutable.
 */
@SpringBootApplication(proxyBeanMethods = false)
@EnableConfigurationProperties(TelemetryProperties.class)
public final class SpringBootHost {
    private SpringBootHost() {}

    /**
     * Starts the service. It runs until it is told to end or the consumer fails.
     *
     * @param arguments settings, as {@code --telemetry.bootstrap-servers=localhost:9092}
     */
    public static void main(String[] arguments) {
        SpringApplication.run(SpringBootHost.class, arguments);
    }
}
