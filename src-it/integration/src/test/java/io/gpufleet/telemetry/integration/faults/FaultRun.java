package io.gpufleet.telemetry.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.integration.audited.AuditedConsumer;
import io.gpufleet.telemetry.integration.audited.Mutant;
import io.gpufleet.telemetry.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.ToIntFunction;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Faults in an order decided by the seed, one after the other, under load, with a full check after each. Belongs to the
 * thread of the test.
 */
final class FaultRun implements AutoCloseable {
    /** The number of records sent at once before a fault, so that there is something to lose. */
    static final int FIRST_RECORDS = 500;

    private static final Logger log = LoggerFactory.getLogger(FaultRun.class);
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final long seed;
    private final FaultSite site;
    private final List<FaultReport.Outcome> outcomes = new ArrayList<>();

    /**
     * Starts everything.
     *
     * @param seed the seed of order, targets and times
     * @param cargo the data that is sent
     * @param servers the targets; closed with this
     * @param patience the waits of the group and the database for a consumer
     * @param mutant the change of the consumers; the clocks of those with a jumping one can be moved
     */
    FaultRun(long seed, Cargo cargo, Servers servers, Patience patience, Mutant mutant) throws Exception {
        this.seed = seed;
        this.site = new FaultSite(seed, cargo, servers, patience, mutant);
        for (int member = 0; member < FaultSite.MEMBERS; member++) {
            site.consumers().start();
        }
        site.consumers().awaitStart();
        site.progress().await("first positions", site.topics().endOffsets(FaultSite.TOPIC));
    }

    FaultSite site() {
        return site;
    }

    List<FaultReport.Outcome> outcomes() {
        return outcomes;
    }

    /** Injects every possible kind as often as wanted. */
    void strikeAll(ToIntFunction<FaultKind> times) throws Exception {
        List<FaultKind> kinds = new ArrayList<>();
        for (FaultKind kind : FaultKind.values()) {
            if (kind.canStrike(site)) {
                kinds.addAll(Collections.nCopies(times.applyAsInt(kind), kind));
            }
        }
        Collections.shuffle(kinds, new Random(seed));
        for (FaultKind kind : kinds) {
            strike(kind);
        }
    }

    /** Injects a fault under load, and checks everything once the consumers have recovered. */
    void strike(FaultKind kind) throws Exception {
        log.info("fault {}: {}", outcomes.size() + 1, kind);
        site.load().begin(FIRST_RECORDS);
        if (!kind.isOutage()) {
            site.progress().resume(kind.toString());
        }
        Fault.Aftermath aftermath = kind.strike(site);
        if (kind.isOutage()) {
            site.progress().resume(kind.toString());
        }
        long mendedAt = System.nanoTime();
        awaitPositions(kind, site.topics().endOffsets(FaultSite.TOPIC));
        Duration recovery = Duration.ofNanos(System.nanoTime() - mendedAt);
        aftermath.run();
        site.consumers().awaitStart();
        site.load().pause();
        awaitPositions(kind, site.topics().endOffsets(FaultSite.TOPIC));
        site.progress().suspend();
        assertThat(site.consumers().complaints()).as(kind.toString()).isEmpty();
        note(kind, recovery);
    }

    private void awaitPositions(FaultKind kind, Map<Integer, Long> wanted) {
        try {
            site.progress().await("after " + kind, wanted);
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "\n" + site.consumers(), e);
        }
    }

    private void note(FaultKind kind, Duration recovery) throws Exception {
        site.readLog();
        long expected = site.model().accepted(site.lost()).size();
        long applied = number("SELECT count(*) FROM audit");
        long places =
                number("SELECT count(*) FROM (SELECT DISTINCT topic_id, partition, kafka_offset FROM audit) AS d");
        long lostBefore = outcomes.stream().mapToLong(FaultReport.Outcome::lost).sum();
        long doubledBefore =
                outcomes.stream().mapToLong(FaultReport.Outcome::doubled).sum();
        outcomes.add(new FaultReport.Outcome(
                kind, recovery.toMillis(), expected - places - lostBefore, applied - places - doubledBefore));
        log.info("{}", outcomes.get(outcomes.size() - 1));
    }

    private long number(String sql) {
        return Jdbi.create(site.database().dataSource())
                .withHandle(handle -> handle.createQuery(sql).mapTo(Long.class).one());
    }

    /** Closes all consumers, and returns all complaints. */
    List<String> finish() throws Exception {
        for (AuditedConsumer member : site.consumers().members()) {
            site.consumers().stop(member);
        }
        List<String> complaints = new ArrayList<>(site.consumers().complaints());
        Await.until(
                "the end of the consumers' sessions",
                LIMIT,
                () -> number("SELECT count(*) FROM pg_stat_activity WHERE usename = '" + FaultSite.ROLE + "'") == 0);
        if (site.isCompacted()) {
            complaints.addAll(site.compactors().finish());
            log.info(
                    "compactions were struck {} times in a transaction",
                    site.compactors().strikes());
        }
        complaints.addAll(differences());
        return complaints;
    }

    /** Compares every table with the model. */
    List<String> differences() {
        Gaps gaps = Gaps.read(site.database().dataSource());
        site.cargo().look(site.database().dataSource());
        List<String> differences = new ArrayList<>(TableComparison.differences(
                site.model().tables(site.lost()), site.database().dataSource()));
        differences.addAll(site.cargo()
                .complaints(site.model().accepted(site.lost()), site.database().dataSource()));
        List<LogRecord> undue = site.model()
                .matching(record -> gaps.test(record) && !site.losses().isGone(record));
        if (!undue.isEmpty()) {
            differences.add("consumption_gaps: " + undue.size() + " records are in gaps and were not lost by the log,"
                    + " the first " + undue.get(0).place());
        }
        return differences;
    }

    FaultReport.Slice slice() {
        return new FaultReport.Slice(
                seed,
                site.model().records(),
                site.model().refused(),
                site.postgresProxy().lostCommits(),
                site.postgresProxy().lostCommitReplies(),
                site.progress().longestStandstill().toMillis(),
                site.model().aborted(),
                passedOver());
    }

    /** Returns the number of skipped records of damaged batches, by the gaps. */
    private long passedOver() {
        Gaps gaps = Gaps.read(site.database().dataSource());
        return site.model()
                .matching(record -> gaps.test(record) && site.losses().isDamaged(record))
                .size();
    }

    @Override
    public void close() throws Exception {
        site.close();
    }
}
