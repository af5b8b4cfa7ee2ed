package io.gpufleet.telemetry.examples.spring;

import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.kafka.HeartbeatConsumer;
import io.gpufleet.telemetry.kafka.metrics.MicrometerTelemetry;
import io.micrometer.core.instrument.MeterRegistry;
import javax.sql.DataSource;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.LivenessState;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The consumer of heartbeats as beans, on the pool of the host. Immutable. */
@Configuration(proxyBeanMethods = false)
final class TelemetryConfiguration {
    /** Beans are created before any lifecycle starts, so the tables exist when the consumer starts. */
    @Bean(initMethod = "install")
    TelemetrySchema telemetrySchema(TelemetryProperties settings, DataSource database) {
        return TelemetrySchema.builder(database).schema(settings.schema()).build();
    }

    @Bean
    PostgresSink<Heartbeat> heartbeatSink(TelemetryProperties settings, DataSource database) {
        return HeartbeatSink.builder(database).schema(settings.schema()).build();
    }

    @Bean
    ConsumerLifecycle consumerLifecycle(
            TelemetryProperties settings,
            PostgresSink<Heartbeat> sink,
            MicrometerTelemetry meters,
            ExitOnFailure exit) {
        return new ConsumerLifecycle(
                HeartbeatConsumer.builder(BincodeHeartbeatCodec.fixed(), sink)
                        .bootstrapServers(settings.bootstrapServers())
                        .topics(settings.topic())
                        .groupId(settings.group())
                        .concurrency(settings.concurrency())
                        .listener(meters),
                settings.closeLimit(),
                exit::consumerFailed);
    }

    /**
     * Reports liveness as soon as the web server can answer a probe. Spring would report it only once everything has
     * started, and the start of the consumer waits for brokers and database.
     */
    @Bean
    SmartInitializingSingleton livenessFromTheFirstProbe(ApplicationContext context) {
        return () -> AvailabilityChangeEvent.publish(context, LivenessState.CORRECT);
    }

    @Bean
    ExitOnFailure exitOnFailure(ConfigurableApplicationContext context) {
        return new ExitOnFailure(context);
    }

    /** The bean's name makes this the component {@code heartbeats} of the health. */
    @Bean
    ConsumerHealthIndicator heartbeatsHealthIndicator(ConsumerLifecycle lifecycle) {
        return new ConsumerHealthIndicator(lifecycle::health);
    }

    @Bean
    MicrometerTelemetry micrometerTelemetry(MeterRegistry registry) {
        return MicrometerTelemetry.create(registry);
    }
}
