package io.gpufleet.telemetry.jdbc;

import static io.gpufleet.telemetry.jdbc.Heartbeats.NOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gpufleet.telemetry.Aggregator;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.SinkException.Kind;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.TimeZone;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Every type is read back unchanged, at its limits, and refused beyond them. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class ColumnTypeTest {
    @Parameter
    PostgresVersion version;

    @Test
    void integers_holdTheirLimits() {
        assertStored(
                ColumnType.BIGINT,
                List.of(Long.MIN_VALUE, -1L, Long.MAX_VALUE),
                "-9223372036854775808",
                "-1",
                "9223372036854775807");
        assertStored(ColumnType.INTEGER, List.of(Integer.MIN_VALUE, Integer.MAX_VALUE), "-2147483648", "2147483647");
        assertStored(ColumnType.SMALLINT, List.of(-32768, 32767), "-32768", "32767");
        assertRefused(ColumnType.SMALLINT, 32768, "smallint out of range");
    }

    @Test
    void numbers_holdTheirLimits() {
        assertStored(
                ColumnType.NUMERIC,
                List.of(new BigDecimal("-0.000000000000000000001"), new BigDecimal("1e30"), new BigDecimal("1.50")),
                "-0.000000000000000000001",
                "1000000000000000000000000000000",
                "1.50");
        assertStored(
                ColumnType.FLOAT8,
                List.of(Double.MIN_VALUE, -0.1, Double.MAX_VALUE, Double.NaN, Double.NEGATIVE_INFINITY),
                "5e-324",
                "-0.1",
                "1.7976931348623157e+308",
                "NaN",
                "-Infinity");
    }

    @Test
    void texts_holdEveryCharacterButZero() {
        assertStored(
                ColumnType.TEXT,
                Arrays.asList("", "NULL", null, "{a,\"b\\", "\ud83d\ude00é\u0001"),
                "",
                "NULL",
                "null",
                "{a,\"b\\",
                "\ud83d\ude00é\u0001");
        assertRefused(ColumnType.TEXT, "a\0b", "invalid byte sequence");
    }

    @Test
    void others_holdWhatTheyAreGiven() {
        assertStored(ColumnType.BOOLEAN, Arrays.asList(true, false, null), "t", "f", "null");
        assertStored(ColumnType.BYTEA, Arrays.asList(new byte[0], new byte[] {0, -1}, null), "\\x", "\\x00ff", "null");
        assertStored(
                ColumnType.UUID, Arrays.asList(new UUID(-1, 1), null), "ffffffff-ffff-ffff-0000-000000000001", "null");
    }

    @Test
    void dates_areTheSameInEveryTimeZone() {
        inTimeZones(() -> assertStored(
                ColumnType.DATE,
                List.of(
                        LocalDate.of(1970, 1, 1),
                        LocalDate.of(2100, 2, 28),
                        LocalDate.of(-43, 3, 15),
                        LocalDate.of(9999, 12, 31)),
                "1970-01-01",
                "2100-02-28",
                "0044-03-15 BC",
                "9999-12-31"));
        assertRefused(ColumnType.DATE, LocalDate.MAX, "date out of range");
        assertRefused(ColumnType.DATE, LocalDate.MIN, "date out of range");
    }

    @Test
    void timestamps_areExactInEveryTimeZone() {
        inTimeZones(() -> assertStored(
                ColumnType.TIMESTAMPTZ,
                List.of(
                        Instant.EPOCH,
                        Instant.EPOCH.minusNanos(1_000),
                        Instant.EPOCH.minusNanos(1),
                        Instant.parse("2026-11-01T06:30:00.123456789Z"),
                        Instant.parse("2100-12-31T23:59:59.999999Z"),
                        Instant.parse("+200000-01-01T00:00:00.000001Z"),
                        Instant.parse("-4000-06-01T00:00:00.000001Z")),
                "1970-01-01 00:00:00+00",
                "1969-12-31 23:59:59.999999+00",
                "1969-12-31 23:59:59.999999+00",
                "2026-11-01 06:30:00.123456+00",
                "2100-12-31 23:59:59.999999+00",
                "200000-01-01 00:00:00.000001+00",
                "4001-06-01 00:00:00.000001+00 BC"));
        assertRefused(ColumnType.TIMESTAMPTZ, Instant.MAX, "timestamp out of range");
        assertRefused(ColumnType.TIMESTAMPTZ, Instant.MIN, "timestamp out of range");
        assertRefused(ColumnType.TIMESTAMPTZ, Instant.parse("-5000-01-01T00:00:00Z"), "timestamp out of range");
    }

    @Test
    void documents_holdWhatIsJson() {
        assertStored(
                ColumnType.JSONB,
                Arrays.asList("{\"b\": [1, null], \"a\":\"\ud83d\ude00 \\\"\\u00e9\\\"\"}", " null ", null, "1.50"),
                "{\"a\": \"\ud83d\ude00 \\\"é\\\"\", \"b\": [1, null]}",
                "null",
                "null",
                "1.50");
        assertRefused(ColumnType.JSONB, "{\"a\":}", "invalid input syntax for type json");
        assertRefused(ColumnType.JSONB, "", "invalid input syntax for type json");
        assertRefused(ColumnType.JSONB, "\"\\u0000\"", "unsupported Unicode escape sequence");
        assertRefused(ColumnType.JSONB, "\"\ud83d\"", "is an unpaired surrogate");
    }

    @Test
    void textArrays_keepTheirBordersAndCharacters() {
        assertElements(
                ColumnType.TEXT_ARRAY,
                Arrays.asList(
                        List.of(),
                        List.of(""),
                        List.of("NULL", "null", " a ", "{b,c}"),
                        List.of("\"", "\\", "\\\"", "a\nb", "\ud83d\ude00'$$"),
                        null),
                "[]",
                "[\"\"]",
                "[\"NULL\", \"null\", \" a \", \"{b,c}\"]",
                "[\"\\\"\", \"\\\\\", \"\\\\\\\"\", \"a\\nb\", \"\ud83d\ude00'$$\"]",
                "null");
        assertRefused(ColumnType.TEXT_ARRAY, List.of("a", "b\0"), "invalid byte sequence");
        assertRefused(ColumnType.TEXT_ARRAY, List.of("a", "\ud83d"), "is an unpaired surrogate");
        assertRefused(ColumnType.TEXT_ARRAY, Arrays.asList("a", null), "an element of a text[] is null");
    }

    @Test
    void numberArrays_keepEveryBit() {
        double[] doubles = {
            0.1,
            -0.0,
            Double.MIN_VALUE,
            -Double.MAX_VALUE,
            Double.MIN_NORMAL,
            1 / 3.0,
            Double.NaN,
            Double.POSITIVE_INFINITY,
            Double.NEGATIVE_INFINITY,
            9_007_199_254_740_991.0
        };
        float[] floats = {
            0.1f,
            -0.0f,
            Float.MIN_VALUE,
            -Float.MAX_VALUE,
            Float.MIN_NORMAL,
            1 / 3f,
            Float.NaN,
            Float.POSITIVE_INFINITY,
            Float.NEGATIVE_INFINITY
        };
        assertThat(bits(ColumnType.DOUBLE_ARRAY, doubles, "float8send"))
                .containsExactly(DoubleStream.of(doubles)
                        .mapToObj(d -> HexFormat.of().toHexDigits(Double.doubleToRawLongBits(d)))
                        .toArray(String[]::new));
        assertThat(bits(ColumnType.REAL_ARRAY, floats, "float4send"))
                .containsExactly(IntStream.range(0, floats.length)
                        .mapToObj(i -> HexFormat.of().toHexDigits(Float.floatToRawIntBits(floats[i])))
                        .toArray(String[]::new));
        assertElements(
                ColumnType.DOUBLE_ARRAY, Arrays.asList(new double[0], null, new double[] {2}), "[]", "null", "[2]");
        assertElements(ColumnType.REAL_ARRAY, Arrays.asList(new float[0], null, new float[] {2}), "[]", "null", "[2]");
    }

    /** Of two rows with one version, the one with the larger bytes stays, in any order. */
    @Test
    void arraysAndDocuments_areNewestByAVersion() {
        Database database = version.database();
        database.execute("CREATE TABLE state (n bigint PRIMARY KEY, v bigint, labels jsonb, texts text[],"
                + " doubles double precision[], floats real[])");
        PostgresTable<String> table = PostgresTable.<String>builder("state")
                .key("n", ColumnType.BIGINT, text -> 1L)
                .max("v", ColumnType.BIGINT, text -> 1L)
                .newestBy("v", "labels", ColumnType.JSONB, text -> '"' + text + '"')
                .newestBy("v", "texts", ColumnType.TEXT_ARRAY, List::of)
                .newestBy("v", "doubles", ColumnType.DOUBLE_ARRAY, text -> new double[] {text.charAt(0)})
                .newestBy("v", "floats", ColumnType.REAL_ARRAY, text -> new float[] {text.charAt(0)})
                .build();
        for (List<String> order : List.of(List.of("a", "b"), List.of("b", "a"))) {
            database.execute("TRUNCATE state");
            Feed<String> feed = Feed.open(
                    PostgresSink.<String>builder(database.dataSource())
                            .fold(new Single(), table)
                            .build(),
                    Feed.P0,
                    "group " + order);
            order.forEach(text -> feed.add(text, NOON).write());
            assertThat(database.row("SELECT labels, texts, doubles, floats FROM state"))
                    .isEqualTo("\"b\"|{b}|{98}|{98}");
        }
    }

    private static final class Single implements Aggregator<String, String, String> {
        @Override
        public void fold(Delivery<String> delivery, BiConsumer<? super String, ? super String> results) {
            results.accept("", delivery.value());
        }

        @Override
        public String merge(String left, String right) {
            return right;
        }
    }

    private <V> List<String> bits(ColumnType<V> type, V value, String send) {
        Database database = table(type);
        Feed<V[]> feed = open(database, type);
        feed.add(boxed(value), NOON).write();
        return database.rows(
                "SELECT encode(" + send + "(e), 'hex') FROM t, unnest(v) WITH ORDINALITY AS u(e, i)" + " ORDER BY i");
    }

    private <V> void assertElements(ColumnType<V> type, List<V> values, String... stored) {
        Database database = table(type);
        Feed<V[]> feed = open(database, type);
        values.forEach(value -> feed.add(boxed(value), NOON));
        feed.write();
        assertThat(database.rows("SELECT to_jsonb(v) FROM t ORDER BY n")).containsExactly(stored);
    }

    private <V> void assertStored(ColumnType<V> type, List<V> values, String... stored) {
        Database database = table(type);
        Feed<V[]> feed = open(database, type);
        values.forEach(value -> feed.add(boxed(value), NOON));
        feed.write();
        assertThat(database.rows("SELECT v FROM t ORDER BY n")).containsExactly(stored);
    }

    private <V> void assertRefused(ColumnType<V> type, V value, String words) {
        Feed<V[]> feed = open(table(type), type);
        feed.add(boxed(value), NOON);
        SinkException refused = catchThrowableOfType(SinkException.class, feed::write);
        assertThat(refused).hasMessageContaining("table \"t\": ").hasMessageContaining(words);
        assertThat(refused.kind()).isEqualTo(Kind.DATA);
    }

    private Database table(ColumnType<?> type) {
        Database database = version.database();
        database.execute("CREATE TABLE t (n bigint PRIMARY KEY, v " + type + ")");
        return database;
    }

    private static <V> Feed<V[]> open(Database database, ColumnType<V> type) {
        return Feed.open(
                PostgresSink.<V[]>builder(database.dataSource())
                        .insertOnce(PostgresTable.<Delivery<V[]>>builder("t")
                                .key("n", ColumnType.BIGINT, Delivery::offset)
                                .keep("v", type, d -> d.value()[0])
                                .build())
                        .build(),
                Feed.P0);
    }

    @SafeVarargs
    @SuppressWarnings("varargs") // the array is only read
    private static <V> V[] boxed(V... value) {
        return value;
    }

    private static void inTimeZones(Runnable test) {
        TimeZone zone = TimeZone.getDefault();
        try {
            for (String other : List.of("America/St_Johns", "Pacific/Kiritimati")) {
                TimeZone.setDefault(TimeZone.getTimeZone(other));
                test.run();
            }
        } finally {
            TimeZone.setDefault(zone);
        }
    }
}
