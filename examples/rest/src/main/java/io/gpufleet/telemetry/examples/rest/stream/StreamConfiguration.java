package io.gpufleet.telemetry.examples.rest.stream;

import io.gpufleet.telemetry.codec.GpuSampleDecoder;
import io.gpufleet.telemetry.examples.rest.ApiSettings;
import io.gpufleet.telemetry.gpu.GpuSampleValidator;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The streams of the service; they end before its container waits for the requests in flight. Immutable. */
@Configuration(proxyBeanMethods = false)
class StreamConfiguration {

    @Bean(destroyMethod = "")
    SampleStreams sampleStreams(ApiSettings settings) {
        return new SampleStreams(
                new StreamTopic(
                        settings.kafka().bootstrapServers(),
                        settings.topic(),
                        settings.kafka().clientProperties()),
                GpuSampleDecoder.detecting().build(),
                GpuSampleValidator.create(),
                StreamLimits.DEFAULT);
    }

    @Bean
    SmartLifecycle lifeOfStreams(SampleStreams streams) {
        return new SmartLifecycle() {
            private volatile boolean running;

            @Override
            public void start() {
                streams.start();
                running = true;
            }

            @Override
            public void stop() {
                streams.close();
                running = false;
            }

            @Override
            public boolean isRunning() {
                return running;
            }
        };
    }
}
