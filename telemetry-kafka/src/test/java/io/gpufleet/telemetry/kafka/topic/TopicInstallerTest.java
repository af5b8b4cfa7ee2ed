package io.gpufleet.telemetry.kafka.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.entry;

import io.gpufleet.telemetry.TelemetryException;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class TopicInstallerTest {
    private final TopicInstaller.Builder builder = TopicInstaller.builder("localhost:1", "t");

    private static void assertRefused(ThrowingCallable call, String message) {
        assertThatIllegalArgumentException().isThrownBy(call).withMessage(message);
    }

    @Test
    void builder_checksItsArguments() {
        assertRefused(() -> builder.partitions(0), "partitions: 0 is not 1 or more");
        assertRefused(() -> builder.replication(0), "replication: 0 is not between 1 and 32767");
        assertRefused(() -> builder.replication(32_768), "replication: 32768 is not between 1 and 32767");
    }

    @Test
    void builder_refusesNamesThatNoTopicHas() {
        assertRefused(
                () -> TopicInstaller.builder("localhost:1", "a b"),
                "topic: \"a b\" is not a name of 1 to 249 letters, digits, dots, underscores and hyphens");
        assertRefused(() -> TopicInstaller.builder(" ", "t"), "bootstrapServers: \" \" is blank");
    }

    @Test
    void install_givesTheClusterTenSecondsToAnswer() {
        assertThat(TopicInstaller.Builder.bounded(Map.of()))
                .containsOnly(entry("default.api.timeout.ms", 10_000), entry("request.timeout.ms", 10_000));
        assertThat(TopicInstaller.Builder.bounded(Map.of("request.timeout.ms", 20_000)))
                .as("Kafka refuses a shorter default.api.timeout.ms")
                .containsOnly(entry("request.timeout.ms", 20_000));
    }

    @Test
    void install_saysThatNoBrokerAnswers() {
        assertThatExceptionOfType(TelemetryException.class)
                .isThrownBy(() -> builder.overrides(Map.of("request.timeout.ms", 100, "default.api.timeout.ms", 200))
                        .install())
                .withMessageStartingWith("Topic t was not created at localhost:1: ");
    }

    @Test
    void builder_namesWhatIsNull() {
        assertThatNullPointerException()
                .isThrownBy(() -> builder.setting("retention.ms", null))
                .withMessage("value");
        assertThatNullPointerException()
                .isThrownBy(() -> TopicInstaller.builder("localhost:1", null))
                .withMessage("topic");
    }
}
