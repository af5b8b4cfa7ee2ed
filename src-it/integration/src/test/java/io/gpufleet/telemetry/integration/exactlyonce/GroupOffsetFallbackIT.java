package io.gpufleet.telemetry.integration.exactlyonce;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.integration.audited.AuditedConsumer;
import io.gpufleet.telemetry.testkit.PostgresServer;
import io.gpufleet.telemetry.testkit.PostgresSnapshot;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A database that is put back to a copy without positions, while Kafka still knows how far the group had come: exact
 * because only the database is asked, and not exact if the group's offsets count.
 */
@TelemetryStackTest
final class GroupOffsetFallbackIT {
    private static final Logger log = LoggerFactory.getLogger(GroupOffsetFallbackIT.class);
    private static final int RECORDS = 1_000;

    @Test
    void restoredDatabase_isFilledAgain(TelemetryStack stack) throws IOException {
        try (PostgresServer postgres = PostgresServer.builder().start();
                AuditedRun run = AuditedRun.create(stack.kafka(), postgres.newDatabase(), "restored", 2)) {
            consumeAndRestore(postgres, run, run.consumer());
            run.assertExact();
        }
    }

    @Test
    void withGroupOffsets_recordsBeforeTheRestoreAreMissing(TelemetryStack stack) throws IOException {
        try (PostgresServer postgres = PostgresServer.builder().start();
                AuditedRun run = AuditedRun.create(stack.kafka(), postgres.newDatabase(), "restored-adopted", 2)) {
            consumeAndRestore(postgres, run, run.consumer().set(AuditedConsumer.ADOPT_GROUP_OFFSETS, true));
            long missing = run.accepted() - run.audit().rows();
            log.info("{} records are missing", missing);
            assertThat(missing).isPositive();
            assertThat(run.audit().gaps()).containsOnly("start");
        }
    }

    /** Consumes, puts the database back to what it was before, and consumes to the end again. */
    private static void consumeAndRestore(PostgresServer postgres, AuditedRun run, AuditedConsumer.Builder consumer)
            throws IOException {
        postgres.stop();
        PostgresSnapshot before = postgres.snapshot();
        postgres.start();
        consume(run, consumer);
        run.awaitCommittedEnd();
        postgres.stop();
        postgres.restore(before);
        postgres.start();
        consume(run, consumer);
    }

    private static void consume(AuditedRun run, AuditedConsumer.Builder settings) throws IOException {
        run.publish(RECORDS);
        AuditedConsumer consumer = settings.start();
        run.awaitEnd();
        consumer.stop();
    }
}
