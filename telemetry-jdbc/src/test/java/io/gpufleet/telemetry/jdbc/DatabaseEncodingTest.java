package io.gpufleet.telemetry.jdbc;

import static io.gpufleet.telemetry.jdbc.Heartbeats.NOON;
import static io.gpufleet.telemetry.jdbc.Heartbeats.device;
import static io.gpufleet.telemetry.jdbc.Heartbeats.heartbeat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.SourceRecord.Header;
import io.gpufleet.telemetry.heartbeat.DeviceNames;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts of records and of the host are stored in a database of any encoding, as far as the encoding allows. */
@ParameterizedClass
@ValueSource(strings = {"UTF8", "SQL_ASCII", "LATIN1", "WIN1252", "EUC_JP", "KOI8R"})
final class DatabaseEncodingTest {
    private static final String TEXT = "nul \0 half \ud83d \u0081 caf\u00e9 \u20ac \u4e2d\u6587 \u3042 \ud83d\ude00";

    private static final Map<String, Database> DATABASES = new ConcurrentHashMap<>();

    @Parameter
    String encoding;

    private Database database;

    @BeforeEach
    void open() {
        database = DATABASES.computeIfAbsent(encoding, DatabaseEncodingTest::database);
    }

    /** A database that all tests of an encoding share. */
    private static Database database(String encoding) {
        String name = "encoded_" + encoding.toLowerCase(Locale.ROOT);
        String server = PostgresVersion.POSTGRES_18.server().jdbcUrl();
        new Database(server)
                .execute("CREATE DATABASE " + name + " ENCODING '" + encoding
                        + "' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
        Database database = new Database(server.replace("/postgres?", "/" + name + "?"));
        TelemetrySchema.create(database.dataSource()).install();
        return database;
    }

    private String expected() {
        return switch (encoding) {
            case "UTF8", "SQL_ASCII" ->
                "nul \ufffd half \ufffd \u0081 caf\u00e9 \u20ac \u4e2d\u6587 \u3042 \ud83d\ude00";
            case "LATIN1" -> "nul \\u0000 half \\uD83D \u0081 caf\u00e9 \\u20AC \\u4E2D\\u6587 \\u3042 \\U0001F600";
            default -> "nul \\u0000 half \\uD83D \\u0081 caf\\u00E9 \\u20AC \\u4E2D\\u6587 \\u3042 \\U0001F600";
        };
    }

    @Test
    void deadLetter_isWrittenAndReplayed() {
        Feed<Heartbeat> feed = Feed.open(HeartbeatSink.create(database.dataSource()), Feed.P0);
        feed.add(heartbeat(1, 7), NOON);
        feed.add(
                        feed.record().headers(List.of(new Header(TEXT, new byte[] {7}))),
                        "ascii",
                        TEXT,
                        "\u20ac".repeat(9_000))
                .write();

        assertThat(database.rows("SELECT unnest(header_names) FROM dead_letters"))
                .containsExactly(expected());
        assertThat(database.rows("SELECT unnest(reasons[:2]) FROM dead_letters"))
                .containsExactly("ascii", expected());
        String cut = database.row("SELECT reasons[3] FROM dead_letters");
        assertThat(cut.getBytes(StandardCharsets.UTF_8)).hasSizeBetween(4_090, 4_096);
        assertThat(cut).matches("\u20ac+|(\\\\u20AC)+");
        assertThat(database.count("heartbeat WHERE cpu_usage = 7")).isEqualTo(1);
        List<DeadLetter> sent = new ArrayList<>();
        DeadLetterReplayer.<Heartbeat>builder(database.dataSource(), "g")
                .selection(DeadLetterSelection.all().reason(TEXT))
                .build()
                .to(sent::addAll);
        assertThat(sent)
                .singleElement()
                .satisfies(letter -> assertThat(letter.reasons()).contains(expected()));
    }

    @Test
    void hostsNameOfADevice_isStored() {
        Properties names = new Properties();
        names.setProperty("10de", TEXT);
        Feed<Heartbeat> feed = Feed.open(
                HeartbeatSink.builder(
                                database.dataSource(), DeviceNames.standard().with(names))
                        .build(),
                Feed.P1);
        feed.add(heartbeat(2, 1, device(0)), NOON).write();
        for (String table : List.of("device_info", "device_daily_stats")) {
            assertThat(database.row("SELECT device_name FROM " + table)).startsWith(expected() + " ");
        }
    }

    /** A group is a name for look-ups, so it is not changed. */
    @Test
    void groupThatTheEncodingLacks_isRefused() {
        if (!List.of("UTF8", "SQL_ASCII", "EUC_JP").contains(encoding)) {
            assertThatThrownBy(() -> Feed.open(HeartbeatSink.create(database.dataSource()), Feed.P0, "\u4e2d"))
                    .hasMessageContaining("has no equivalent in encoding \"" + encoding);
        }
    }
}
