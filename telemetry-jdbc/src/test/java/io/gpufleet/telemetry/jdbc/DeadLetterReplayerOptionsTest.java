package io.gpufleet.telemetry.jdbc;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

final class DeadLetterReplayerOptionsTest {
    private static DeadLetterReplayer.Builder<String> builder() {
        return DeadLetterReplayer.builder(new PGSimpleDataSource(), "g");
    }

    private static void assertRefused(Runnable setting, String message) {
        assertThatIllegalArgumentException().isThrownBy(setting::run).withMessage(message);
    }

    @Test
    void builder_checksItsArguments() {
        assertRefused(() -> DeadLetterReplayer.builder(new PGSimpleDataSource(), " "), "groupId: \" \" is blank");
        assertRefused(() -> builder().batchSize(0), "batchSize: 0 is not between 1 and 10000");
        assertRefused(() -> builder().batchSize(10_001), "batchSize: 10001 is not between 1 and 10000");
        assertRefused(() -> builder().maxAttempts(0), "maxAttempts: 0 is not 1 or more");
        builder().batchSize(1).batchSize(10_000).maxAttempts(1).schema("s").build();
    }

    @Test
    void selection_checksItsArguments() {
        DeadLetterSelection all = DeadLetterSelection.all();
        assertRefused(() -> DeadLetterSelection.one(0), "id: 0 is not 1 or more");
        assertRefused(() -> all.topic(""), "topic: empty");
        assertRefused(() -> all.reason(""), "reason: empty");
        assertRefused(() -> all.since(Instant.MAX), "since: " + Instant.MAX + " is not between the years 1 and 9999");
        assertRefused(() -> all.until(Instant.MIN), "until: " + Instant.MIN + " is not between the years 1 and 9999");
    }
}
