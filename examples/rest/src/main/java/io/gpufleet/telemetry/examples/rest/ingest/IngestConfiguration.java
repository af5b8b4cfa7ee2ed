package io.gpufleet.telemetry.examples.rest.ingest;

import io.gpufleet.telemetry.codec.GpuSampleDecoder;
import io.gpufleet.telemetry.examples.rest.ApiSettings;
import io.gpufleet.telemetry.gpu.GpuSampleValidator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The way in for samples. Immutable. */
@Configuration(proxyBeanMethods = false)
class IngestConfiguration {

    @Bean
    LazyPublisher samplePublisher(ApiSettings settings) {
        return new LazyPublisher(settings);
    }

    @Bean
    SampleIntake sampleIntake(LazyPublisher publisher) {
        ElementJudge judge = new ElementJudge(GpuSampleDecoder.detecting().build(), GpuSampleValidator.create());
        return new SampleIntake(publisher::get, judge);
    }
}
