package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.LogId;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommitMarkTest {
    private static final LogId LOG = new LogId("xY-9_kQ2T0m1aB3cD4eF5g", new UUID(1, 0xabcdef));

    @Test
    void of_isWhatToolsShow() {
        assertThat(CommitMark.of(LOG))
                .isEqualTo("gpufleet-telemetry/1 cluster=xY-9_kQ2T0m1aB3cD4eF5g"
                        + " topic=00000000-0000-0001-0000-000000abcdef");
    }

    @Test
    void read_returnsTheLog() {
        assertThat(CommitMark.read(CommitMark.of(LOG))).contains(LOG);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "checkpoint 7",
                "gpufleet-telemetry/1",
                "gpufleet-telemetry/1 cluster= topic=00000000-0000-0001-0000-000000abcdef",
                "gpufleet-telemetry/1 cluster=a topic=1-2-3-4-5",
                "gpufleet-telemetry/1 cluster=a topic=00000000-0000-0001-0000-000000abcdeg",
                "gpufleet-telemetry/2 cluster=a topic=00000000-0000-0001-0000-000000abcdef",
                "gpufleet-telemetry/1 cluster=a topic=00000000-0000-0001-0000-000000abcdef and more",
            })
    void read_knowsNoOtherMetadata(String metadata) {
        assertThat(CommitMark.read(metadata)).isEmpty();
    }
}
