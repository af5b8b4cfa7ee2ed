package io.gpufleet.telemetry.integration.exactlyonce;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.integration.audited.AuditedConsumer;
import io.gpufleet.telemetry.integration.audited.Holds;
import io.gpufleet.telemetry.integration.audited.Mutant;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A topic that is recreated while its consumer is stopped, which then continues at its old offset in the new log: exact
 * because such records belong to an ended generation, and not exact if they are written.
 */
@TelemetryStackTest
final class ReplacedTopicIT {
    private static final Logger log = LoggerFactory.getLogger(ReplacedTopicIT.class);
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int OLD_RECORDS = 500;
    private static final int NEW_RECORDS = 1_500;

    @Test
    void replacedTopic_isConsumedFromItsBeginning(TelemetryStack stack) throws IOException {
        try (AuditedRun run = AuditedRun.create(stack, "replaced", 1)) {
            AuditedConsumer consumer = replaceTopic(run, Optional.empty());
            consumer.release(Holds.POLL);
            run.awaitEnd();
            run.assertExact("topic_replaced");
        }
    }

    @Test
    void withoutGenerationCheck_recordsOfTheNewLogAreDoubled(TelemetryStack stack, @TempDir Path directory)
            throws Exception {
        try (AuditedRun run = AuditedRun.create(stack, "replaced-mutant", 1)) {
            AuditedConsumer consumer = replaceTopic(run, Optional.of(Mutant.withoutGenerationCheck(directory)));
            Await.until("records of two logs", LIMIT, run.audit()::rows, rows -> rows > OLD_RECORDS);
            consumer.release(Holds.POLL);
            log.info("{} records were applied twice", run.awaitDuplicates());
            run.awaitEnd();
            assertThat(run.audit().rows()).isGreaterThan(run.accepted());
        }
    }

    /**
     * Returns a consumer whose client has returned records of the new log from its old offset on, and whose poll thread
     * does not know yet that the topic was recreated.
     */
    private static AuditedConsumer replaceTopic(AuditedRun run, Optional<Mutant> mutant) throws IOException {
        AuditedConsumer consumer = run.consumer()
                .mutant(mutant)
                .set(AuditedConsumer.SESSION_TIMEOUT, 30_000)
                .start();
        run.publish(OLD_RECORDS);
        run.awaitEnd();
        consumer.suspend();
        run.replaceTopic();
        run.publish(NEW_RECORDS);
        consumer.hold(Holds.POLL);
        consumer.resume();
        consumer.await("held poll");
        return consumer;
    }
}
