package io.gpufleet.telemetry.jdbc;

import static io.gpufleet.telemetry.jdbc.Heartbeats.NOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.SinkException.Kind;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Texts with an unpaired surrogate, which the driver would send as a question mark. */
final class HalfCharactersTest {
    private static final String HIGH = "half \ud83d";
    private static final String LOW = "half \udd25";
    private static final String WHOLE = "whole \ud83d\udd25";

    private Database database;

    @BeforeEach
    void create() {
        database = PostgresVersion.POSTGRES_18.database();
        database.execute("CREATE TABLE line (id text PRIMARY KEY, note text)");
    }

    private static <R> PostgresTable<R> line(Function<R, String> id, Function<R, String> note) {
        return PostgresTable.<R>builder("line")
                .key("id", ColumnType.TEXT, id)
                .keep("note", ColumnType.TEXT, note)
                .build();
    }

    private SinkException failure(UnaryOperator<PostgresSink.Builder<String>> step, String value) {
        Feed<String> feed = Feed.open(
                step.apply(PostgresSink.builder(database.dataSource())).build(), Feed.P0);
        feed.add("first", NOON).add(value, NOON);
        SinkException failure = catchThrowableOfType(SinkException.class, feed::write);
        assertThat(failure).as(value).isNotNull();
        assertThat(database.count("line")).isZero();
        return failure;
    }

    @Test
    void keyAndKeptColumn_areRefusedAsTheRecordsFault() {
        for (String half : new String[] {HIGH, LOW}) {
            String why = String.format(
                    "cannot be stored as text: U+%04X at index 5 is an unpaired surrogate", (int) half.charAt(5));
            assertThat(failure(sink -> sink.insertOnce(line(Delivery::value, d -> "note")), half))
                    .hasMessageContaining("column \"id\" " + why)
                    .extracting(SinkException::kind)
                    .isEqualTo(Kind.DATA);
            assertThat(failure(sink -> sink.insertOnce(line(d -> "id", Delivery::value)), half))
                    .hasMessageContaining("column \"note\" " + why)
                    .extracting(SinkException::kind)
                    .isEqualTo(Kind.DATA);
        }
    }

    /** The record of a folded result is unknown. */
    @Test
    void result_isRefusedAsPerhapsARecordsFault() {
        assertThat(failure(sink -> sink.fold(new EachText(), line(id -> id, id -> "note")), HIGH))
                .hasMessageContaining("column \"id\" cannot be stored as text")
                .extracting(SinkException::kind)
                .isEqualTo(Kind.FATAL_PERHAPS_DATA);
    }

    @Test
    void wholeCharacters_areStored() {
        Feed<String> feed = Feed.open(
                PostgresSink.<String>builder(database.dataSource())
                        .insertOnce(line(Delivery::value, Delivery::value))
                        .build(),
                Feed.P0);
        feed.add(WHOLE, NOON).write();
        assertThat(database.row("SELECT id FROM line")).isEqualTo(WHOLE);
    }

    @Test
    void group_isRefused() {
        PostgresSink<String> sink =
                PostgresSink.<String>builder(database.dataSource()).build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Feed.open(sink, Feed.P0, HIGH))
                .withMessageContaining("U+D83D at index 5 is an unpaired surrogate");
    }
}
