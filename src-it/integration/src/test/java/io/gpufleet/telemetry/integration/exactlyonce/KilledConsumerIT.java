package io.gpufleet.telemetry.integration.exactlyonce;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.integration.audited.AuditedConsumer;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Two consumers share a group; one of them is killed repeatedly while it writes. Every other time its partitions first
 * move to the survivor, which must give them back while it writes them.
 */
@TelemetryStackTest
final class KilledConsumerIT {
    private static final Logger log = LoggerFactory.getLogger(KilledConsumerIT.class);
    private static final int RECORDS = 200_000;
    private static final int KILLS = 10;
    private static final int SLICE = RECORDS / (2 * KILLS);
    private static final int MOST_BATCHES = 30;

    @Test
    void killedConsumers_loseNothingAndDoubleNothing(TelemetryStack stack) throws IOException {
        try (AuditedRun run = AuditedRun.create(stack, "killed", 4)) {
            AuditedConsumer survivor = run.consumer().start();
            survivor.await("assigned");
            Random random = new Random(1);
            for (int kill = 1; kill <= KILLS; kill++) {
                killWhileWriting(run, 1 + random.nextInt(MOST_BATCHES));
                if (kill % 2 == 0) {
                    survivor.awaitCount("assigned", survivor.count("assigned") + 1);
                }
            }
            run.consumer().start().await("assigned");
            run.awaitEnd();
            run.assertExact();
            log.info("{} handovers", run.audit().handovers());
            assertThat(run.audit().handovers()).as("handovers").isGreaterThan(2 * KILLS);
        }
    }

    /** Kills a consumer that has joined and written some batches, while records of its partitions wait. */
    private static void killWhileWriting(AuditedRun run, int batches) throws IOException {
        AuditedConsumer victim = run.consumer().start();
        run.publish(SLICE);
        victim.await("assigned");
        run.publish(SLICE);
        victim.await("batch " + batches);
        victim.kill();
        long lag = run.lagOf(victim);
        log.info("killed after {} batches, {} records wait", victim.count("batch"), lag);
        assertThat(lag).as("records that wait").isPositive();
    }
}
