package io.gpufleet.telemetry.integration.faults;

import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.jdbc.RetentionJob;
import io.gpufleet.telemetry.jdbc.gpu.CompactionJob;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.ForkedJvm;
import io.gpufleet.telemetry.testkit.PostgresDatabase;
import java.io.IOException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Two compactions of one database, of which the lease lets one run, and the retention of the same days. Triggers let a
 * test stop a compaction at a step of its transaction, and note each sample that a consumer inserts: a later merge
 * would hide one that was inserted twice. Belongs to the thread of the test.
 */
final class Compactors implements AutoCloseable {
    /** The role of the compactions. */
    static final String ROLE = "compactor";

    private static final int MEMBERS = 2;
    private static final int KEPT_DAYS = 3;
    private static final Duration LIMIT = Duration.ofMinutes(2);

    /** The statements that only a compaction runs: while a test holds the lock of a step, they wait behind it. */
    private static final List<String> STEPS =
            List.of("AFTER INSERT ON gpu_sample_piece", "BEFORE DELETE ON gpu_sample", "AFTER DELETE ON gpu_sample");

    private static final String STOPPED =
            "SELECT a.application_name FROM pg_locks AS l JOIN pg_stat_activity AS a USING"
                    + " (pid) WHERE l.locktype = 'advisory' AND NOT l.granted AND a.usename = '" + ROLE + "'";

    private final PostgresDatabase database;
    private final String jdbcUrl;
    private final Map<String, ForkedJvm> members = new TreeMap<>();
    private final List<String> complaints = new ArrayList<>();
    private int started;
    private int stopped;

    /**
     * Starts the compactions.
     *
     * @param jdbcUrl the database as they reach it
     */
    Compactors(PostgresDatabase database, String jdbcUrl) throws IOException {
        this.database = database;
        this.jdbcUrl = jdbcUrl;
        for (int member = 0; member < MEMBERS; member++) {
            start();
        }
    }

    /** Returns the SQL that lets a test stop a compaction. */
    static List<String> installation() {
        List<String> sql = new ArrayList<>(List.of(
                "CREATE ROLE " + ROLE + " LOGIN",
                "GRANT " + FaultSite.ROLE + " TO " + ROLE,
                "CREATE FUNCTION step() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                        + " PERFORM pg_advisory_xact_lock_shared(TG_ARGV[0]::integer); RETURN NULL; END $$",
                "CREATE TABLE inserted (gpu_no integer, metric_no integer, ts timestamptz, series_key bigint)",
                "CREATE FUNCTION note_insert() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF session_user = '"
                        + FaultSite.ROLE + "' THEN INSERT INTO inserted VALUES (NEW.gpu_no, NEW.metric_no, NEW.ts,"
                        + " NEW.series_key); END IF; RETURN NULL; END $$",
                "CREATE TRIGGER note_insert AFTER INSERT ON gpu_sample FOR EACH ROW EXECUTE FUNCTION note_insert()"));
        for (int step = 0; step < STEPS.size(); step++) {
            sql.add("CREATE TRIGGER step_" + step + " " + STEPS.get(step) + " FOR EACH STATEMENT EXECUTE FUNCTION step("
                    + step + ")");
        }
        return sql;
    }

    /** Starts one more. */
    void start() throws IOException {
        String name = "compactor-" + started++;
        String url = jdbcUrl.replace("user=postgres", "user=" + ROLE) + "&ApplicationName=" + name;
        members.put(
                name,
                ForkedJvm.builder(CompactorMain.class)
                        .jvmArguments("-Xmx128m", "-Duser.timezone=Asia/Kathmandu")
                        .jvmArguments("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn")
                        .jvmArguments("-D" + CompactorMain.JDBC_URL + "=" + url)
                        .start());
    }

    /** A blow to a compaction that stands within a transaction. */
    @FunctionalInterface
    interface Blow {
        void strike(String name) throws IOException;
    }

