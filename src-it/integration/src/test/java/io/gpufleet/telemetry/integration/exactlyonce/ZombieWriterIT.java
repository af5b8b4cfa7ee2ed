package io.gpufleet.telemetry.integration.exactlyonce;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.integration.audited.AuditedConsumer;
import io.gpufleet.telemetry.integration.audited.Mutant;
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
 * Writers that stop in their transaction while another takes over: exact because of the compare-and-set, and not exact
 * without it.
 */
@TelemetryStackTest
final class ZombieWriterIT {
    private static final Logger log = LoggerFactory.getLogger(ZombieWriterIT.class);
    private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(8);
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration SLACK = Duration.ofSeconds(8);

    @Test
    void zombieThatWakesAfterTheTakeover_isFenced(TelemetryStack stack) throws IOException {
        try (AuditedRun run = AuditedRun.create(stack, "woken-late", 1)) {
            ZombieTakeover takeover = wakeLate(run, Optional.empty());
            takeover.zombie().await("fenced");
            takeover.wakePolling();
            takeover.goOn();
            run.assertExact();
            assertThat(takeover.successor().count("fenced"))
                    .as("fences of the successor")
                    .isZero();
        }
    }

    @Test
    void withoutCompareAndSet_zombieThatWakesAfterTheTakeoverDoubles(TelemetryStack stack, @TempDir Path directory)
            throws Exception {
        try (AuditedRun run = AuditedRun.create(stack, "woken-late-mutant", 1)) {
            ZombieTakeover takeover = wakeLate(run, Optional.of(Mutant.withoutCompareAndSet(directory)));
            assertDoubled(run, takeover.zombie());
        }
    }

    /**
     * The successor waits until the server has ended the zombie's session, and applies everything; the zombie wakes.
     */
    private static ZombieTakeover wakeLate(AuditedRun run, Optional<Mutant> mutant) throws IOException {
        ZombieTakeover takeover = ZombieTakeover.begin(run, consumer(run, LOCK_TIMEOUT, IDLE_TIMEOUT, mutant));
        Duration stall = takeover.awaitSuccessor();
        log.info("stall of {}, {} retries", stall, takeover.successor().count("retried"));
        assertThat(takeover.successor().count("retried"))
                .as("waits for the lock")
                .isPositive();
        assertThat(stall)
                .isBetween(IDLE_TIMEOUT, IDLE_TIMEOUT.plus(LOCK_TIMEOUT).plus(SLACK));
        takeover.wakeWriter();
        return takeover;
    }

    @Test
    void zombieThatWakesDuringTheTakeover_fencesTheSuccessor(TelemetryStack stack) throws IOException {
        try (AuditedRun run = AuditedRun.create(stack, "woken-early", 1)) {
            ZombieTakeover takeover = wakeEarly(run, Optional.empty());
            takeover.successor().await("fenced");
            takeover.wakePolling();
            takeover.goOn();
            run.assertExact();
            assertThat(takeover.zombie().count("fenced"))
                    .as("fences of the zombie")
                    .isZero();
        }
    }

    @Test
    void withoutCompareAndSet_successorDoubles(TelemetryStack stack, @TempDir Path directory) throws Exception {
        try (AuditedRun run = AuditedRun.create(stack, "woken-early-mutant", 1)) {
            ZombieTakeover takeover = wakeEarly(run, Optional.of(Mutant.withoutCompareAndSet(directory)));
            assertDoubled(run, takeover.successor());
        }
    }

    /** The zombie wakes and commits while the successor waits for its lock. */
    private static ZombieTakeover wakeEarly(AuditedRun run, Optional<Mutant> mutant) throws IOException {
        ZombieTakeover takeover = ZombieTakeover.begin(run, consumer(run, PATIENCE, PATIENCE, mutant));
        takeover.awaitCollision();
        takeover.wakeWriter();
        return takeover;
    }

    @Test
    void zombieThatIsKilled_leavesNothing(TelemetryStack stack) throws IOException {
        try (AuditedRun run = AuditedRun.create(stack, "killed-zombie", 1)) {
            ZombieTakeover takeover = ZombieTakeover.begin(run, consumer(run, PATIENCE, PATIENCE, Optional.empty()));
            takeover.awaitCollision();
            takeover.zombie().kill();
            takeover.awaitSuccessor();
            takeover.goOn();
            run.assertExact();
            assertThat(takeover.successor().count("fenced"))
                    .as("fences of the successor")
                    .isZero();
        }
    }

    private static AuditedConsumer.Builder consumer(
            AuditedRun run, Duration lockTimeout, Duration idleTimeout, Optional<Mutant> mutant) {
        return run.consumer()
                .mutant(mutant)
                .set(AuditedConsumer.LOCK_TIMEOUT, lockTimeout.toMillis())
                .set(AuditedConsumer.IDLE_TIMEOUT, idleTimeout.toMillis());
    }

    private static void assertDoubled(AuditedRun run, AuditedConsumer writer) {
        log.info("{} records were applied twice", run.awaitDuplicates());
        assertThat(run.audit().doubledOffsets()).as("offsets applied twice").isPositive();
        assertThat(writer.count("fenced")).as("fences").isZero();
    }
}
