package io.gpufleet.telemetry.kafka.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.TelemetryException;
import java.util.Map;
import org.apache.kafka.common.config.types.Password;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClientSecretsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "sasl.jaas.config",
                "ssl.key.password",
                "ssl.keystore.password",
                "ssl.keystore.key",
                "ssl.truststore.password"
            })
    void passwords_areNotInTheTextOfTheMap(String name) {
        Map<String, Object> wrapped = ClientSecrets.wrapped(Map.of(name, "hunter2", "client.id", "c"));
        assertThat(wrapped.toString()).doesNotContain("hunter2").contains("client.id=c");
        assertThat(wrapped).containsEntry(name, new Password("hunter2"));
        assertThat(ClientSecrets.wrapped(wrapped)).isEqualTo(wrapped);
    }

    @Test
    void passwordThatIsNoText_isRefusedWithoutItsValue() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ClientSecrets.wrapped(Map.of("ssl.key.password", 4711)))
                .withMessageContaining("ssl.key.password is a java.lang.Integer")
                .withMessageNotContaining("4711");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Module hunter2 required;", "Module required password=\"hunter2\"", "Module", "hunter2"})
    void loginThatCannotBeRead_isNotQuoted(String jaas) {
        Map<String, Object> overrides =
                Map.of("security.protocol", "SASL_SSL", "sasl.mechanism", "PLAIN", "sasl.jaas.config", jaas);
        assertThatThrownBy(() -> ClientFactory.admin("127.0.0.1:1", overrides))
                .isInstanceOf(TelemetryException.class)
                .hasMessageContaining("sasl.jaas.config is not of the form")
                .hasNoCause();
    }
}
