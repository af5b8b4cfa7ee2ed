package io.gpufleet.telemetry.examples.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.BatchPolicy;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The ready consumer has the defaults of the SDK. */
final class BatchOptionsTest {
    @Test
    void policy_isTheDefaultOfTheSdk() {
        BatchOptions options = CommandLine.populateCommand(new BatchOptions());

        assertThat(options.policy()).hasToString(BatchPolicy.defaults().toString());
    }
}
