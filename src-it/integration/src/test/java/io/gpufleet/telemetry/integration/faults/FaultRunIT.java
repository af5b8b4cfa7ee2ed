package io.gpufleet.telemetry.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.gpufleet.telemetry.integration.audited.Mutant;
import io.gpufleet.telemetry.testkit.PostgresServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

/**
 * Faults of every kind under load, in a seeded order, and a model of the expected tables.
 *
 * <p>The short run is part of every build. The long one is asked for by {@code -Pfaults}: it runs as many slices as
 * {@code faults.slices} says, from the seed {@code faults.seed} on, and adds what it sees to {@code faults.results}.
 * {@code faults.brokers=3} makes either strike a cluster of three, with the faults that only such a one has;
 * {@code faults.language=de} gives either a database that speaks German, if one is installed, with heartbeats
 * partitioned by day; {@code faults.cargo=samples} sends GPU samples instead of heartbeats, {@code history} old ones,
 * some late and some again, that are compacted and dropped meanwhile; {@code faults.only} names the kinds to which
 * either is limited, as often as in a slice.
 */
final class FaultRunIT {
    private static final Duration LONGEST_STANDSTILL = Duration.ofSeconds(30);
    private static final Patience LITTLE = new Patience(Duration.ofSeconds(4), Duration.ofSeconds(4));
    private static final Patience USUAL = new Patience(Duration.ofSeconds(10), Duration.ofSeconds(20));
    private static final int SLICES = Integer.getInteger("faults.slices", 0);
    private static final int BROKERS = Integer.getInteger("faults.brokers", 1);
    private static final String LANGUAGE = System.getProperty("faults.language", "en");
    private static final Set<FaultKind> ONLY = Pattern.compile(",")
            .splitAsStream(System.getProperty("faults.only", ""))
            .filter(name -> !name.isBlank())
            .map(FaultKind::valueOf)
            .collect(Collectors.toSet());
    private static final long SEED = Long.getLong("faults.seed", 1);
    private static final String CARGO = System.getProperty("faults.cargo", "heartbeats");

    /** The faults of a short run with samples: those that strike their tables and numbers. */
    private static final Set<FaultKind> SHORT_FOR_SAMPLES = EnumSet.of(
            FaultKind.CONSUMER_KILLED,
            FaultKind.FROZEN_IN_TRANSACTION,
            FaultKind.COMMIT_REPLY_LOST,
            FaultKind.SESSIONS_TERMINATED,
            FaultKind.WRITES_FAIL,
            FaultKind.DATABASE_KILLED,
            FaultKind.OLDER_COPY,
            FaultKind.DAY_DROPPED,
            FaultKind.ABORTED_LATE,
            FaultKind.PARTITION_ADDED);

    /** The faults of a short run with old samples: those of compaction, and some beside it. */
    private static final Set<FaultKind> SHORT_FOR_HISTORY = EnumSet.of(
            FaultKind.COMPACTION_KILLED,
            FaultKind.COMPACTION_TERMINATED,
            FaultKind.COMPACTION_FROZEN,
            FaultKind.COMPACTION_HELD,
            FaultKind.OLD_DAYS_DROPPED,
            FaultKind.CONSUMER_KILLED,
            FaultKind.DATABASE_KILLED,
            FaultKind.OLDER_COPY);

    @TempDir
    private Path directory;

    @Test
    @Timeout(value = 6, unit = TimeUnit.HOURS)
    void faults_loseNothingAndDoubleNothing() throws Exception {
        if (SLICES == 0) {
            try (FaultRun run = run(SEED, cargo(), LITTLE)) {
                run.strikeAll(limited(FaultKind::timesInShort));
                assertExact(run);
                System.out.println(FaultReport.table(List.of(run.slice()), run.outcomes()));
            }
            return;
        }
        FaultReport report = new FaultReport(Path.of(System.getProperty("faults.results")));
        for (int slice = 0; slice < SLICES; slice++) {
            try (FaultRun run = run(SEED + slice, cargo(), USUAL)) {
                run.strikeAll(limited(FaultKind::timesInSlice));
                assertExact(run);
                report.add(run.slice(), run.outcomes());
            }
            System.out.println(report.table());
        }
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void faultsOfSamples_loseNothingAndDoubleNothing() throws Exception {
        assumeThat(SLICES).isZero();
        try (FaultRun run = run(SEED, SampleCargo.recent(), LITTLE)) {
            run.strikeAll(kind -> SHORT_FOR_SAMPLES.contains(kind) ? 1 : 0);
            assertExact(run);
            System.out.println(FaultReport.table(List.of(run.slice()), run.outcomes()));
        }
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void faultsOfHistory_loseNothingAndDoubleNothing() throws Exception {
        assumeThat(SLICES).isZero();
        try (FaultRun run = run(SEED, SampleCargo.ofHistory(), LITTLE)) {
            run.strikeAll(kind -> SHORT_FOR_HISTORY.contains(kind) ? kind.timesInShort() : 0);
            assertExact(run);
            System.out.println(FaultReport.table(List.of(run.slice()), run.outcomes()));
        }
    }

    private static Cargo cargo() {
        return switch (CARGO) {
            case "heartbeats" -> new HeartbeatCargo();
            case "samples" -> SampleCargo.recent();
            case "history" -> SampleCargo.ofHistory();
            default ->
                throw new IllegalArgumentException(
                        "faults.cargo: " + CARGO + " is none of heartbeats, samples, history");
        };
    }

    private FaultRun run(long seed, Cargo cargo, Patience patience) throws Exception {
        return new FaultRun(seed, cargo, servers(), patience, Mutant.withJumpingClock(directory));
    }

    private Servers servers() throws IOException {
        return switch (LANGUAGE) {
            case "en" -> Servers.inEnglish(brokers());
            case "de" -> inGerman();
            default -> throw new IllegalArgumentException("faults.language: " + LANGUAGE + " is neither en nor de");
        };
    }

    /** The database first: without one, no broker has to be ended. */
    private Servers inGerman() throws IOException {
        try {
            PostgresServer postgres = Servers.germanPostgres();
            return new Servers(brokers(), postgres, true);
        } catch (TestAbortedException e) {
            System.out.println("faults.language=de was left out: " + e.getMessage());
            throw e;
        }
    }

    private Brokers brokers() throws IOException {
        return switch (BROKERS) {
            case 1 -> new OneBroker(directory);
            case 3 -> new ThreeBrokers();
            default -> throw new IllegalArgumentException("faults.brokers: " + BROKERS + " is neither 1 nor 3");
        };
    }

    private static ToIntFunction<FaultKind> limited(ToIntFunction<FaultKind> times) {
        return ONLY.isEmpty() ? times : kind -> ONLY.contains(kind) ? kind.timesInSlice() : 0;
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
