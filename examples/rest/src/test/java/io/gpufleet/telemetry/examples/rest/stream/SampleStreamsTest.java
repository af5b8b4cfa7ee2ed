package io.gpufleet.telemetry.examples.rest.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.gpufleet.telemetry.codec.GpuSampleDecoder;
import io.gpufleet.telemetry.gpu.GpuSampleValidator;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Streams that do not begin. */
final class SampleStreamsTest {
    private static <T> T broken(Class<T> type, String method) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, called, values) -> {
                    if (called.getName().equals(method)) {
                        throw new IllegalStateException(method);
                    }
                    return null;
                }));
    }

    @Test
    void requestThatFailsAtOnce_takesNoRoom() {
        try (SampleStreams streams = new SampleStreams(
                new StreamTopic("127.0.0.1:1", "none", Map.of()),
                GpuSampleDecoder.detecting().build(),
                GpuSampleValidator.create(),
                StreamLimits.DEFAULT)) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> streams.begin(
                            broken(HttpServletRequest.class, "startAsync"),
                            broken(HttpServletResponse.class, "none"),
                            new StreamClient.Wish(SampleFilter.ALL, Optional.empty())));
            assertThat(streams.clients()).isZero();
        }
    }
}
