package io.gpufleet.telemetry.integration.exactlyonce;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.integration.audited.AuditedConsumer;
import io.gpufleet.telemetry.integration.audited.Mutant;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Commits lose their replies: some had succeeded, some had not, some succeed later. */
@TelemetryStackTest
final class LostCommitReplyIT {
    private static final Logger log = LoggerFactory.getLogger(LostCommitReplyIT.class);
    private static final int RECORDS = 20_000;
    private static final int FEWEST_LOSSES = 20;

    @Test
    void lostReplies_neitherLoseNorDouble(TelemetryStack stack) throws IOException {
        try (AuditedRun run = AuditedRun.create(stack, "lost-replies", 4)) {
            run.publish(RECORDS);
            AuditedConsumer consumer = start(run, Optional.empty());
            run.awaitEnd();
            run.assertExact();
            for (String outcome : List.of("lost COMMITTED ", "lost ABORTED ", "committed late")) {
                log.info("{}: {} times", outcome, consumer.count(outcome));
                assertThat(consumer.count(outcome)).as(outcome).isGreaterThan(FEWEST_LOSSES);
            }
            log.info("{} retried, {} fenced", consumer.count("retried"), consumer.count("fenced"));
        }
    }

    @Test
    void withoutCompareAndSet_lateCommitsDouble(TelemetryStack stack, @TempDir Path directory) throws Exception {
        try (AuditedRun run = AuditedRun.create(stack, "lost-replies-mutant", 4)) {
            run.publish(RECORDS);
            start(run, Optional.of(Mutant.withoutCompareAndSet(directory)));
            log.info("{} records were applied twice", run.awaitDuplicates());
        }
    }

    private static AuditedConsumer start(AuditedRun run, Optional<Mutant> mutant) throws IOException {
        return run.consumer()
                .mutant(mutant)
                .set(AuditedConsumer.LOST_REPLIES, 0.4)
                .set(AuditedConsumer.IDLE_TIMEOUT, 5_000)
                .start();
    }
}
