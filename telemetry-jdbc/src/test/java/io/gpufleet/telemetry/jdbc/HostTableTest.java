package io.gpufleet.telemetry.jdbc;

import static io.gpufleet.telemetry.jdbc.Heartbeats.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.Aggregator;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.SourceRecord;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.BinaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A host's own record, tables and aggregator, with every way of merging. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class HostTableTest {
    private static final String DDL = """
            CREATE TABLE reading (sensor text NOT NULL, at timestamptz NOT NULL, value integer, PRIMARY KEY (sensor, at));
            CREATE TABLE sensor_day (
                sensor text NOT NULL, day date NOT NULL, first_seen timestamptz NOT NULL, readings integer NOT NULL,
                total numeric, small_total smallint NOT NULL, lowest integer, highest integer, newest timestamptz NOT NULL,
                state text, created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now(),
                UNIQUE (day, sensor))""";

    record Reading(String sensor, Integer value, String state) {}

    record SensorDay(
            String sensor,
            LocalDate day,
            int readings,
            BigDecimal total,
            int smallTotal,
            Integer lowest,
            Integer highest,
            Instant newest,
            String state) {}

    private static final PostgresTable<Delivery<Reading>> READING = PostgresTable.<Delivery<Reading>>builder("reading")
            .key("sensor", ColumnType.TEXT, d -> d.value().sensor())
            .key("at", ColumnType.TIMESTAMPTZ, Delivery::time)
            .keep("value", ColumnType.INTEGER, d -> d.value().value())
            .build();

    private static final PostgresTable<SensorDay> SENSOR_DAY = PostgresTable.<SensorDay>builder("sensor_day")
            .key("sensor", ColumnType.TEXT, SensorDay::sensor)
            .key("day", ColumnType.DATE, SensorDay::day)
            .min("first_seen", ColumnType.TIMESTAMPTZ, SensorDay::newest)
            .sum("readings", ColumnType.INTEGER, SensorDay::readings)
            .sum("total", ColumnType.NUMERIC, SensorDay::total)
            .saturatingSum("small_total", ColumnType.SMALLINT, SensorDay::smallTotal)
            .min("lowest", ColumnType.INTEGER, SensorDay::lowest)
            .max("highest", ColumnType.INTEGER, SensorDay::highest)
            .max("newest", ColumnType.TIMESTAMPTZ, SensorDay::newest)
            .newestBy("newest", "state", ColumnType.TEXT, SensorDay::state)
            .updatedAt("updated_at")
            .build();

    private static final class PerSensorAndDay implements Aggregator<Reading, List<Object>, SensorDay> {
        @Override
        public void fold(Delivery<Reading> delivery, BiConsumer<? super List<Object>, ? super SensorDay> results) {
            Reading reading = delivery.value();
            LocalDate day = LocalDate.ofInstant(delivery.time(), ZoneOffset.UTC);
            Integer value = reading.value();
            results.accept(
                    List.of(reading.sensor(), day),
                    new SensorDay(
                            reading.sensor(),
                            day,
                            1,
                            value == null ? null : BigDecimal.valueOf(value, 1),
                            10_000,
                            value,
                            value,
                            delivery.time(),
                            reading.state()));
        }

        @Override
        public SensorDay merge(SensorDay left, SensorDay right) {
            SensorDay newer = right.newest().isAfter(left.newest()) ? right : left;
            return new SensorDay(
                    left.sensor(),
                    left.day(),
                    left.readings() + right.readings(),
                    either(left.total(), right.total(), BigDecimal::add),
                    Math.min(Short.MAX_VALUE, left.smallTotal() + right.smallTotal()),
                    either(left.lowest(), right.lowest(), Math::min),
                    either(left.highest(), right.highest(), Math::max),
                    newer.newest(),
                    newer.state());
        }

        private static <V> V either(V left, V right, BinaryOperator<V> merge) {
            return left == null ? right : right == null ? left : merge.apply(left, right);
        }
    }

    @Parameter
    PostgresVersion version;

    private Database database;

    @BeforeEach
    void create() {
        database = version.database();
        database.execute(DDL);
    }

    @Test
    void write_givesTheSameRowsInAnyOrderAndGrouping() {
        List<Delivery<Reading>> deliveries = deliveries(new Random(7), 600);
        TreeSet<String> results = new TreeSet<>();
        for (int seed = 0; seed < 4; seed++) {
            database.execute("TRUNCATE reading, sensor_day, consumer_offsets");
            write(deliveries, new Random(seed));
            results.add(String.join(
                    "\n",
                    database.rows("SELECT sensor, day, readings, total, small_total, lowest,"
                            + " highest, newest, state FROM sensor_day ORDER BY sensor COLLATE \"C\", day")));
        }
        assertThat(results).hasSize(1);
        assertThat(results.first()).isEqualTo(expected());
    }

    @Test
    void write_keepsAndStampsWhatIsDeclaredSo() {
        Feed<Reading> feed = open();
        feed.add(new Reading("a", 5, "on"), NOON).write();
        database.execute("UPDATE sensor_day SET created_at = '2000-01-01', updated_at = '2000-01-01'");
        feed.add(new Reading("a", null, null), NOON.minusSeconds(1)).write();
        assertThat(database.row("SELECT readings, total, lowest, state, first_seen, newest, created_at < now() -"
                        + " interval '1 day', updated_at < now() - interval '1 day' FROM sensor_day"))
                .isEqualTo("2|0.5|5|on|2026-11-20 11:59:59+00|2026-11-20 12:00:00+00|t|f");
    }

    private void write(List<Delivery<Reading>> deliveries, Random random) {
        Feed<Reading> feed = open();
        List<Delivery<Reading>> shuffled = new ArrayList<>(deliveries);
        Collections.shuffle(shuffled, random);
        for (Delivery<Reading> delivery : shuffled) {
            feed.add(delivery.value(), delivery.time());
            if (random.nextInt(40) == 0) {
                feed.write();
            }
        }
        feed.write();
    }

    private Feed<Reading> open() {
        return Feed.open(
                PostgresSink.<Reading>builder(database.dataSource())
                        .insertOnce(READING)
                        .fold(new PerSensorAndDay(), SENSOR_DAY)
                        .build(),
                Feed.P0);
    }

    /**
     * Returns readings of names that sort differently by characters and by bytes, at times that never repeat for one of
     * them.
     */
    private static List<Delivery<Reading>> deliveries(Random random, int count) {
        List<String> sensors = List.of("a", "B", "é", "\ufb01", "\ud83d\ude00", "");
        List<Delivery<Reading>> deliveries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Integer value = random.nextInt(5) == 0 ? null : random.nextInt(1_000) - 500;
            Reading reading = new Reading(sensors.get(random.nextInt(sensors.size())), value, "s" + random.nextInt(9));
            Instant time = NOON.plusSeconds(600L * i);
            deliveries.add(
                    Delivery.of(reading, time, SourceRecord.builder(Feed.P0, i).build()));
        }
        return deliveries;
    }

    /** Returns PostgreSQL's own result for the readings. */
    private String expected() {
        return String.join(
                "\n",
                database.rows(
                        "SELECT r.sensor, (r.at AT TIME ZONE 'UTC')::date AS day,"
                                + " count(*), sum(r.value::numeric / 10)::numeric(20, 1), least(count(*) * 10000, 32767), min(r.value),"
                                + " max(r.value), max(r.at), (SELECT d.state FROM sensor_day AS d WHERE d.sensor = r.sensor"
                                + " AND d.newest = max(r.at)) FROM reading AS r GROUP BY 1, 2 ORDER BY r.sensor COLLATE \"C\", 2"));
    }
}
