package io.gpufleet.telemetry.integration.exactlyonce;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.integration.audited.AuditedConsumer;
import io.gpufleet.telemetry.integration.audited.Mutant;
import io.gpufleet.telemetry.testkit.PostgresServer;
import io.gpufleet.telemetry.testkit.PostgresSnapshot;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A database restored from a copy without positions, while Kafka still has the group's offsets: exact, even if the host
 * adopts the group's offsets, since those that the SDK has committed do not count.
 */
@TelemetryStackTest
final class GroupOffsetFallbackIT {
    private static final Logger log = LoggerFactory.getLogger(GroupOffsetFallbackIT.class);
    private static final int RECORDS = 1_000;

    @Test
    void restoredDatabase_isFilledAgain(TelemetryStack stack) throws IOException {
        try (PostgresServer postgres = PostgresServer.builder().start();
                AuditedRun run = AuditedRun.create(stack.kafka(), postgres.newDatabase(), "restored", 2)) {
            consumeAndRestore(postgres, run, run.consumer().set(AuditedConsumer.ADOPT_GROUP_OFFSETS, true));
            run.assertExact();
        }
    }

    @Test
    void withoutCommitMarks_recordsBeforeTheRestoreAreMissing(@TempDir Path directory, TelemetryStack stack)
            throws ReflectiveOperationException, IOException {
        try (PostgresServer postgres = PostgresServer.builder().start();
                AuditedRun run = AuditedRun.create(stack.kafka(), postgres.newDatabase(), "restored-adopted", 2)) {
            consumeAndRestore(
                    postgres,
                    run,
                    run.consumer()
                            .set(AuditedConsumer.ADOPT_GROUP_OFFSETS, true)
                            .mutant(Optional.of(Mutant.withoutCommitMarks(directory))));
            long missing = run.accepted() - run.audit().rows();
            log.info("{} records are missing", missing);
            assertThat(missing).isPositive();
            assertThat(run.audit().gaps()).containsOnly("adopted");
        }
    }

    /** Consumes, restores the database, and consumes to the end again. */
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
