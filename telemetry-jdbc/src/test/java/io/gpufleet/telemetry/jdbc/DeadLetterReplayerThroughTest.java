package io.gpufleet.telemetry.jdbc;

import static io.gpufleet.telemetry.jdbc.Heartbeats.NOON;
import static io.gpufleet.telemetry.jdbc.Heartbeats.device;
import static io.gpufleet.telemetry.jdbc.Heartbeats.heartbeat;
import static io.gpufleet.telemetry.jdbc.LettersSetAside.CODEC;
import static io.gpufleet.telemetry.jdbc.LettersSetAside.MARKED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.Validator;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.ReplayResult.Reason;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatInvariant;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Dead letters through the pipeline, exactly once. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class DeadLetterReplayerThroughTest {
    private static final String ROWS =
            "SELECT id, group_id, topic, topic_id, partition, kafka_offset, record_timestamp,"
                    + " key, value, header_names, header_values, stage, reasons, created_at, replayed_at FROM dead_letters";
    private static final String APPLIED = "SELECT n, count(*) FROM applied GROUP BY n ORDER BY n";

    @Parameter
    PostgresVersion version;

    private Database database;
    private LettersSetAside setAside;

    /** The heartbeats that the hook of the sink has seen, in transactions that may have been rolled back. */
    private final List<Batch<Heartbeat>> seen = new ArrayList<>();

    @BeforeEach
    void open() {
        database = version.database();
        database.execute("CREATE TABLE applied (n bigint)");
        setAside = new LettersSetAside(database);
    }

    private PostgresSink<Heartbeat> sink() {
        return HeartbeatSink.builder(database.dataSource())
                .inTransaction((connection, batch) -> {
                    seen.add(batch);
                    writeDown(connection, batch);
                })
                .build();
    }

    /** Records each application, without a key that would hide a second one. */
    private static void writeDown(Connection connection, Batch<Heartbeat> batch) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (Delivery<Heartbeat> delivery : batch.deliveries()) {
                statement.execute("INSERT INTO applied VALUES (" + delivery.offset() + ")");
            }
        }
    }

    private ReplayResult replay(DeadLetterReplayer.Builder<Heartbeat> replayer) {
        return replayer.build().through(sink(), CODEC, Validator.acceptAll());
    }

    private ReplayResult replay(DeadLetterSelection selection) {
        return replay(setAside.replayer().selection(selection));
    }

    private void assertAppliedOnce(int letters) {
        assertThat(database.rows(APPLIED)).hasSize(letters).allMatch(row -> row.endsWith("|1"));
        assertThat(database.count(MARKED)).isEqualTo(letters);
        assertThat(database.count("heartbeat")).isEqualTo(letters);
        assertInvariant();
    }

    private void assertInvariant() {
        assertThat(HeartbeatInvariant.check(database.dataSource())).matches(HeartbeatInvariant.Result::holds);
    }

    @Test
    void through_appliesWhatIsGoodNow() {
        setAside.feed().add(heartbeat(1, 10), NOON);
        setAside.add(heartbeat(1, 20, device(7)), NOON.plusSeconds(1), "a defect");
        setAside.add(heartbeat(2, 30), NOON.plusSeconds(2), "a defect");
        setAside.feed().add(setAside.feed().record().timestampMillis(1).value(new byte[] {1}), "no heartbeat");
        setAside.write();
        String position = database.row("SELECT next_offset, updated_at FROM consumer_offsets");
        String refused = database.row(ROWS + " WHERE kafka_offset = 3");

        ReplayResult result = replay(DeadLetterSelection.all());

        assertThat(result.replayed()).isEqualTo(2);
        assertThat(result.duplicates()).isZero();
        assertThat(result.stillRefused()).isEqualTo(1);
        assertThat(result.reasons()).singleElement().satisfies(reason -> {
            assertThat(reason.text()).contains("at byte");
            assertThat(reason.count()).isEqualTo(1);
        });
        assertThat(database.rows("SELECT total_heartbeats, sum_cpu_usage FROM client_daily_stats ORDER BY client_id"))
                .containsExactly("2|30", "1|30");
        assertThat(database.rows("SELECT device_temp FROM device_info")).containsExactly("7");
        assertThat(database.rows("SELECT kafka_offset, replayed_at >= created_at FROM dead_letters ORDER BY id"))
                .containsExactly("1|t", "2|t", "3|null");
        assertThat(database.row(ROWS + " WHERE kafka_offset = 3")).isEqualTo(refused);
        assertThat(database.row("SELECT next_offset, updated_at FROM consumer_offsets"))
                .isEqualTo(position);
        assertInvariant();
    }

    @Test
    void through_twiceChangesNothing() {
        setAside.write(10);
        replay(DeadLetterSelection.all());
        List<String> rows = database.rows(ROWS);

        ReplayResult result = replay(DeadLetterSelection.all());

        assertThat(result).isEqualTo(new ReplayResult(0, 0, 0, List.of(), List.of()));
        assertThat(database.rows(ROWS)).isEqualTo(rows);
        assertAppliedOnce(10);
    }

    @Test
    void through_letsTheHooksSeeDeliveriesInTheOrderOfTheLog() {
        setAside.write(3);
        database.execute("UPDATE dead_letters SET id = 100 - id");

        replay(DeadLetterSelection.all());

        assertThat(seen).singleElement().satisfies(batch -> {
            assertThat(batch.deliveries()).extracting(Delivery::offset).containsExactly(0L, 1L, 2L);
            assertThat(batch.deliveries()).extracting(Delivery::time).contains(NOON.plusSeconds(2));
            assertThat(batch.deadLetters()).isEmpty();
        });
        assertAppliedOnce(3);
    }

    @Test
    void through_takesPartByPart() {
        setAside.write(25);
        replay(setAside.replayer().batchSize(10));
        assertThat(seen).extracting(batch -> batch.deliveries().size()).containsExactly(10, 10, 5);
        assertAppliedOnce(25);
    }

    /** A recreated topic repeats the same offsets. */
    @Test
    void through_tellsLogsApart() {
        setAside.write(4);
        database.execute("UPDATE dead_letters SET topic_id = '00000000-0000-0000-0000-000000000001',"
                + " kafka_offset = kafka_offset - 2 WHERE kafka_offset >= 2");

        assertThat(replay(DeadLetterSelection.all()).replayed()).isEqualTo(4);

        assertThat(database.rows(APPLIED)).containsExactly("0|2", "1|2");
        assertThat(database.count("heartbeat")).isEqualTo(4);
        assertInvariant();
    }

    @Test
    void through_findsTheOneThatTheDatabaseRefuses() {
        database.execute("ALTER TABLE heartbeat ADD CHECK (network_up <> 2 * 13)");
        setAside.write(50);

        ReplayResult result = replay(DeadLetterSelection.all());

        assertThat(result.replayed()).isEqualTo(49);
        assertThat(result.stillRefused()).isEqualTo(1);
        assertThat(result.reasons())
                .extracting(Reason::text)
                .singleElement()
                .asString()
                .contains("violates check constraint \"heartbeat_network_up_check");
        assertThat(result.refusals()).extracting(ReplayResult.Refusal::offset).containsExactly(13L);
        assertThat(database.rows("SELECT kafka_offset FROM dead_letters WHERE replayed_at IS NULL"))
                .containsExactly("13");
        assertAppliedOnce(49);
    }

    @Test
    void through_throwsWhatNothingMendsWithNothingHalfDone() {
        database.execute("ALTER TABLE client_daily_stats ADD CHECK (sum_cpu_usage <> 13)");
        setAside.add(heartbeat(1, 12), NOON, "a defect");
        setAside.add(heartbeat(2, 13), NOON, "a defect");
        setAside.write();

        SinkException failure = catchThrowableOfType(SinkException.class, () -> replay(DeadLetterSelection.all()));

        assertThat(failure.kind()).isEqualTo(SinkException.Kind.FATAL);
        assertThat(failure).hasMessageStartingWith("table \"client_daily_stats\": ");
        assertAppliedOnce(0);
    }

    @Test
    void through_dropsWhatIsStoredAlready() {
        setAside.feed().add(heartbeat(1, 10), NOON);
        setAside.add(heartbeat(1, 10), NOON, "a defect");
        setAside.write();

        assertThat(replay(DeadLetterSelection.all())).isEqualTo(new ReplayResult(1, 1, 0, List.of(), List.of()));

        assertThat(database.count(MARKED)).isEqualTo(1);
        assertThat(database.row("SELECT total_heartbeats FROM client_daily_stats"))
                .isEqualTo("1");
    }

    @Test
    void through_leavesWhatHasNoValueOrTime() {
        setAside.feed()
                .add(setAside.feed().record().timestampMillis(1), "nothing")
                .add(setAside.feed().record().value(new byte[0]), "nothing");
        setAside.feed().add(setAside.feed().record().value(CODEC.encode(heartbeat(1, 1))), "no timestamp");
        setAside.write();

        ReplayResult result = replay(DeadLetterSelection.all());

        assertThat(result.stillRefused()).isEqualTo(3);
        assertThat(result.reasons())
                .extracting(Reason::text)
                .contains("the record has no value", "the record has no timestamp");
        assertThat(seen).isEmpty();
        assertThat(replay(setAside.replayer().eventTime((value, source) -> Optional.of(NOON)))
                        .replayed())
                .isEqualTo(1);
    }

    @Test
    void through_tellsTheMostFrequentReasonsFirst() {
        setAside.write(30);
        Validator<Heartbeat> picky = delivery -> delivery.offset() % 3 == 0
                ? List.of("rare", "always")
                : List.of("always", "number " + delivery.offset());

        ReplayResult result = setAside.replayer().build().through(sink(), CODEC, picky);

        assertThat(result.stillRefused()).isEqualTo(30);
        assertThat(result.reasons())
                .hasSize(20)
                .startsWith(new Reason("always", 30), new Reason("rare", 10), new Reason("number 1", 1));
        assertThat(database.count(MARKED)).isZero();
    }

    @Test
    void through_leavesDaysThatAreNotKept() {
        database = version.emptyDatabase();
        TelemetrySchema.builder(database.dataSource())
                .partitionedByDay()
                .build()
                .install();
        database.execute("CREATE TABLE applied (n bigint); UPDATE heartbeat_retention SET kept_from = '2026-11-20'");
        setAside = new LettersSetAside(database);
        setAside.add(heartbeat(1, 1), NOON.minus(Duration.ofDays(1)), "a defect");
        setAside.add(heartbeat(1, 2), NOON, "a defect");
        setAside.write();

        ReplayResult result = replay(DeadLetterSelection.all());

        assertThat(result.replayed()).isEqualTo(1);
        assertThat(result.reasons())
                .extracting(Reason::text)
                .containsExactly("beyond retention: 2026-11-19 is before 2026-11-20, the first day that is kept");
        assertThat(seen)
                .singleElement()
                .satisfies(batch -> assertThat(batch.deadLetters()).isEmpty());
        assertAppliedOnce(1);
    }

    @Test
    void through_leavesTheLettersOfOtherGroups() {
        setAside.write(2);
        assertThat(DeadLetterReplayer.<Heartbeat>builder(database.dataSource(), "other")
                        .build()
                        .through(sink(), CODEC, Validator.acceptAll())
                        .replayed())
                .isZero();
        assertThat(database.count(MARKED)).isZero();
    }

    @Test
    void through_besideAnOpenSinkOfTheGroup() {
        setAside.write(2);
        setAside.replayer().build().through(setAside.feed().sink(), CODEC, Validator.acceptAll());
        setAside.feed().add(heartbeat(1, 1), NOON.minusSeconds(1)).write();
        assertThat(database.count("heartbeat")).isEqualTo(3);
        assertInvariant();
    }

    /** The first replayer waits in its transaction until the second one has finished; no key separates them. */
    @Test
    void through_twoAtOnceApplyALetterOnce() {
        setAside.write(10);
        CountDownLatch secondIsThrough = new CountDownLatch(1);
        CountDownLatch firstIsInside = new CountDownLatch(1);
        PostgresSink<Heartbeat> slow = PostgresSink.<Heartbeat>builder(database.dataSource())
                .inTransaction((connection, batch) -> {
                    firstIsInside.countDown();
                    awaitQuietly(secondIsThrough);
                    writeDown(connection, batch);
                })
                .build();
        PostgresSink<Heartbeat> fast = PostgresSink.<Heartbeat>builder(database.dataSource())
                .inTransaction(DeadLetterReplayerThroughTest::writeDown)
                .build();
        DeadLetterReplayer<Heartbeat> first = setAside.replayer().batchSize(4).build();
        CompletableFuture<ReplayResult> slowly =
                CompletableFuture.supplyAsync(() -> first.through(slow, CODEC, Validator.acceptAll()));
        awaitQuietly(firstIsInside);

        ReplayResult second = setAside.replayer().build().through(fast, CODEC, Validator.acceptAll());
        secondIsThrough.countDown();

        ReplayResult firstDid = slowly.join();
        assertThat(database.rows(APPLIED)).hasSize(10).allMatch(row -> row.endsWith("|1"));
        assertThat(firstDid.replayed()).isEqualTo(4);
        assertThat(second.replayed()).isEqualTo(6);
        assertThat(database.count(MARKED)).isEqualTo(10);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void through_needsTheColumn() {
        database.execute("ALTER TABLE dead_letters DROP COLUMN replayed_at");
        assertThat(catchThrowable(() -> replay(DeadLetterSelection.all())))
                .hasMessageContaining("column \"dead_letters\".\"replayed_at\" is missing");
    }
}
