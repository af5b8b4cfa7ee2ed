package io.gpufleet.telemetry.integration.faults;

import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.faults.PostgresFaults;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.jdbi.v3.core.Jdbi;

/** The faults of the database. */
final class DatabaseFaults {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int MOST_COMMITS = 3;

    private static final String COPY = "dropped_day";
    private static final String NEWEST_DAY =
            "SELECT max(inhrelid::regclass::text) FROM pg_inherits WHERE inhparent = ?::regclass";
    private static final String RETRIED = "retried at ";

    /**
     * Conflicts, a lack of memory or space, broken files, a shutdown: failures that an operator would expect to pass.
     */
    private static final List<String> TRANSIENT =
            List.of("40001", "40P01", "53200", "53400", "55P03", "57014", "57P01", "57P03", "58030");

    private DatabaseFaults() {}

    /** Loses commits before the server gets them. */
    static Fault.Aftermath loseCommits(FaultSite site) {
        int commits = 1 + site.random().nextInt(MOST_COMMITS);
        awaitLosses(
                site.postgresProxy()::lostCommits,
                commits,
                () -> site.postgresProxy().loseCommits(commits));
        return Fault.Aftermath.NONE;
    }

    /** Loses the replies to commits: the server has committed. */
    static Fault.Aftermath loseCommitReplies(FaultSite site) {
        int commits = 1 + site.random().nextInt(MOST_COMMITS);
        awaitLosses(
                site.postgresProxy()::lostCommitReplies,
                commits,
                () -> site.postgresProxy().loseCommitReplies(commits));
        return Fault.Aftermath.NONE;
    }

    private static void awaitLosses(IntSupplier losses, int more, Runnable lose) {
        int wanted = losses.getAsInt() + more;
        lose.run();
        Await.until(wanted + " losses", LIMIT, () -> losses.getAsInt() >= wanted);
    }

    /** Ends the sessions of all consumers on the server. */
    static Fault.Aftermath terminate(FaultSite site) {
        site.databaseFaults().terminateSessions(FaultSite.ROLE);
        return Fault.Aftermath.NONE;
    }

    /** Makes the database read-only, like a standby. */
    static Fault.Aftermath readOnly(FaultSite site) {
        return forAWhile(site, PostgresFaults::readOnly);
    }

    /** Fills the disk. */
    static Fault.Aftermath fillDisk(FaultSite site) {
        return forAWhile(site, faults -> faults.failWrites(site.cargo().writtenTable(), "53100"));
    }

    /** Makes every write fail with a transient error. */
    static Fault.Aftermath failForAWhile(FaultSite site) {
        String sqlState = TRANSIENT.get(site.random().nextInt(TRANSIENT.size()));
        return forAWhile(site, faults -> faults.failWrites(site.cargo().writtenTable(), sqlState));
    }

    /** Leaves no free connection. */
    static Fault.Aftermath refuseConnections(FaultSite site) {
        return forAWhile(site, faults -> faults.refuseConnections(FaultSite.ROLE));
    }

    /** Changes a table under the statements that all sessions have prepared for it. */
    static Fault.Aftermath changeTable(FaultSite site) throws SQLException {
        site.progress().await("plans in use", site.topics().endOffsets(FaultSite.TOPIC));
        long retried = site.consumers().count(RETRIED);
        site.execute("ALTER TABLE audit_counter ADD more_" + site.random().nextInt(Integer.MAX_VALUE) + " integer");
        Await.until("a plan of no use", LIMIT, () -> site.consumers().count(RETRIED) > retried);
        return Fault.Aftermath.NONE;
    }

    /**
     * Drops the newest day of a table by hand, as an unneeded one, and restores it later from a copy. First a single
     * record needs the day, whose refusal may be its own fault or the table's.
     */
    static Fault.Aftermath dropDay(FaultSite site) throws Exception {
        site.load().pause();
        site.progress().await("nothing under way", site.topics().endOffsets(FaultSite.TOPIC));
        String day = newestDay(site).orElseThrow();
        site.execute("DROP TABLE IF EXISTS " + COPY);
        site.execute("CREATE TABLE " + COPY + " AS TABLE " + day);
        site.execute("DROP TABLE " + day);
        site.load().sendOne();
        Await.until("day " + day, LIMIT, () -> newestDay(site).equals(Optional.of(day)));
        site.load().begin(FaultRun.FIRST_RECORDS);
        return () -> site.execute("INSERT INTO " + table(site) + " SELECT * FROM " + COPY);
    }

    private static Optional<String> newestDay(FaultSite site) {
        return Jdbi.create(site.database().dataSource())
                .withHandle(handle -> handle.createQuery(NEWEST_DAY)
                        .bind(0, table(site))
                        .mapTo(String.class)
                        .findOne());
    }

    /** Returns the table that loses a day. */
    private static String table(FaultSite site) {
        return site.partitionedTables().get(0);
    }

    private static Fault.Aftermath forAWhile(FaultSite site, Consumer<PostgresFaults> begin) {
        begin.accept(site.databaseFaults());
        site.waitAWhile();
        site.databaseFaults().heal();
        return Fault.Aftermath.NONE;
    }

    /** Kills the server, which recovers the durable data. */
    static Fault.Aftermath kill(FaultSite site) throws Exception {
        site.postgres().kill();
        site.waitAWhile();
        site.postgres().start();
        return Fault.Aftermath.NONE;
    }

    /** Suspends the server. */
    static Fault.Aftermath freeze(FaultSite site) throws Exception {
        site.postgres().suspend();
        site.waitAWhile();
        site.postgres().resume();
        return Fault.Aftermath.NONE;
    }

    /** Restarts the server cleanly, and keeps a copy of its data for a later failover. */
    static Fault.Aftermath restart(FaultSite site) {
        site.takeSnapshot();
        return Fault.Aftermath.NONE;
    }

    /** Replaces the database by an older copy. */
    static Fault.Aftermath failOver(FaultSite site) {
        if (!site.hasSnapshot()) {
            site.takeSnapshot();
            site.load().pause();
            site.load().begin(FaultRun.FIRST_RECORDS);
        }
        site.restoreSnapshot();
        return Fault.Aftermath.NONE;
    }
}
