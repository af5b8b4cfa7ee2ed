package io.gpufleet.telemetry.jdbc;

import static io.gpufleet.telemetry.jdbc.Heartbeats.heartbeat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryEvent.RecordRefused;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatInvariant;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.jdbc.internal.SqlFailure;
import io.gpufleet.telemetry.jdbc.internal.TransactionTimeouts;
import io.gpufleet.telemetry.jdbc.internal.Transactions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class DayPartitionsTest {
    private static final Instant MIDNIGHT = Instant.parse("2026-03-01T00:00:00Z");
    private static final String PARTITIONS = "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_class AS c"
            + " WHERE c.relispartition AND c.relkind = 'r' ORDER BY 1";

    @Parameter
    PostgresVersion version;

    private Database database;
    private final List<Batch<Heartbeat>> batches = new ArrayList<>();

    @BeforeEach
    void create() {
        database = version.emptyDatabase();
        TelemetrySchema.builder(database.dataSource())
                .partitionedByDay()
                .build()
                .install();
    }

    @Test
    void write_makesTheDaysThatItNeeds() {
        Feed<Heartbeat> feed = open(Feed.P0);
        feed.add(heartbeat(1, 1), MIDNIGHT.minusMillis(1))
                .add(heartbeat(1, 2), MIDNIGHT)
                .write();
        feed.add(heartbeat(1, 3), MIDNIGHT.plusSeconds(86_399)).write();
        assertThat(database.rows(PARTITIONS))
                .containsExactly(
                        "heartbeat_20260228|FOR VALUES FROM ('2026-02-28 00:00:00+00') TO ('2026-03-01 00:00:00+00')",
                        "heartbeat_20260301|FOR VALUES FROM ('2026-03-01 00:00:00+00') TO ('2026-03-02 00:00:00+00')");
        assertThat(database.rows("SELECT cpu_usage, id IS NOT NULL, created_at IS NOT NULL FROM heartbeat_20260301"
                        + " ORDER BY 1"))
                .containsExactly("2|t|t", "3|t|t");
        assertThat(database.rows("SELECT count(*) FROM pg_constraint WHERE conrelid = 'heartbeat_20260301'::regclass"
                        + " AND contype = 'c'"))
                .isEqualTo(database.rows("SELECT count(*) FROM pg_constraint WHERE conrelid = 'heartbeat'::regclass"
                        + " AND contype = 'c'"));
        assertInvariant();
    }

    /** The next write of the day finds its table, which is no longer a partition of the parent. */
    @Test
    void write_namesADayThatWasDetached() {
        open(Feed.P0).add(heartbeat(1, 1), MIDNIGHT).write();
        database.execute("ALTER TABLE heartbeat DETACH PARTITION heartbeat_20260301");
        Feed<Heartbeat> feed = open(Feed.P1);
        feed.add(heartbeat(2, 1), MIDNIGHT);

        assertThat(catchThrowableOfType(SinkException.class, feed::write))
                .hasMessageContaining("table \"public\".\"heartbeat_20260301\" exists but is not a partition of")
                .hasMessageContaining("ATTACH PARTITION")
                .extracting(SinkException::kind)
                .isEqualTo(SinkException.Kind.FATAL);

        database.execute("ALTER TABLE heartbeat_20260301 RENAME TO put_away");
        feed.add(heartbeat(2, 1), MIDNIGHT).write();
        assertThat(database.count("heartbeat")).isOne();
    }

    /** The detached table does not matter if another partition covers its day. */
    @Test
    void write_usesAnotherPartitionForADayThatWasDetached() {
        open(Feed.P0).add(heartbeat(1, 1), MIDNIGHT).write();
        database.execute("ALTER TABLE heartbeat DETACH PARTITION heartbeat_20260301; CREATE TABLE week PARTITION OF"
                + " heartbeat FOR VALUES FROM ('2026-02-28 00:00:00+00') TO ('2026-03-08 00:00:00+00')");

        open(Feed.P1).add(heartbeat(2, 1), MIDNIGHT).write();

        assertThat(database.count("week")).isOne();
    }

    @Test
    void write_aReplayChangesNothing() {
        Feed<Heartbeat> feed = open(Feed.P0);
        feed.add(heartbeat(1, 1), MIDNIGHT.minusMillis(1)).add(heartbeat(1, 2), MIDNIGHT);
        Batch<Heartbeat> batch = feed.write();
        feed.rewind();
        feed.sink().write(batch);
        assertThat(database.count("heartbeat")).isEqualTo(2);
        assertInvariant();
    }

    @Test
    void write_setsAsideWhatIsBeyondRetention() {
        database.execute("UPDATE heartbeat_retention SET kept_from = '2026-03-01'");
        Feed<Heartbeat> feed = open(Feed.P0);
        feed.add(heartbeat(1, 1), MIDNIGHT.minusMillis(1)).add(heartbeat(1, 2), MIDNIGHT);
        Batch<Heartbeat> batch = feed.write();

        assertThat(database.rows("SELECT cpu_usage FROM heartbeat")).containsExactly("2");
        assertThat(database.row("SELECT total_heartbeats, sum_cpu_usage FROM client_daily_stats"))
                .isEqualTo("1|2");
        assertThat(database.row("SELECT kafka_offset, stage, reasons[1] FROM dead_letters"))
                .isEqualTo("0|validate|beyond retention: 2026-02-28 is before 2026-03-01, the first day that is kept");
        assertThat(database.rows(PARTITIONS)).hasSize(1);
        assertThat(batches).hasSize(1);
        assertThat(batches.get(0).deliveries())
                .containsExactly(batch.deliveries().get(1));
        assertThat(feed.events())
                .singleElement()
                .isInstanceOfSatisfying(
                        RecordRefused.class,
                        refused -> assertThat(refused.deadLetter().source())
                                .isSameAs(batch.deliveries().get(0).source()));
        assertInvariant();
    }

    @Test
    void write_setsAsideWhatLiesFarAhead() {
        Instant now = Instant.now();
        Feed<Heartbeat> feed = open(Feed.P0);
        feed.add(heartbeat(1, 1), now.plus(Duration.ofDays(6)))
                .add(heartbeat(1, 2), now.plus(Duration.ofDays(9)))
                .add(heartbeat(1, 3), Instant.parse("+300000-01-01T00:00:00Z"))
                .write();
        assertThat(database.rows("SELECT cpu_usage FROM heartbeat")).containsExactly("1");
        assertThat(database.rows("SELECT reasons[1] FROM dead_letters ORDER BY kafka_offset"))
                .hasSize(2)
                .allSatisfy(reason -> assertThat(reason).contains("more than 7 days ahead of the database's clock"));
    }

    @Test
    void write_byManyMakesADayOnce() throws Exception {
        List<Callable<Void>> writers = new ArrayList<>();
        for (int writer = 0; writer < 6; writer++) {
            Feed<Heartbeat> feed = open(Feed.partition(writer));
            int client = writer;
            writers.add(() -> {
                for (int day = 0; day < 10; day++) {
                    feed.add(heartbeat(client, 1), MIDNIGHT.plus(day + client % 3, ChronoUnit.DAYS))
                            .write();
                }
                return null;
            });
        }
        ExecutorService threads = Executors.newFixedThreadPool(6);
        try {
            for (Future<Void> done : threads.invokeAll(writers)) {
                done.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(database.rows(PARTITIONS)).hasSize(12);
        assertThat(database.count("heartbeat")).isEqualTo(60);
        assertInvariant();
    }

    @Test
    void write_usesAPartitionThatSomebodyElseMade() {
        database.execute("CREATE TABLE march PARTITION OF heartbeat FOR VALUES FROM ('2026-03-01 00:00:00+00')"
                + " TO ('2026-04-01 00:00:00+00')");
        open(Feed.P0).add(heartbeat(1, 1), MIDNIGHT).write();
        assertThat(database.count("march")).isEqualTo(1);
    }

    @Test
    void write_makesADayAnewThatWasDroppedWithoutRetention() {
        Feed<Heartbeat> feed = open(Feed.P0);
        feed.add(heartbeat(1, 1), MIDNIGHT).write();
        database.execute("DROP TABLE heartbeat_20260301");
        feed.add(heartbeat(1, 2), MIDNIGHT);
        SinkException failure = catchThrowableOfType(SinkException.class, feed::write);
        assertThat(failure.kind()).isEqualTo(SinkException.Kind.FATAL_PERHAPS_DATA);
        assertThat(failure).hasMessageContaining("no partition of relation");
        feed.add(heartbeat(1, 2), MIDNIGHT).write();
        assertThat(database.rows("SELECT cpu_usage FROM heartbeat_20260301")).containsExactly("2");
    }

    @Test
    void write_makesManyDaysAtOnce() {
        Feed<Heartbeat> feed = open(Feed.P0);
        for (int day = 0; day < 25; day++) {
            feed.add(heartbeat(1, day), MIDNIGHT.plus(day, ChronoUnit.DAYS));
        }
        feed.write();
        assertThat(database.rows(PARTITIONS)).hasSize(25);
        assertThat(database.count("heartbeat")).isEqualTo(25);
    }

    @Test
    void make_makesNoOlderDaysThanThereIsRoomFor() throws SQLException {
        DayPartitions days = withRoomFor(5);
        Instant now = Instant.now();
        Feed<Heartbeat> feed = open(Feed.P0).add(heartbeat(1, 0), now);
        for (int age = 20; age < 30; age++) {
            feed.add(heartbeat(1, age), now.minus(Duration.ofDays(age)));
        }
        assertThat(refused(days, feed.batch())).containsExactly(24, 25, 26, 27, 28, 29);
        assertThat(database.rows(PARTITIONS)).hasSize(5);

        Feed<Heartbeat> recent = open(Feed.P1);
        for (int age = 0; age < 7; age++) {
            recent.add(heartbeat(1, age), now.minus(Duration.ofDays(age)));
        }
        assertThat(refused(days, recent.batch())).as("recent days").isEmpty();
        assertThat(database.rows(PARTITIONS)).hasSize(11);

        database.execute("CREATE TABLE older PARTITION OF heartbeat FOR VALUES FROM ('1970-01-01 00:00:00+00') TO ('"
                + LocalDate.ofInstant(now, ZoneOffset.UTC).minusDays(24) + " 00:00:00+00')");
        assertThat(refused(days, feed.batch()))
                .as("of a partition that was made by hand")
                .containsExactly(24);
    }

    private static DayPartitions withRoomFor(int days) {
        return new DayPartitions(
                TableShape.of(RetentionJob.HEARTBEAT, Optional.empty()),
                RetentionJob.HEARTBEAT.partitionKey().orElseThrow().retentionShape(),
                "public",
                days);
    }

    /** Returns the loads of the refused heartbeats. */
    private List<Integer> refused(DayPartitions days, Batch<Heartbeat> batch) throws SQLException {
        days.make(
                new Transactions(database.dataSource(), TransactionTimeouts.DEFAULT),
                batch.deliveries().stream().map(Delivery::time));
        List<Integer> loads = new ArrayList<>();
        batch.deliveries()
                .forEach(delivery -> loads.add(delivery.value().systemInfo().cpuUsage()));
        try (Connection connection = database.dataSource().getConnection()) {
            connection.setAutoCommit(false);
            KeptDays kept = days.keep(connection);
            Batch<Heartbeat> taken = batch.refuse(delivery ->
                    kept.faultOf(KeptDays.dayOf(delivery.time())).stream().toList());
            taken.deliveries()
                    .forEach(delivery ->
                            loads.remove((Integer) delivery.value().systemInfo().cpuUsage()));
            assertThat(taken.deadLetters())
                    .hasSameSizeAs(loads)
                    .allSatisfy(letter -> assertThat(letter.reasons())
                            .singleElement()
                            .asString()
                            .contains("would be one day too many: table heartbeat has 5 partitions or more"));
            connection.rollback();
        }
        return loads;
    }

    @Test
    void write_keepsRetentionAwayUntilItsCommit() {
        PostgresSink<Heartbeat> sink = HeartbeatSink.builder(database.dataSource())
                .inTransaction((connection, batch) -> {
                    try (Connection retention = database.dataSource().getConnection();
                            Statement statement = retention.createStatement()) {
                        statement.execute("SET lock_timeout = 50");
                        SinkException waited = SqlFailure.toSinkException(
                                "retention",
                                false,
                                catchThrowableOfType(
                                        SQLException.class,
                                        () -> statement.execute(
                                                "UPDATE heartbeat_retention SET kept_from = '2027-01-01'")));
                        assertThat(waited).hasMessageContaining("55P03");
                    }
                })
                .build();
        Feed.open(sink, Feed.P0).add(heartbeat(1, 1), MIDNIGHT).write();
        assertThat(database.rows("SELECT kept_from FROM heartbeat_retention")).containsExactly("1970-01-01");
    }

    private Feed<Heartbeat> open(SourcePartition partition) {
        return Feed.open(
                HeartbeatSink.builder(database.dataSource())
                        .inTransaction((connection, batch) -> batches.add(batch))
                        .build(),
                partition);
    }

    private void assertInvariant() {
        assertThat(HeartbeatInvariant.check(database.dataSource())).hasToString("Invariant holds");
    }
}
