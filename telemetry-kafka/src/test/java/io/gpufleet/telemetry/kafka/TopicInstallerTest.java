package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

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
    void builder_namesWhatIsNull() {
        assertThatNullPointerException()
                .isThrownBy(() -> builder.setting("retention.ms", null))
                .withMessage("value");
        assertThatNullPointerException()
                .isThrownBy(() -> TopicInstaller.builder("localhost:1", null))
                .withMessage("topic");
    }
}
