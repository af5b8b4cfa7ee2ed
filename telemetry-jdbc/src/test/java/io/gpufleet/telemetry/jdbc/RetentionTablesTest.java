package io.gpufleet.telemetry.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.Aggregator;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.TelemetryEvent.RowsLeftOut;
import io.gpufleet.telemetry.testkit.Await;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** One job for several tables, which do not affect each other. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class RetentionTablesTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @Parameter
    PostgresVersion version;

    private RetentionFixture days;

    @BeforeEach
    void create() {
        days = new RetentionFixture(version.emptyDatabase());
        days.write("2024-02-27T12:00:00Z", "2024-02-28T12:00:00Z", "2024-02-29T12:00:00Z");
        makeDays("first");
        makeDays("last");
    }

    @AfterEach
    void close() {
        days.close();
    }

    private void makeDays(String table) {
        days.database()
                .execute("CREATE TABLE " + table + " (at timestamptz PRIMARY KEY) PARTITION BY RANGE (at);"
                        + " CREATE TABLE " + table + "_retention (kept_from date NOT NULL)");
        Feed<Integer> feed = Feed.open(
                PostgresSink.<Integer>builder(days.dataSource())
                        .fold(new Instants(), declared(table))
                        .build(),
                Feed.partition(100 + table.length()));
        feed.add(1, Instant.parse("2024-02-26T12:00:00Z"))
                .add(1, Instant.parse("2024-02-28T12:00:00Z"))
                .add(1, Instant.parse("2024-02-29T12:00:00Z"))
                .write();
    }

    private static PostgresTable<Instant> declared(String table) {
        return PostgresTable.<Instant>builder(table)
                .partitionKey("at", time -> time, table + "_retention")
                .build();
    }

    /** Keeps one day of heartbeats, none of the first table and two of the last. */
    private RetentionJob.Builder job() {
        return days.job().keep(declared("first"), 0).keep(declared("last"), 2);
    }

    private String keptFrom(String table) {
        return days.database().row("SELECT kept_from FROM " + table + "_retention");
    }

    private List<String> partitions(String table) {
        return days.database()
                .rows("SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = '" + table
                        + "'::regclass ORDER BY inhrelid::regclass::text");
    }

    @Test
    void runOnce_keepsItsOwnDaysOfEachTable() {
        RetentionJob.Result result = job().build().runOnce();

        assertThat(result.tables())
                .extracting(RetentionJob.TableResult::table)
                .containsExactly("heartbeat", "first", "last");
        assertThat(result.tables())
                .extracting(RetentionJob.TableResult::keptFrom)
                .containsExactly(
                        LocalDate.parse("2024-02-29"), LocalDate.parse("2024-03-01"), LocalDate.parse("2024-02-28"));
        assertThat(result.dropped())
                .containsExactly(
                        "heartbeat_20240227",
                        "heartbeat_20240228",
                        "first_20240226",
                        "first_20240228",
                        "first_20240229",
                        "last_20240226");
        assertThat(result.held()).isEmpty();
        assertThat(List.of(keptFrom("heartbeat"), keptFrom("first"), keptFrom("last")))
                .containsExactly("2024-02-29", "2024-03-01", "2024-02-28");
        assertThat(partitions("last")).containsExactly("last_20240228", "last_20240229");
    }

    @Test
    void runOnce_withoutHeartbeatsLeavesThem() {
        RetentionJob job = RetentionJob.builder(days.dataSource())
                .keep(declared("first"), 5)
                .keep(declared("first"), 1)
                .clock(RetentionFixture.at(RetentionFixture.NOW))
                .build();
        assertThat(job.runOnce().keptFrom()).isEqualTo("2024-02-29");
        assertThat(days.keptFrom()).isEqualTo("1970-01-01");
        assertThat(days.partitions()).hasSize(3);
    }

    @Test
    void runOnce_reportsTheTableThatIsHeldAndGoesOnWithTheNext() throws Exception {
        RetentionJob.Result result = days.whileRead("first", job().build()::runOnce);

        assertThat(result.held().map(RetentionJob.Held::table)).hasValue("first_20240226");
        assertThat(result.tables().get(1).dropped()).isEmpty();
        assertThat(result.tables().get(0).dropped()).hasSize(2);
        assertThat(result.tables().get(2).dropped()).containsExactly("last_20240226");
        assertThat(keptFrom("last")).isEqualTo("2024-02-28");
    }

    @Test
    void runOnce_whoseFirstTablesFailGoesOnAndSaysSoBehindTheLast() {
        days.database().execute("CREATE VIEW on_it AS SELECT * FROM heartbeat_20240227; DROP TABLE first_retention");
        assertThatThrownBy(job().build()::runOnce)
                .hasMessageContaining("heartbeat_20240227: cannot drop table heartbeat_20240227")
                .satisfies(e -> assertThat(e.getSuppressed())
                        .singleElement()
                        .satisfies(other ->
                                assertThat(other).hasMessageContaining("table \"first_retention\" is missing")));
        assertThat(partitions("last")).containsExactly("last_20240228", "last_20240229");
        assertThat(days.keptFrom()).isEqualTo("1970-01-01");
    }

    /** The failure of heartbeats ends only after an interval, the other tables have their turns. */
    @Test
    void start_goesOnWithTheTablesThatDoNotFail() {
        days.database().execute("CREATE VIEW on_it AS SELECT * FROM heartbeat_20240227");
        try (CapturedLog log = new CapturedLog(RetentionTurns.class);
                RetentionJob job =
                        job().lockTimeout(LIMIT).every(Duration.ofHours(1)).build()) {
            job.start();
            await("the last table has lost its days", () -> partitions("last").size() == 2);
            assertThat(log.linesWith("failed; retrying"))
                    .singleElement()
                    .asString()
                    .contains("Retention of table \"heartbeat\" failed; retrying at the next run");
        }
        assertThat(partitions("first")).isEmpty();
        assertThat(days.partitions()).hasSize(3);
    }

    /** While one table is retried repeatedly, the other has its turns at the interval. */
    @Test
    void start_ofATableThatFailsEveryTimeTakesNoTurnFromTheOther() {
        try (RetentionJob job =
                job().lockTimeout(LIMIT).every(Duration.ofMillis(5)).build()) {
            job.start();
            await("all tables have had a turn", () -> partitions("last").size() == 2);
            days.database().execute("DROP TABLE first_retention");
            days.database()
                    .execute("CREATE TABLE last_20240225 PARTITION OF last"
                            + " FOR VALUES FROM ('2024-02-25 00:00:00+00') TO ('2024-02-26 00:00:00+00')");
            await("the last table has another turn", () -> partitions("last").size() == 2);
        }
    }

    @Test
    void start_logsTheTableThatIsHeld() throws Exception {
        try (CapturedLog log = new CapturedLog(RetentionTurns.class);
                RetentionJob job = job().every(Duration.ofHours(1)).build()) {
            days.whileRead("first", () -> {
                job.start();
                await(
                        "the last table has lost its days",
                        () -> partitions("last").size() == 2);
                return true;
            });
            assertThat(log.linesWith("still in use"))
                    .singleElement()
                    .asString()
                    .contains("Day of table \"first\" still in use; retrying at the next run: first_20240226:");
        }
    }

    /** The day is dropped while a row of it waits to be merged: the row is left out, and the day stays gone. */
    @Test
    void write_ofAFoldedRowThatHasWaitedForADropLeavesItOut() throws Exception {
        Feed<Integer> feed = Feed.open(
                PostgresSink.<Integer>builder(days.dataSource())
                        .fold(new Instants(), declared("last"))
                        .build(),
                Feed.partition(200));
        feed.add(1, Instant.parse("2024-02-28T13:00:00Z")).write();
        RetentionJob job = days.patientJob().keep(declared("last"), 0).build();
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            List<Future<?>> waiting = days.whileRead("last_20240228", () -> {
                Future<?> run = threads.submit(job::runOnce);
                days.awaitWaiting(1);
                Future<?> written = threads.submit(
                        () -> feed.add(1, Instant.parse("2024-02-28T14:00:00Z")).write());
                days.awaitWaiting(2);
                return List.of(run, written);
            });
            for (Future<?> done : waiting) {
                done.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(feed.events()).containsExactly(new RowsLeftOut("last", 1));
        assertThat(partitions("last")).isEmpty();
    }

    private static void await(String what, Callable<Boolean> condition) {
        Await.until(what, LIMIT, condition);
    }

    /** Returns the times of deliveries. */
    private static final class Instants implements Aggregator<Integer, Instant, Instant> {
        @Override
        public void fold(Delivery<Integer> delivery, BiConsumer<? super Instant, ? super Instant> results) {
            results.accept(delivery.time(), delivery.time());
        }

        @Override
        public Instant merge(Instant left, Instant right) {
            return left;
        }
    }
}