    /** Stops a compaction at a step of its transaction, strikes it there, and lets the others go on. */
    void strikeInTransaction(int seed, Blow blow) throws IOException {
        int step = seed % STEPS.size();
        try (Handle holder = Jdbi.create(database.dataSource()).open()) {
            holder.execute("SELECT pg_advisory_lock(" + step + ")");
            Await.until(
                    "a compaction at the step " + STEPS.get(step),
                    LIMIT,
                    () -> stopped().isPresent());
            blow.strike(stopped().orElseThrow());
            holder.execute("SELECT pg_advisory_unlock(" + step + ")");
            stopped++;
        }
    }

    private Optional<String> stopped() {
        return Jdbi.create(database.dataSource())
                .withHandle(handle ->
                        handle.createQuery(STOPPED).mapTo(String.class).findFirst());
    }

    /** Kills a compaction, and starts another. */
    void replace(String name) throws IOException {
        ForkedJvm killed = members.remove(name);
        killed.kill();
        note(name, killed);
        killed.close();
        start();
    }

    /** Ends the session of a compaction. */
    void terminate(String name) {
        Jdbi.create(database.dataSource())
                .useHandle(handle -> handle.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = ?", name));
    }

    ForkedJvm member(String name) {
        return members.get(name);
    }

    /** Returns how often a compaction was struck within a transaction. */
    int strikes() {
        return stopped;
    }

    /** Drops the days that are more than some days older than the newest sample; repeats it while days are in use. */
    void dropOldDays() {
        try (RetentionJob retention = retention()) {
            Await.until(
                    "the end of old days",
                    LIMIT,
                    () -> retention.runOnce().held().isEmpty());
        }
    }

    private RetentionJob retention() {
        LocalDate newest = Jdbi.create(database.dataSource())
                .withHandle(handle -> handle.createQuery("SELECT (max(last_seen) AT TIME ZONE 'UTC')::date FROM gpu")
                        .mapTo(LocalDate.class)
                        .one());
        int days = (int) ChronoUnit.DAYS.between(newest, LocalDate.now(ZoneOffset.UTC)) + KEPT_DAYS;
        return RetentionJob.builder(database.dataSource())
                .keepGpuSamples(days)
                .keepGpuMetrics(days)
                .build();
    }

    private void note(String name, ForkedJvm ended) {
        Stream.concat(ended.output().stream(), ended.errors().stream())
                .filter(line -> line.contains("deadlock") || line.contains("40P01"))
                .forEach(line -> complaints.add(name + ": " + line));
    }

    /** Ends all, and compacts and drops the rest. Returns what was wrong. */
    List<String> finish() throws IOException {
        for (Map.Entry<String, ForkedJvm> member : members.entrySet()) {
            if (!member.getValue().isAlive()) {
                complaints.add(member.getKey() + " has ended by itself: "
                        + member.getValue().errors());
            }
            member.getValue().kill();
            note(member.getKey(), member.getValue());
            member.getValue().close();
        }
        members.clear();
        dropOldDays();
        compactAll();
        return complaints;
    }

    private void compactAll() {
        try (HikariDataSource pool = new HikariDataSource()) {
            pool.setDataSource(database.dataSource());
            try (CompactionJob job = CompactorMain.job(pool)) {
                Await.until("the end of rows", LIMIT, () -> {
                    job.runOnce();
                    return count("gpu_sample") == 0 && count("gpu_metrics") == 0;
                });
            }
        }
        for (String table : List.of("gpu_sample_piece", "gpu_metrics_piece")) {
            if (count(table) == 0) {
                complaints.add(table + " is empty");
            }
        }
    }

    private long count(String table) {
        return Jdbi.create(database.dataSource())
                .withHandle(handle -> handle.createQuery("SELECT count(*) FROM " + table)
                        .mapTo(Long.class)
                        .one());
    }

    @Override
    public void close() {
        members.values().forEach(ForkedJvm::close);
    }
}
