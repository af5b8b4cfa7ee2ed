package io.gpufleet.telemetry.jdbc;

import static io.gpufleet.telemetry.jdbc.Heartbeats.NOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.Codec;
import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.DeadLetter.Stage;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.Enricher;
import io.gpufleet.telemetry.RefusedException;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.SinkException.Kind;
import io.gpufleet.telemetry.TransactionalSink;
import io.gpufleet.telemetry.Validator;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Values that are completed between their validation and the write, also in a replay, and behind a wrapper. */
final class EnricherTest {
    private static final PostgresTable<Delivery<String>> TEXT = PostgresTable.<Delivery<String>>builder("word")
            .key("n", ColumnType.BIGINT, Delivery::offset)
            .keep("text", ColumnType.TEXT, Delivery::value)
            .build();

    private Database database;
    private HikariDataSource pool;
    private final List<List<String>> calls = new ArrayList<>();
    private final List<Integer> connections = new ArrayList<>();

    @BeforeEach
    void create() {
        database = PostgresVersion.POSTGRES_18.database();
        database.execute("CREATE TABLE word (n bigint PRIMARY KEY, text text)");
        pool = Pools.of(database, 3);
    }

    @AfterEach
    void close() {
        pool.close();
    }

    private PostgresSink.Builder<String> sink(Enricher<String> enricher) {
        return PostgresSink.<String>builder(pool)
                .enrich(deliveries -> {
                    calls.add(deliveries.stream().map(Delivery::value).toList());
                    connections.add(pool.getHikariPoolMXBean().getActiveConnections());
                    return enricher.enrich(deliveries);
                })
                .insertOnce(TEXT);
    }

    private static List<Delivery<String>> complete(List<Delivery<String>> deliveries) {
        return deliveries.stream().map(d -> d.withValue(d.value() + "!")).toList();
    }

    private static List<Delivery<String>> completeGood(List<Delivery<String>> deliveries) {
        List<DeadLetter> bad = deliveries.stream()
                .filter(d -> d.value().equals("bad"))
                .map(d -> new DeadLetter(d.source(), Stage.VALIDATE, List.of("unknown"), List.of(d.index())))
                .toList();
        if (!bad.isEmpty()) {
            throw new RefusedException(bad);
        }
        return complete(deliveries);
    }

    private List<String> stored() {
        return database.rows("SELECT n, text FROM word ORDER BY n");
    }

    @Test
    void batch_isCompletedByOneCallOutsideOfTheTransaction() {
        List<String> seen = new ArrayList<>();
        Feed<String> feed = Feed.open(
                sink(EnricherTest::complete)
                        .inTransaction((connection, batch) -> batch.deliveries().forEach(d -> seen.add(d.value())))
                        .build(),
                Feed.P0);
        feed.add("a", NOON).add("b", NOON).write();

        assertThat(calls).containsExactly(List.of("a", "b"));
        assertThat(connections).containsExactly(0);
        assertThat(stored()).containsExactly("0|a!", "1|b!");
        assertThat(seen).containsExactly("a!", "b!");
    }

    @Test
    void failure_writesNothingAndSaysWhatFollows() {
        List<RuntimeException> failures = new ArrayList<>(List.of(
                new SinkException(Kind.TRANSIENT, "the directory does not answer"),
                new IllegalStateException("no such client")));
        Feed<String> feed = Feed.open(
                sink(deliveries -> {
                            if (!failures.isEmpty()) {
                                throw failures.remove(0);
                            }
                            return complete(deliveries);
                        })
                        .build(),
                Feed.P0);
        feed.add("a", NOON);
        assertThat(catchThrowableOfType(SinkException.class, feed::write).kind())
                .isEqualTo(Kind.TRANSIENT);
        feed.add("a", NOON);
        assertThat(catchThrowableOfType(SinkException.class, feed::write))
                .hasMessage("the enricher: java.lang.IllegalStateException: no such client")
                .extracting(SinkException::kind)
                .isEqualTo(Kind.FATAL_PERHAPS_DATA);
        assertThat(stored()).isEmpty();

        feed.add("a", NOON).write();
        assertThat(stored()).containsExactly("0|a!");
    }

    @Test
    void refusedValue_isSetAsideAndTheOthersAreAskedAboutAgain() {
        Feed<String> feed = Feed.open(sink(EnricherTest::completeGood).build(), Feed.P0);
        feed.add("a", NOON).add("bad", NOON).add("c", NOON).write();

        assertThat(calls).containsExactly(List.of("a", "bad", "c"), List.of("a", "c"));
        assertThat(stored()).containsExactly("0|a!", "2|c!");
        assertThat(database.row("SELECT stage, reasons FROM dead_letters")).isEqualTo("validate|{unknown}");
    }

    private ReplayResult replay(TransactionalSink<String> sink) {
        return DeadLetterReplayer.<String>builder(pool, "g").build().through(sink, new Text(), Validator.acceptAll());
    }

    private void setAside(String... values) {
        Feed<String> feed = Feed.open(PostgresSink.<String>builder(pool).build(), Feed.P0);
        for (String value : values) {
            feed.add(feed.record().timestampMillis(0).value(value.getBytes(StandardCharsets.UTF_8)), "a defect");
        }
        feed.write();
    }

    @Test
    void replay_completesWhatIsGoodNow() {
        setAside("a", "bad", "c");

        ReplayResult result = replay(sink(EnricherTest::completeGood).build());

        assertThat(result.replayed()).isEqualTo(2);
        assertThat(stored()).containsExactly("0|a!", "2|c!");
        assertThat(database.rows("SELECT kafka_offset FROM dead_letters WHERE replayed_at IS NULL"))
                .containsExactly("1");
    }

    @Test
    void replay_findsTheSinkBehindWrappers() {
        setAside("a");

        ReplayResult result =
                replay(new Wrapper<>(new Wrapper<>(sink(EnricherTest::complete).build())));

        assertThat(result.replayed()).isEqualTo(1);
        assertThat(stored()).containsExactly("0|a!");
    }

    @Test
    void replay_refusesASinkThatWrapsNone() {
        PostgresSink<String> sink = sink(EnricherTest::complete).build();
        TransactionalSink<String> closed = new Wrapper<>(sink) {
            @Override
            public Optional<TransactionalSink<String>> wrapped() {
                return Optional.empty();
            }
        };
        TransactionalSink<String> itself = new Wrapper<>(sink) {
            @Override
            public Optional<TransactionalSink<String>> wrapped() {
                return Optional.of(this);
            }
        };
        for (TransactionalSink<String> wrong : List.of(closed, itself)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> replay(wrong))
                    .withMessageStartingWith("sink: io.gpufleet.telemetry.jdbc.EnricherTest")
                    .withMessageContaining("is not a PostgresSink and wraps none");
        }
    }

    private static final class Text implements Codec<String> {
        @Override
        public int encodedSize(String value) {
            return value.getBytes(StandardCharsets.UTF_8).length;
        }

        @Override
        public void encode(String value, ByteBuffer target) {
            target.put(value.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public String decode(ByteBuffer source) {
            return StandardCharsets.UTF_8.decode(source).toString();
        }
    }
}
