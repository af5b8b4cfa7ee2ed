package io.gpufleet.telemetry.jdbc;

import static io.gpufleet.telemetry.jdbc.Heartbeats.NOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.TelemetryEvent.DuplicatesDropped;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Many rows of a batch at once. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class BinaryCopyTest {
    private static final int MANY = 1_000;
    private static final String DDL = """
            CREATE TABLE %1$s (n bigint PRIMARY KEY, i integer, s smallint, f double precision, b boolean, t text,
                v varchar(20), y bytea, u uuid, j jsonb, at timestamptz, d date)""";
    private static final String TELL_STATEMENTS = """
            CREATE TABLE told (statement text PRIMARY KEY);
            CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                INSERT INTO told VALUES (split_part(ltrim(current_query()), ' ', 1)) ON CONFLICT DO NOTHING; RETURN NEW;
            END $$;
            CREATE TRIGGER tell BEFORE INSERT ON %s FOR EACH ROW EXECUTE FUNCTION tell()""";

    @Parameter
    PostgresVersion version;

    private Database database;
    private int partitions;

    @BeforeEach
    void create() {
        database = version.database();
    }

    /** A row whose values are those of a random generator. */
    private static PostgresTable<Delivery<Integer>> table(String name) {
        return PostgresTable.<Delivery<Integer>>builder(name)
                .key("n", ColumnType.BIGINT, d -> (long) d.value())
                .keep("i", ColumnType.INTEGER, sometimes(Random::nextInt))
                .keep("s", ColumnType.SMALLINT, sometimes(random -> random.nextInt(65_536) - 32_768))
                .keep(
                        "f",
                        ColumnType.FLOAT8,
                        sometimes(random -> random.nextInt(9) == 0 ? Double.NaN : random.nextGaussian()))
                .keep("b", ColumnType.BOOLEAN, sometimes(Random::nextBoolean))
                .keep(
                        "t",
                        ColumnType.TEXT,
                        sometimes(random -> "x\u20ac\ud83d\ude00".repeat(random.nextInt(40_000) / 1_000)))
                .keep("v", ColumnType.TEXT, sometimes(random -> "y".repeat(random.nextInt(21))))
                .keep("y", ColumnType.BYTEA, sometimes(random -> new byte[random.nextInt(5)]))
                .keep("u", ColumnType.UUID, sometimes(random -> new UUID(random.nextLong(), random.nextLong())))
                .keep("j", ColumnType.JSONB, sometimes(random -> "{\"a\": " + random.nextInt() + "}"))
                .keep("at", ColumnType.TIMESTAMPTZ, sometimes(BinaryCopyTest::time))
                .keep(
                        "d",
                        ColumnType.DATE,
                        sometimes(random -> LocalDate.ofEpochDay(random.nextInt(4_000_000) - 2_000_000)))
                .build();
    }

    private static Instant time(Random random) {
        return Instant.ofEpochSecond(
                random.nextLong(400_000_000_000L) - 200_000_000_000L, random.nextInt(1_000_000_000));
    }

    private static <V> Function<Delivery<Integer>, @Nullable V> sometimes(Function<Random, V> value) {
        return delivery -> {
            Random random = new Random(delivery.value() * 31L);
            return random.nextInt(4) == 0 ? null : value.apply(random);
        };
    }

    private Feed<Integer> feed(PostgresTable<Delivery<Integer>> table) {
        return Feed.open(
                PostgresSink.<Integer>builder(database.dataSource())
                        .insertOnce(table)
                        .build(),
                Feed.partition(partitions++));
    }

    private static void write(Feed<Integer> feed, int from, int to) {
        for (int n = from; n < to; n++) {
            feed.add(n, NOON);
        }
        feed.write();
    }

    @Test
    void write_storesTheSameValuesAsAnInsert() {
        database.execute(DDL.formatted("copied"));
        database.execute(DDL.formatted("inserted"));
        write(feed(table("copied")), 0, 3 * MANY);
        Feed<Integer> inserted = feed(table("inserted"));
        for (int n = 0; n < 3 * MANY; n += MANY / 2) {
            write(inserted, n, n + MANY / 2);
        }
        assertThat(database.rows("TABLE copied EXCEPT TABLE inserted")).isEmpty();
        assertThat(database.count("copied")).isEqualTo(3 * MANY);
    }

    @Test
    void write_copiesManyRowsAndInsertsFew() {
        database.execute(DDL.formatted("rows") + ";" + TELL_STATEMENTS.formatted("rows"));
        Feed<Integer> feed = feed(table("rows"));
        write(feed, 0, MANY - 1);
        assertThat(database.rows("TABLE told")).containsExactly("INSERT");
        write(feed, MANY, 2 * MANY);
        assertThat(database.rows("TABLE told")).containsExactlyInAnyOrder("INSERT", "COPY");
    }

    /** A copy passes rules by, and is refused under row security. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE RULE twice AS ON INSERT TO rows DO ALSO NOTHING",
                "ALTER TABLE rows ENABLE ROW LEVEL SECURITY"
            })
    void write_insertsWhatACopyWouldTreatInAnotherWay(String ddl) {
        database.execute(DDL.formatted("rows") + ";" + TELL_STATEMENTS.formatted("rows") + ";" + ddl);
        write(feed(table("rows")), 0, MANY);
        assertThat(database.rows("TABLE told")).containsExactly("INSERT");
    }

    @Test
    void write_dropsDuplicatesAfterACopyThatCollides() {
        database.execute(DDL.formatted("rows"));
        Feed<Integer> feed = feed(table("rows"));
        write(feed, 0, MANY);
        write(feed, MANY / 2, 2 * MANY);
        assertThat(database.count("rows")).isEqualTo(2 * MANY);
        assertThat(feed.events()).containsExactly(new DuplicatesDropped(MANY / 2));
    }

    @Test
    void write_refusesValuesThatTheColumnCannotHold() {
        database.execute("CREATE TABLE narrow (n bigint PRIMARY KEY, s smallint, at timestamptz, t text)");
        List<PostgresTable<Delivery<Integer>>> tables = List.of(
                narrow().keep("s", ColumnType.SMALLINT, d -> 40_000).build(),
                narrow().keep("at", ColumnType.TIMESTAMPTZ, d -> Instant.MIN).build(),
                narrow().keep("t", ColumnType.TEXT, d -> "\0").build());
        for (PostgresTable<Delivery<Integer>> table : tables) {
            Feed<Integer> feed = feed(table);
            SinkException failure = catchThrowableOfType(SinkException.class, () -> write(feed, 0, MANY));
            assertThat(failure.kind()).isEqualTo(SinkException.Kind.DATA);
        }
    }

    private static PostgresTable.Builder<Delivery<Integer>> narrow() {
        return PostgresTable.<Delivery<Integer>>builder("narrow").key("n", ColumnType.BIGINT, d -> (long) d.value());
    }

    /** A copy writes day by day, and not in the order of keys. */
    @Test
    void write_insertsRowsOfSeveralDays() {
        database.execute("CREATE TABLE days (n bigint, at timestamptz, PRIMARY KEY (n, at)) PARTITION BY RANGE (at);"
                + " CREATE TABLE days_retention (kept_from date NOT NULL);" + TELL_STATEMENTS.formatted("days"));
        for (int days = 2; days > 0; days--) {
            int number = days;
            write(
                    feed(PostgresTable.<Delivery<Integer>>builder("days")
                            .key("n", ColumnType.BIGINT, d -> (long) d.value())
                            .partitionKey("at", d -> NOON.plusSeconds(86_400L * (d.value() % number)), "days_retention")
                            .build()),
                    (days - 1) * 2 * MANY,
                    (days - 1) * 2 * MANY + MANY);
            assertThat(database.rows("SELECT * FROM told ORDER BY 1"))
                    .isEqualTo(days == 2 ? List.of("INSERT") : List.of("COPY", "INSERT"));
        }
    }
}
