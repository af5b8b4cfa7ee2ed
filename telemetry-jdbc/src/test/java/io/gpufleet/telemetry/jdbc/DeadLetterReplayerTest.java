package io.gpufleet.telemetry.jdbc;

import static io.gpufleet.telemetry.jdbc.Heartbeats.NOON;
import static io.gpufleet.telemetry.jdbc.Heartbeats.device;
import static io.gpufleet.telemetry.jdbc.Heartbeats.heartbeat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.RetryPolicy;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.SourceRecord.Header;
import io.gpufleet.telemetry.Validator;
import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.ReplayResult.Reason;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
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

@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class DeadLetterReplayerTest {
    private static final BincodeHeartbeatCodec CODEC = BincodeHeartbeatCodec.fixed();
    private static final String ROWS =
            "SELECT id, group_id, topic, topic_id, partition, kafka_offset, record_timestamp,"
                    + " key, value, header_names, header_values, stage, reasons, created_at, replayed_at FROM dead_letters";
    private static final String MARKED = "dead_letters WHERE replayed_at IS NOT NULL";
    private static final String APPLIED = "SELECT n, count(*) FROM applied GROUP BY n ORDER BY n";

    @Parameter
    PostgresVersion version;

    private Database database;
    private Feed<Heartbeat> feed;

    /** What the hook of the sink has seen, in transactions that may have been rolled back. */
    private final List<Batch<Heartbeat>> seen = new ArrayList<>();

    @BeforeEach
    void open() {
        database = version.database();
        database.execute("CREATE TABLE applied (n bigint)");
        feed = Feed.open(HeartbeatSink.create(database.dataSource()), Feed.P0);
    }

    private PostgresSink<Heartbeat> sink() {
        return HeartbeatSink.builder(database.dataSource())
                .inTransaction((connection, batch) -> {
                    seen.add(batch);
                    writeDown(connection, batch);
                })
                .build();
    }

    /** Writes down each application, without a key that would hide a second one. */
    private static void writeDown(Connection connection, Batch<Heartbeat> batch) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (Delivery<Heartbeat> delivery : batch.deliveries()) {
                statement.execute("INSERT INTO applied VALUES (" + delivery.offset() + ")");
            }
        }
    }

    private DeadLetterReplayer.Builder<Heartbeat> replayer() {
        return DeadLetterReplayer.<Heartbeat>builder(database.dataSource(), "g").retry(soon());
    }

    private static RetryPolicy soon() {
        return RetryPolicy.builder()
                .initialBackoff(Duration.ofMillis(1))
                .maxBackoff(Duration.ofMillis(1))
                .build();
    }

    private ReplayResult replay(DeadLetterReplayer.Builder<Heartbeat> replayer) {
        return replayer.build().through(sink(), CODEC, Validator.acceptAll());
    }

    private ReplayResult replay(DeadLetterSelection selection) {
        return replay(replayer().selection(selection));
    }

    /** Sets a good heartbeat aside, as code that was mended since has done. */
    private void setAside(Heartbeat heartbeat, Instant time, String... reasons) {
        feed.add(feed.record().timestampMillis(time.toEpochMilli()).value(CODEC.encode(heartbeat)), reasons);
    }

    private void setAside(int letters) {
        for (int i = 0; i < letters; i++) {
            setAside(heartbeat(1 + i % 3, i % 100, device(i % 100)), NOON.plusSeconds(i), "a defect");
        }
        feed.write();
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
        feed.add(heartbeat(1, 10), NOON);
        setAside(heartbeat(1, 20, device(7)), NOON.plusSeconds(1), "a defect");
        setAside(heartbeat(2, 30), NOON.plusSeconds(2), "a defect");
        feed.add(feed.record().timestampMillis(1).value(new byte[] {1}), "no heartbeat");
        feed.write();
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
        setAside(10);
        replay(DeadLetterSelection.all());
        List<String> rows = database.rows(ROWS);

        ReplayResult result = replay(DeadLetterSelection.all());

        assertThat(result).isEqualTo(new ReplayResult(0, 0, 0, List.of()));
        assertThat(database.rows(ROWS)).isEqualTo(rows);
        assertAppliedOnce(10);
    }

    @Test
    void through_letsTheHooksSeeDeliveriesInTheOrderOfTheLog() {
        setAside(3);
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
        setAside(25);
        replay(replayer().batchSize(10));
        assertThat(seen).extracting(batch -> batch.deliveries().size()).containsExactly(10, 10, 5);
        assertAppliedOnce(25);
    }

    /** A topic that was deleted and made anew has the same offsets again. */
    @Test
    void through_tellsLogsApart() {
        setAside(4);
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
        setAside(50);

        ReplayResult result = replay(DeadLetterSelection.all());

        assertThat(result.replayed()).isEqualTo(49);
        assertThat(result.stillRefused()).isEqualTo(1);
        assertThat(result.reasons())
                .extracting(Reason::text)
                .singleElement()
                .asString()
                .contains("violates check constraint \"heartbeat_network_up_check");
        assertThat(database.rows("SELECT kafka_offset FROM dead_letters WHERE replayed_at IS NULL"))
                .containsExactly("13");
        assertAppliedOnce(49);
    }

    @Test
    void through_throwsWhatNothingMendsWithNothingHalfDone() {
        database.execute("ALTER TABLE client_daily_stats ADD CHECK (sum_cpu_usage <> 13)");
        setAside(heartbeat(1, 12), NOON, "a defect");
        setAside(heartbeat(2, 13), NOON, "a defect");
        feed.write();

        SinkException failure = catchThrowableOfType(SinkException.class, () -> replay(DeadLetterSelection.all()));

        assertThat(failure.kind()).isEqualTo(SinkException.Kind.FATAL);
        assertThat(failure).hasMessageStartingWith("table \"client_daily_stats\": ");
        assertAppliedOnce(0);
    }

    @Test
    void through_dropsWhatIsStoredAlready() {
        feed.add(heartbeat(1, 10), NOON);
        setAside(heartbeat(1, 10), NOON, "a defect");
        feed.write();

        assertThat(replay(DeadLetterSelection.all())).isEqualTo(new ReplayResult(1, 1, 0, List.of()));

        assertThat(database.count(MARKED)).isEqualTo(1);
        assertThat(database.row("SELECT total_heartbeats FROM client_daily_stats"))
                .isEqualTo("1");
    }

    @Test
    void through_leavesWhatHasNoValueOrTime() {
        feed.add(feed.record().timestampMillis(1), "nothing").add(feed.record().value(new byte[0]), "nothing");
        feed.add(feed.record().value(CODEC.encode(heartbeat(1, 1))), "no timestamp");
        feed.write();

        ReplayResult result = replay(DeadLetterSelection.all());

        assertThat(result.stillRefused()).isEqualTo(3);
        assertThat(result.reasons())
                .extracting(Reason::text)
                .contains("the record has no value", "the record has no timestamp");
        assertThat(seen).isEmpty();
        assertThat(replay(replayer().eventTime((value, source) -> Optional.of(NOON)))
                        .replayed())
                .isEqualTo(1);
    }

    @Test
    void through_tellsTheMostFrequentReasonsFirst() {
        setAside(30);
        Validator<Heartbeat> picky = delivery -> delivery.offset() % 3 == 0
                ? List.of("rare", "always")
                : List.of("always", "number " + delivery.offset());

        ReplayResult result = replayer().build().through(sink(), CODEC, picky);

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
        feed = Feed.open(HeartbeatSink.create(database.dataSource()), Feed.P0);
        setAside(heartbeat(1, 1), NOON.minus(Duration.ofDays(1)), "a defect");
        setAside(heartbeat(1, 2), NOON, "a defect");
        feed.write();

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
        setAside(2);
        assertThat(DeadLetterReplayer.<Heartbeat>builder(database.dataSource(), "other")
                        .build()
                        .through(sink(), CODEC, Validator.acceptAll())
                        .replayed())
                .isZero();
        assertThat(database.count(MARKED)).isZero();
    }

    @Test
    void through_besideAnOpenSinkOfTheGroup() {
        setAside(2);
        replayer().build().through(feed.sink(), CODEC, Validator.acceptAll());
        feed.add(heartbeat(1, 1), NOON.minusSeconds(1)).write();
        assertThat(database.count("heartbeat")).isEqualTo(3);
        assertInvariant();
    }

    /** The first replayer stands still in its transaction until the second one is through; no key keeps them apart. */
    @Test
    void through_twoAtOnceApplyALetterOnce() {
        setAside(10);
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
                .inTransaction(DeadLetterReplayerTest::writeDown)
                .build();
        DeadLetterReplayer<Heartbeat> first = replayer().batchSize(4).build();
        CompletableFuture<ReplayResult> slowly =
                CompletableFuture.supplyAsync(() -> first.through(slow, CODEC, Validator.acceptAll()));
        awaitQuietly(firstIsInside);

        ReplayResult second = replayer().build().through(fast, CODEC, Validator.acceptAll());
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
    void selection_byEachCriterion() {
        setAside(heartbeat(1, 1), NOON, "speed of 100 % is odd", "second");
        setAside(heartbeat(1, 2), NOON.plusSeconds(1), "Speed");
        setAside(heartbeat(1, 3), NOON.plusSeconds(2), "nul \0");
        setAside(heartbeat(1, 4), NOON.plusSeconds(3), "late");
        setAside(heartbeat(1, 5), NOON.plusSeconds(4), "later");
        feed.write();
        database.execute("UPDATE dead_letters SET created_at = '2026-01-01T00:00:00Z'::timestamptz"
                + " + kafka_offset * interval '1 hour'; UPDATE dead_letters SET topic = 'other' WHERE kafka_offset = 3;"
                + " UPDATE dead_letters SET stage = 'write' WHERE kafka_offset = 4");
        Instant first = Instant.parse("2026-01-01T00:00:00Z");

        assertSelected(DeadLetterSelection.all().topic("other"), 3L);
        assertSelected(DeadLetterSelection.all().stage(DeadLetter.Stage.WRITE), 4L);
        assertSelected(DeadLetterSelection.all().stage(DeadLetter.Stage.VALIDATE));
        assertSelected(DeadLetterSelection.all().reason("speed of 100 %"), 0L);
        assertSelected(DeadLetterSelection.all().reason("peed"), 0L, 1L);
        assertSelected(DeadLetterSelection.all().reason("\0"), 2L);
        assertSelected(DeadLetterSelection.all().reason("late").topic("client-heartbeats"), 4L);
        assertSelected(DeadLetterSelection.all().since(first.plus(Duration.ofHours(3))), 3L, 4L);
        assertSelected(DeadLetterSelection.all().until(first.plus(Duration.ofHours(1))), 0L);
        long id = Long.parseLong(database.row("SELECT id FROM dead_letters WHERE kafka_offset = 2"));
        assertSelected(DeadLetterSelection.one(id), 2L);
        assertSelected(DeadLetterSelection.one(id).topic("other"));
        assertSelected(DeadLetterSelection.all(), 0L, 1L, 2L, 3L, 4L);
    }

    private void assertSelected(DeadLetterSelection selection, Long... offsets) {
        List<DeadLetter> sent = new ArrayList<>();
        replayer().selection(selection).build().to(sent::addAll);
        assertThat(sent).extracting(DeadLetter::offset).containsExactlyInAnyOrder(offsets);
        database.execute("UPDATE dead_letters SET replayed_at = NULL");
    }

    @Test
    void to_sendsEverythingOfARecord() {
        byte[] value = {(byte) 0xff};
        feed.add(
                feed.record()
                        .timestampMillis(NOON.toEpochMilli() + 7)
                        .key(new byte[] {0, 1})
                        .value(value)
                        .headers(List.of(
                                new Header("a", new byte[] {7}), new Header("b", null), new Header("a", new byte[0]))),
                "first",
                "second");
        feed.add(feed.record().timestampMillis(-2), "tombstone").write();
        List<DeadLetter> sent = new ArrayList<>();

        assertThat(replayer().build().to(sent::addAll).replayed()).isEqualTo(2);

        DeadLetter letter = sent.get(0);
        assertThat(letter.partition()).isEqualTo(Feed.P0);
        assertThat(letter.source().timestamp()).contains(NOON.plusMillis(7));
        assertThat(letter.source().key()).contains(new byte[] {0, 1});
        assertThat(letter.source().value()).contains(value);
        assertThat(letter.source().headers()).extracting(Header::key).containsExactly("a", "b", "a");
        assertThat(letter.source().headers())
                .extracting(Header::value)
                .containsExactly(new byte[] {7}, null, new byte[0]);
        assertThat(letter.stage()).isEqualTo(DeadLetter.Stage.DECODE);
        assertThat(letter.reasons()).containsExactly("first", "second");
        assertThat(sent.get(1).source().value()).isEmpty();
        assertThat(sent.get(1).source().timestamp()).contains(Instant.ofEpochMilli(-2));
        assertThat(database.count(MARKED)).isEqualTo(2);
        assertThat(database.count("heartbeat")).isZero();
    }

    @Test
    void to_sendsAgainWhatMayNotHaveArrived() {
        setAside(3);
        List<Integer> calls = new ArrayList<>();

        ReplayResult result = replayer().build().to(letters -> {
            calls.add(letters.size());
            if (calls.size() < 3) {
                throw new SinkException(SinkException.Kind.TRANSIENT, "busy");
            }
        });

        assertThat(calls).containsExactly(3, 3, 3);
        assertThat(result).isEqualTo(new ReplayResult(3, 0, 0, List.of()));
    }

    @Test
    void to_givesUpAfterSoManyAttempts() {
        setAside(3);
        List<Integer> calls = new ArrayList<>();

        Throwable failure =
                catchThrowable(() -> replayer().maxAttempts(4).build().to(letters -> {
                    calls.add(letters.size());
                    throw new SinkException(SinkException.Kind.TRANSIENT, "busy");
                }));

        assertThat(failure).hasMessage("busy");
        assertThat(calls).hasSize(4);
        assertThat(database.count(MARKED)).isZero();
    }

    @Test
    void to_isInterruptedWhileItRests() {
        setAside(1);
        Throwable failure = catchThrowable(() -> replayer().build().to(letters -> {
            Thread.currentThread().interrupt();
            throw new SinkException(SinkException.Kind.TRANSIENT, "busy");
        }));
        assertThat(Thread.interrupted()).isTrue();
        assertThat(failure).hasMessage("The replay was interrupted; it rested since busy");
    }

    @Test
    void to_leavesWhatTheTargetRefuses() {
        setAside(10);
        ReplayResult result = replayer().build().to(letters -> {
            if (letters.stream().anyMatch(letter -> letter.offset() == 7)) {
                throw new SinkException(SinkException.Kind.DATA, "not this one");
            }
        });
        assertThat(result).isEqualTo(new ReplayResult(9, 0, 1, List.of(new Reason("not this one", 1))));
        assertThat(database.rows("SELECT kafka_offset FROM dead_letters WHERE replayed_at IS NULL"))
                .containsExactly("7");
    }

    /** A consumer that still refuses what is sent back sets it aside again, at once. */
    @Test
    void to_leavesLettersThatComeMeanwhile() {
        setAside(2);
        List<Integer> calls = new ArrayList<>();

        ReplayResult result = replayer().batchSize(1).build().to(letters -> {
            calls.add(letters.size());
            if (calls.size() > 10) {
                throw new SinkException(SinkException.Kind.FATAL, "does not end");
            }
            setAside(1);
        });

        assertThat(result.replayed()).isEqualTo(2);
        assertThat(database.count("dead_letters WHERE replayed_at IS NULL")).isEqualTo(2);
    }

    @Test
    void both_needTheColumn() {
        database.execute("ALTER TABLE dead_letters DROP COLUMN replayed_at");
        assertThat(catchThrowable(() -> replay(DeadLetterSelection.all())))
                .hasMessageContaining("column \"dead_letters\".\"replayed_at\" is missing");
        assertThat(catchThrowable(() -> replayer().build().to(letters -> {})))
                .hasMessageContaining("column \"dead_letters\".\"replayed_at\" is missing");
    }

    @Test
    void to_keepsTheOrderOfEachPartition() {
        Feed<Heartbeat> other = Feed.open(feed.sink(), Feed.P1);
        other.add(other.record(), "a").add(other.record(), "b").write();
        setAside(2);
        database.execute("UPDATE dead_letters SET id = 100 - id");
        List<String> sent = new ArrayList<>();

        replayer()
                .build()
                .to(letters ->
                        letters.forEach(letter -> sent.add(letter.partition().partition() + "@" + letter.offset())));

        assertThat(sent).containsExactly("0@0", "0@1", "1@0", "1@1");
    }
}
