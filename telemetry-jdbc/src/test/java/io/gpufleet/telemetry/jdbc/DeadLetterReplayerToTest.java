package io.gpufleet.telemetry.jdbc;

import static io.gpufleet.telemetry.jdbc.Heartbeats.NOON;
import static io.gpufleet.telemetry.jdbc.Heartbeats.heartbeat;
import static io.gpufleet.telemetry.jdbc.LettersSetAside.MARKED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.DeadLettersRefusedException;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.SourceRecord.Header;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.ReplayResult.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Dead letters to a target, at least once, and their selection. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class DeadLetterReplayerToTest {
    @Parameter
    PostgresVersion version;

    private Database database;
    private LettersSetAside setAside;

    @BeforeEach
    void open() {
        database = version.database();
        setAside = new LettersSetAside(database);
    }

    @Test
    void selection_byEachCriterion() {
        setAside.add(heartbeat(1, 1), NOON, "speed of 100 % is odd", "second");
        setAside.add(heartbeat(1, 2), NOON.plusSeconds(1), "Speed");
        setAside.add(heartbeat(1, 3), NOON.plusSeconds(2), "nul \0");
        setAside.add(heartbeat(1, 4), NOON.plusSeconds(3), "late");
        setAside.add(heartbeat(1, 5), NOON.plusSeconds(4), "later");
        setAside.write();
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
        setAside.replayer().selection(selection).build().to(sent::addAll);
        assertThat(sent).extracting(DeadLetter::offset).containsExactlyInAnyOrder(offsets);
        database.execute("UPDATE dead_letters SET replayed_at = NULL");
    }

    @Test
    void to_sendsEverythingOfARecord() {
        byte[] value = {(byte) 0xff};
        setAside.feed()
                .add(
                        setAside.feed()
                                .record()
                                .timestampMillis(NOON.toEpochMilli() + 7)
                                .timestampType(SourceRecord.TimestampType.LOG_APPEND_TIME)
                                .key(new byte[] {0, 1})
                                .value(value)
                                .headers(List.of(
                                        new Header("a", new byte[] {7}),
                                        new Header("b", null),
                                        new Header("a", new byte[0]))),
                        "first",
                        "second");
        setAside.feed()
                .add(setAside.feed().record().timestampMillis(-2), "tombstone")
                .write();
        List<DeadLetter> sent = new ArrayList<>();

        assertThat(setAside.replayer().build().to(sent::addAll).replayed()).isEqualTo(2);

        DeadLetter letter = sent.get(0);
        assertThat(letter.partition()).isEqualTo(Feed.P0);
        assertThat(letter.source().timestamp()).contains(NOON.plusMillis(7));
        assertThat(letter.source().timestampType()).isEqualTo(SourceRecord.TimestampType.LOG_APPEND_TIME);
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
        assertThat(sent.get(1).source().timestampType()).isEqualTo(SourceRecord.TimestampType.CREATE_TIME);
        assertThat(database.count(MARKED)).isEqualTo(2);
        assertThat(database.count("heartbeat")).isZero();
    }

    @Test
    void to_sendsAgainWhatMayNotHaveArrived() {
        setAside.write(3);
        List<Integer> calls = new ArrayList<>();

        ReplayResult result = setAside.replayer().build().to(letters -> {
            calls.add(letters.size());
            if (calls.size() < 3) {
                throw new SinkException(SinkException.Kind.TRANSIENT, "busy");
            }
        });

        assertThat(calls).containsExactly(3, 3, 3);
        assertThat(result).isEqualTo(new ReplayResult(3, 0, 0, List.of(), List.of()));
    }

    @Test
    void to_givesUpAfterSoManyAttempts() {
        setAside.write(3);
        List<Integer> calls = new ArrayList<>();

        Throwable failure =
                catchThrowable(() -> setAside.replayer().maxAttempts(4).build().to(letters -> {
                    calls.add(letters.size());
                    throw new SinkException(SinkException.Kind.TRANSIENT, "busy");
                }));

        assertThat(failure).hasMessage("busy");
        assertThat(calls).hasSize(4);
        assertThat(database.count(MARKED)).isZero();
    }

    @Test
    void to_isInterruptedWhileItRests() {
        setAside.write(1);
        Throwable failure = catchThrowable(() -> setAside.replayer().build().to(letters -> {
            Thread.currentThread().interrupt();
            throw new SinkException(SinkException.Kind.TRANSIENT, "busy");
        }));
        assertThat(Thread.interrupted()).isTrue();
        assertThat(failure).hasMessage("Replay was interrupted while it waited for a retry after busy");
    }

    @Test
    void to_leavesWhatTheTargetRefuses() {
        setAside.write(10);
        ReplayResult result = setAside.replayer().build().to(letters -> {
            if (letters.stream().anyMatch(letter -> letter.offset() == 7)) {
                throw new SinkException(SinkException.Kind.DATA, "not this one");
            }
        });
        assertThat(result)
                .isEqualTo(new ReplayResult(
                        9,
                        0,
                        1,
                        List.of(new Reason("not this one", 1)),
                        List.of(new ReplayResult.Refusal(Feed.P0, 7, "not this one"))));
        assertThat(database.rows("SELECT kafka_offset FROM dead_letters WHERE replayed_at IS NULL"))
                .containsExactly("7");
    }

    /** The others are durable: none is sent again in the search for the refused one. */
    @Test
    void to_leavesWhatTheTargetNames() {
        setAside.write(10);
        List<Integer> calls = new ArrayList<>();
        ReplayResult result = setAside.replayer().build().to(letters -> {
            calls.add(letters.size());
            throw new DeadLettersRefusedException(letters.stream()
                    .filter(letter -> letter.offset() % 4 == 3)
                    .map(letter -> new DeadLettersRefusedException.Refusal(letter, "too large"))
                    .toList());
        });
        assertThat(calls).containsExactly(10);
        assertThat(result.replayed()).isEqualTo(8);
        assertThat(result.stillRefused()).isEqualTo(2);
        assertThat(result.reasons()).containsExactly(new Reason("too large", 2));
        assertThat(result.refusals())
                .extracting(ReplayResult.Refusal::toString)
                .containsExactly("client-heartbeats-0@3: too large", "client-heartbeats-0@7: too large");
        assertThat(database.rows("SELECT kafka_offset FROM dead_letters WHERE replayed_at IS NULL ORDER BY 1"))
                .containsExactly("3", "7");
    }

    /** A consumer that still refuses replayed letters dead-letters them again at once. */
    @Test
    void to_leavesLettersThatComeMeanwhile() {
        setAside.write(2);
        List<Integer> calls = new ArrayList<>();

        ReplayResult result = setAside.replayer().batchSize(1).build().to(letters -> {
            calls.add(letters.size());
            if (calls.size() > 10) {
                throw new SinkException(SinkException.Kind.FATAL, "does not end");
            }
            setAside.write(1);
        });

        assertThat(result.replayed()).isEqualTo(2);
        assertThat(database.count("dead_letters WHERE replayed_at IS NULL")).isEqualTo(2);
    }

    @Test
    void to_needsTheColumn() {
        database.execute("ALTER TABLE dead_letters DROP COLUMN replayed_at");
        assertThat(catchThrowable(() -> setAside.replayer().build().to(letters -> {})))
                .hasMessageContaining("column \"dead_letters\".\"replayed_at\" is missing");
    }

    @Test
    void to_keepsTheOrderOfEachPartition() {
        Feed<Heartbeat> other = Feed.open(setAside.feed().sink(), Feed.P1);
        other.add(other.record(), "a").add(other.record(), "b").write();
        setAside.write(2);
        database.execute("UPDATE dead_letters SET id = 100 - id");
        List<String> sent = new ArrayList<>();

        setAside.replayer()
                .build()
                .to(letters ->
                        letters.forEach(letter -> sent.add(letter.partition().partition() + "@" + letter.offset())));

        assertThat(sent).containsExactly("0@0", "0@1", "1@0", "1@1");
    }
}
