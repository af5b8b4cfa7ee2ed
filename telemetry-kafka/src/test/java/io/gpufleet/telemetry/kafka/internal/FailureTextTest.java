package io.gpufleet.telemetry.kafka.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FailureTextTest {
    private static final String SILENT = FailureText.deed(new TimeoutException("no"));

    @ParameterizedTest
    @ValueSource(strings = {"SSL", "SASL_SSL"})
    void hint_namesTlsWhereBrokersDoNotAnswer(String protocol) {
        assertThat(FailureText.hint(SILENT, Map.of("security.protocol", protocol)))
                .isEqualTo("; the client uses TLS (security.protocol=" + protocol
                        + "), and brokers without TLS at this address would not answer either");
    }

    @Test
    void hint_isSilentWithoutTls() {
        assertThat(FailureText.hint(SILENT, Map.of())).isEmpty();
        assertThat(FailureText.hint(SILENT, Map.of("security.protocol", "SASL_PLAINTEXT")))
                .isEmpty();
    }

    @Test
    void hint_isSilentIfTheReasonIsKnown() {
        String deed = FailureText.deed(new SslAuthenticationException("handshake failed"));

        assertThat(FailureText.hint(deed, Map.of("security.protocol", "SSL"))).isEmpty();
    }
}
