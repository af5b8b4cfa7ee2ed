package io.gpufleet.telemetry.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.integration.audited.Mutant;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Faults of every kind under load, in a seeded order, and a model that knows what the tables have to hold.
 *
 * <p>The short run is part of every build. The long one is asked for by {@code -Pfaults}: it runs as many slices as
 * {@code faults.slices} says, from the seed {@code faults.seed} on, and adds what it sees to {@code faults.results}.
 * {@code faults.brokers=3} lets either strike a cluster of three, with the faults that only such a one has.
 */
final class FaultRunIT {
    private static final Duration LONGEST_STANDSTILL = Duration.ofSeconds(30);
    private static final Patience LITTLE = new Patience(Duration.ofSeconds(4), Duration.ofSeconds(4));
    private static final Patience USUAL = new Patience(Duration.ofSeconds(10), Duration.ofSeconds(20));
    private static final int SLICES = Integer.getInteger("faults.slices", 0);
    private static final int BROKERS = Integer.getInteger("faults.brokers", 1);
    private static final long SEED = Long.getLong("faults.seed", 1);

    @TempDir
    private Path directory;

    @Test
    @Timeout(value = 6, unit = TimeUnit.HOURS)
    void faults_loseNothingAndDoubleNothing() throws Exception {
        if (SLICES == 0) {
            try (FaultRun run = new FaultRun(SEED, brokers(), LITTLE, Mutant.withJumpingClock(directory))) {
                run.strikeAll(FaultKind::timesInShort);
                assertExact(run);
                System.out.println(FaultReport.table(List.of(run.slice()), run.outcomes()));
            }
            return;
        }
        FaultReport report = new FaultReport(Path.of(System.getProperty("faults.results")));
        for (int slice = 0; slice < SLICES; slice++) {
            try (FaultRun run = new FaultRun(SEED + slice, brokers(), USUAL, Mutant.withJumpingClock(directory))) {
                run.strikeAll(FaultKind::timesInSlice);
                assertExact(run);
                report.add(run.slice(), run.outcomes());
            }
            System.out.println(report.table());
        }
    }

    private static Brokers brokers() {
        return switch (BROKERS) {
            case 1 -> new OneBroker();
            case 3 -> new ThreeBrokers();
            default -> throw new IllegalArgumentException("faults.brokers: " + BROKERS + " is neither 1 nor 3");
        };
    }

    private static void assertExact(FaultRun run) throws Exception {
        assertThat(run.finish()).as(run.slice()::toString).isEmpty();
        assertThat(run.outcomes()).allSatisfy(outcome -> {
            assertThat(outcome.lost()).as(outcome::toString).isZero();
            assertThat(outcome.doubled()).as(outcome::toString).isZero();
        });
        assertThat(run.site().progress().longestStandstill())
                .as("the longest standstill, %s", run.site().progress().longestStandstillInWords())
                .isLessThanOrEqualTo(LONGEST_STANDSTILL);
    }
}
