package io.gpufleet.telemetry.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.RefusedException;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.SourceRecord;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Records of many values, some of which the database refuses. */
final class ManyValuesTest {
    private static final PostgresTable<Delivery<Integer>> NUMBER = PostgresTable.<Delivery<Integer>>builder("number")
            .key("n", ColumnType.INTEGER, Delivery::value)
            .build();

    private Database database;

    @BeforeEach
    void create() {
        database = PostgresVersion.POSTGRES_18.database();
        database.execute("CREATE TABLE number (n integer PRIMARY KEY CHECK (n % 10 <> 7))");
    }

    private PostgresSink.Builder<Integer> sink() {
        return PostgresSink.<Integer>builder(database.dataSource()).insertOnce(NUMBER);
    }

    /** Returns a batch of one record with the values [from, next). */
    private static Batch<Integer> record(int from, int next) {
        SourceRecord source =
                SourceRecord.builder(Feed.P0, 0).value(new byte[] {1}).build();
        Batch.Builder<Integer> batch = Batch.<Integer>builder().open(Feed.P0, Feed.TOPIC_ID, 0);
        IntStream.range(from, next).forEach(n -> batch.add(Delivery.of(n, Instant.EPOCH, source, n - from)));
        return batch.build();
    }

    private List<DeadLetter> refusedOf(PostgresSink<Integer> sink, Batch<Integer> batch) {
        return catchThrowableOfType(RefusedException.class, () -> sink.write(batch))
                .deadLetters();
    }

    @Test
    void write_namesTheValuesOfARecordThatAreRefusedAndWritesNothing() {
        PostgresSink<Integer> sink = Feed.open(sink().build(), Feed.P0).sink();

        List<DeadLetter> refused = refusedOf(sink, record(0, 40));

        assertThat(refused).extracting(letter -> letter.indexes().get(0)).containsExactlyInAnyOrder(7, 17, 27, 37);
        assertThat(refused.get(0).reasons().get(0)).startsWith("value 7: ").contains("number_n_check");
        assertThat(database.count("number")).isZero();
        assertThat(sink.positions(Set.of(Feed.P0)).get(Feed.P0).nextOffset()).isZero();
    }

    @Test
    void write_takesTheRestOfTheRecordWithOneLetter() {
        PostgresSink<Integer> sink = Feed.open(sink().build(), Feed.P0).sink();
        Batch<Integer> batch = record(0, 40);

        sink.write(batch.refuse(refusedOf(sink, batch)));

        assertThat(database.count("number")).isEqualTo(36);
        assertThat(database.row("SELECT count(*), min(stage), min(cardinality(reasons)) FROM dead_letters"))
                .isEqualTo("1|sample|4");
        assertThat(sink.positions(Set.of(Feed.P0)).get(Feed.P0).nextOffset()).isEqualTo(1);
    }

    @Test
    void write_ofARecordOfWhichNothingGoesInBlamesNoValue() {
        database.execute("ALTER TABLE number ADD CHECK (n < 0)");
        PostgresSink<Integer> sink = Feed.open(sink().build(), Feed.P0).sink();

        assertThatExceptionOfType(SinkException.class)
                .isThrownBy(() -> sink.write(record(0, 500)))
                .satisfies(e -> assertThat(e.kind()).isEqualTo(SinkException.Kind.DATA));
    }

    /** However many refused values come first, one that goes in proves that the table is not at fault. */
    @ParameterizedTest
    @ValueSource(strings = {"n >= 300", "n < 300", "n = 299", "n % 2 = 0"})
    void write_findsAllRefusedValuesInSomeAttempts(String accepted) {
        database.execute("ALTER TABLE number DROP CONSTRAINT number_n_check, ADD CHECK (" + accepted + ")");
        PostgresSink<Integer> sink = Feed.open(sink().build(), Feed.P0).sink();

        Batch<Integer> batch = record(0, 600);
        while (database.count("number") == 0) {
            try {
                sink.write(batch);
            } catch (RefusedException e) {
                batch = batch.refuse(e.deadLetters());
            }
        }

        List<String> stored = database.rows("SELECT n FROM number ORDER BY n");
        assertThat(stored).isEqualTo(database.rows("SELECT n FROM generate_series(0, 599) AS n WHERE " + accepted));
        assertThat(batch.deadLetters()).singleElement().satisfies(letter -> {
            assertThat(letter.indexes()).hasSize(600 - stored.size());
            assertThat(letter.reasons()).hasSize(DeadLetter.MOST_REASONS);
        });
        assertThat(database.count("dead_letters")).isEqualTo(1);
    }

    @Test
    void sinkThatRepeatsItsWork_refusesTheRecordWhole() {
        PostgresSink<Integer> withHook =
                sink().inTransaction((connection, batch) -> {}).build();
        Feed.open(withHook, Feed.P0);

        assertThat(withHook.isIdempotent()).isFalse();
        assertThatExceptionOfType(SinkException.class).isThrownBy(() -> withHook.write(record(0, 40)));
    }

    @Test
    void isIdempotent_needsAKeyedStepThatGatesTheOthers() {
        assertThat(sink().build().isIdempotent()).isTrue();
        assertThat(PostgresSink.<Integer>builder(database.dataSource()).build().isIdempotent())
                .isFalse();
        assertThat(PostgresSink.<Integer>builder(database.dataSource())
                        .insertAll(NUMBER)
                        .build()
                        .isIdempotent())
                .isFalse();
    }
}
