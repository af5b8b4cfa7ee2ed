package io.gpufleet.telemetry.integration.exactlyonce;

import io.gpufleet.telemetry.integration.audited.AuditedConsumer;
import io.gpufleet.telemetry.integration.audited.Holds;
import io.gpufleet.telemetry.testkit.Await;
import java.io.IOException;
import java.time.Duration;

/**
 * A writer that is stopped between its compare-and-set and its commit, while another consumer takes over its partition.
 * Belongs to the thread of the test.
 */
final class ZombieTakeover {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int RECORDS = 1_000;

    private final AuditedRun run;
    private final AuditedConsumer zombie;
    private final AuditedConsumer successor;
    private final long stoppedAt;

    private ZombieTakeover(AuditedRun run, AuditedConsumer zombie, AuditedConsumer successor) throws IOException {
        this.run = run;
        this.zombie = zombie;
        this.successor = successor;
        this.stoppedAt = stop(run, zombie);
    }

    /** Returns the time at which the writer was stopped and its transaction became idle. */
    private static long stop(AuditedRun run, AuditedConsumer writer) throws IOException {
        writer.hold(Holds.COMMIT);
        writer.hold(Holds.POLL);
        run.publish(RECORDS);
        long stoppedAt = writer.await("held commit");
        writer.await("held poll");
        writer.suspend();
        return stoppedAt;
    }

    /**
     * Starts a writer that stops with its positions locked, and another that runs without work: the only partition
     * stays until the group removes its owner.
     *
     * @param consumer the settings of both
     */
    static ZombieTakeover begin(AuditedRun run, AuditedConsumer.Builder consumer) throws IOException {
        AuditedConsumer zombie = consumer.start();
        run.publish(RECORDS);
        run.awaitEnd();
        AuditedConsumer successor = consumer.start();
        successor.await("started");
        return new ZombieTakeover(run, zombie, successor);
    }

    AuditedConsumer zombie() {
        return zombie;
    }

    AuditedConsumer successor() {
        return successor;
    }

    /** Waits until the successor has applied everything, and returns the time without a write. */
    Duration awaitSuccessor() {
        run.awaitEnd();
        return Duration.ofMillis(successor.await("batch 1") - stoppedAt);
    }

    /** Waits until the successor waits for the position that the zombie has locked. */
    void awaitCollision() {
        Await.until(
                "the successor waits for the zombie", LIMIT, () -> run.audit().waiting() > 0);
    }

    /** Resumes the zombie up to its commit; its poll thread does not know yet that it has lost the partition. */
    void wakeWriter() throws IOException {
        zombie.resume();
        zombie.release(Holds.COMMIT);
    }

    /** Resumes the zombie until it notices that it has lost its partition, and joins again. */
    void wakePolling() throws IOException {
        zombie.release(Holds.POLL);
    }

    /** Makes the remaining consumers apply some more. */
    void goOn() {
        run.publish(RECORDS);
        run.awaitEnd();
    }
}
