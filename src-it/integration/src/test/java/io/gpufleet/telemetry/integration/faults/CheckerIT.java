package io.gpufleet.telemetry.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.integration.audited.Mutant;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The checker of the fault runs finds faults: a value in any table, and a consumer without its guard. */
final class CheckerIT {
    private static final Patience PATIENCE = new Patience(Duration.ofSeconds(6), Duration.ofSeconds(5));
    private static final int MOST_STRIKES = 8;
    private static final List<String> CORRUPTIONS = List.of(
            "DELETE FROM audit WHERE ctid = (SELECT min(ctid) FROM audit)",
            "INSERT INTO audit SELECT * FROM audit LIMIT 1",
            "DELETE FROM dead_letters WHERE id = (SELECT min(id) FROM dead_letters)",
            "UPDATE dead_letters SET value = '\\x00' WHERE id = (SELECT max(id) FROM dead_letters)",
            "INSERT INTO consumption_gaps (group_id, topic, partition, reason, from_cluster_id, from_topic_id,"
                    + " from_offset, to_cluster_id, to_topic_id, to_offset) SELECT group_id, topic, partition, 'expired',"
                    + " cluster_id, topic_id, 0, cluster_id, topic_id, 1"
                    + " FROM consumer_offsets WHERE next_offset > 0 LIMIT 1");

    @TempDir
    private Path directory;

    @Test
    void whatIsWrong_isSeen() throws Exception {
        try (FaultRun run = new FaultRun(
                1,
                new HeartbeatCargo(),
                Servers.inEnglish(new OneBroker(directory)),
                PATIENCE,
                Mutant.withoutCompareAndSet(directory))) {
            run.strike(FaultKind.PARTITION_ADDED);
            assertThat(run.differences()).isEmpty();
            strikeUntilDoubled(run);
            assertThat(run.differences())
                    .anySatisfy(difference -> assertThat(difference).startsWith("audit: "))
                    .allSatisfy(difference -> assertThat(difference).startsWith("audit"));
            run.site().execute(withoutDoubled("audit"));
            run.site().execute(withoutDoubled("audit_refused"));
            assertThat(run.differences()).isEmpty();
            assertAllSeen(run);
        }
    }

    @Test
    void whatIsWrongOfSamples_isSeen() throws Exception {
        try (FaultRun run = new FaultRun(
                1,
                SampleCargo.recent(),
                Servers.inEnglish(new OneBroker(directory)),
                PATIENCE,
                Mutant.withJumpingClock(directory))) {
            run.strike(FaultKind.PARTITION_ADDED);
            assertThat(run.differences()).isEmpty();
            assertAllSeen(run);
        }
    }

    /** Returns SQL that leaves one row of each record in a table that has them as often as they were applied. */
    private static String withoutDoubled(String table) {
        return "DELETE FROM " + table + " a USING " + table + " b WHERE a.ctid > b.ctid"
                + " AND (a.topic_id, a.partition, a.kafka_offset) = (b.topic_id, b.partition, b.kafka_offset)";
    }

    private static void assertAllSeen(FaultRun run) throws Exception {
        List<String> seen = List.of();
        for (String corruption : run.site().cargo().corruptions()) {
            seen = assertSeen(run, corruption, seen);
        }
        for (String corruption : CORRUPTIONS) {
            seen = assertSeen(run, corruption, seen);
        }
    }

    /**
     * A writer that wakes may learn that it has lost its partitions before it writes again, and then doubles nothing.
     */
    private static void strikeUntilDoubled(FaultRun run) throws Exception {
        long doubled = 0;
        for (int strikes = 0; doubled == 0 && strikes < MOST_STRIKES; strikes++) {
            run.strike(FaultKind.FROZEN_IN_TRANSACTION);
            doubled = run.outcomes().get(run.outcomes().size() - 1).doubled();
        }
        assertThat(doubled)
                .as("records that a writer without its guard has doubled")
                .isPositive();
    }

    /**
     * Asserts that a corruption adds a difference, or rows to one.
     *
     * @param before the differences before it
     * @return the differences
     */
    private static List<String> assertSeen(FaultRun run, String corruption, List<String> before) throws Exception {
        run.site().execute(corruption);
        List<String> differences = run.differences();
        assertThat(differences).as(corruption).isNotEqualTo(before).hasSizeGreaterThanOrEqualTo(before.size());
        return differences;
    }
}
