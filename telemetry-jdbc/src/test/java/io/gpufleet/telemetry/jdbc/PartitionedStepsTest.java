package io.gpufleet.telemetry.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gpufleet.telemetry.Aggregator;
import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.RefusedException;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.TelemetryEvent.RowsLeftOut;
import io.gpufleet.telemetry.Validator;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Every step into tables of days, each with its own number of kept days. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class PartitionedStepsTest {
    private static final String DDL = """
            CREATE TABLE reading (sensor integer, at timestamptz, value integer, PRIMARY KEY (sensor, at))
                PARTITION BY RANGE (at);
            CREATE TABLE reading_retention (kept_from date NOT NULL);
            CREATE TABLE hourly (sensor integer, hour timestamptz, readings integer NOT NULL, total bigint NOT NULL,
                PRIMARY KEY (sensor, hour)) PARTITION BY RANGE (hour);
            CREATE TABLE hourly_retention (kept_from date NOT NULL);
            CREATE TABLE daily (sensor integer, day timestamptz, seen timestamptz, value integer,
                PRIMARY KEY (sensor, day)) PARTITION BY RANGE (day);
            CREATE TABLE daily_retention (kept_from date NOT NULL);
            CREATE TABLE part (sensor integer, day timestamptz, part integer, seen timestamptz,
                PRIMARY KEY (sensor, day, part)) PARTITION BY RANGE (day);
            CREATE TABLE part_retention (kept_from date NOT NULL)""";

    private static final Instant NOON = Instant.parse("2026-03-02T12:00:00Z");
    private static final Instant DAY_BEFORE = NOON.minus(Duration.ofDays(1));

    /** Returns the parts from 1 to the value. */
    record Reading(int sensor, int value) {}

    record Hour(int sensor, Instant hour, int readings, long total) {}

    record State(int sensor, Instant day, Instant seen, int value) {}

    record Part(State state, int number) {}

    private static final PostgresTable<Delivery<Reading>> READING = PostgresTable.<Delivery<Reading>>builder("reading")
            .key("sensor", ColumnType.INTEGER, d -> d.value().sensor)
            .partitionKey("at", Delivery::time, "reading_retention")
            .keep("value", ColumnType.INTEGER, d -> d.value().value)
            .build();

    private static final PostgresTable<Hour> HOURLY = PostgresTable.<Hour>builder("hourly")
            .key("sensor", ColumnType.INTEGER, Hour::sensor)
            .partitionKey("hour", Hour::hour, "hourly_retention")
            .sum("readings", ColumnType.INTEGER, Hour::readings)
            .sum("total", ColumnType.BIGINT, Hour::total)
            .build();

    private static final PostgresTable<State> DAILY = PostgresTable.<State>builder("daily")
            .key("sensor", ColumnType.INTEGER, State::sensor)
            .partitionKey("day", State::day, "daily_retention")
            .max("seen", ColumnType.TIMESTAMPTZ, State::seen)
            .newestBy("seen", "value", ColumnType.INTEGER, State::value)
            .build();

    private static final PostgresTable<Part> PART = PostgresTable.<Part>builder("part")
            .key("sensor", ColumnType.INTEGER, p -> p.state.sensor)
            .partitionKey("day", p -> p.state.day, "part_retention")
            .key("part", ColumnType.INTEGER, Part::number)
            .max("seen", ColumnType.TIMESTAMPTZ, p -> p.state.seen)
            .build();

    private static final class Hours implements Aggregator<Reading, List<Object>, Hour> {
        @Override
        public void fold(Delivery<Reading> delivery, BiConsumer<? super List<Object>, ? super Hour> results) {
            Reading reading = delivery.value();
            if (reading.value < 0) {
                throw new IllegalStateException("a value below 0");
            }
            Instant hour = delivery.time().truncatedTo(ChronoUnit.HOURS);
            results.accept(List.of(reading.sensor, hour), new Hour(reading.sensor, hour, 1, reading.value));
        }

        @Override
        public Hour merge(Hour left, Hour right) {
            return new Hour(left.sensor, left.hour, left.readings + right.readings, left.total + right.total);
        }
    }

    private static final class Days implements Aggregator<Reading, List<Object>, State> {
        @Override
        public void fold(Delivery<Reading> delivery, BiConsumer<? super List<Object>, ? super State> results) {
            Reading reading = delivery.value();
            Instant day = delivery.time().truncatedTo(ChronoUnit.DAYS);
            results.accept(
                    List.of(reading.sensor, day), new State(reading.sensor, day, delivery.time(), reading.value));
        }

        @Override
        public State merge(State left, State right) {
            return left.seen.isAfter(right.seen) ? left : right;
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

    private static NewestSet<Reading> states() {
        return NewestSet.of(new Days(), DAILY)
                .members(
                        PART,
                        state -> IntStream.rangeClosed(1, state.value)
                                .mapToObj(number -> new Part(state, number))
                                .toList());
    }

    private Feed<Reading> allSteps() {
        return Feed.open(
                PostgresSink.<Reading>builder(database.dataSource())
                        .insertOnce(READING)
                        .fold(new Hours(), HOURLY)
                        .replaceNewestSet(states())
                        .build(),
                Feed.P0);
    }

    private Feed<Reading> foldOnly() {
        return Feed.open(
                PostgresSink.<Reading>builder(database.dataSource())
                        .fold(new Hours(), HOURLY)
                        .build(),
                Feed.P1);
    }

    private void keepFrom(String table, Instant day) {
        database.execute("DELETE FROM " + table + "_retention; INSERT INTO " + table + "_retention VALUES ('"
                + LocalDate.ofInstant(day, ZoneOffset.UTC) + "')");
    }

    private List<String> partitions(String table) {
        return database.rows("SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = '" + table
                + "'::regclass ORDER BY inhrelid::regclass::text");
    }

    private List<String> hours() {
        return database.rows("SELECT sensor, hour, readings, total FROM hourly ORDER BY 1, 2");
    }

    @Test
    void write_byEveryStepMakesTheDaysOfItsTable() {
        Feed<Reading> feed = allSteps();
        feed.add(new Reading(1, 3), DAY_BEFORE).add(new Reading(1, 2), NOON).write();
        feed.add(new Reading(1, 1), NOON.plusSeconds(1))
                .add(new Reading(2, 1), NOON)
                .write();

        assertThat(partitions("reading")).containsExactly("reading_20260301", "reading_20260302");
        assertThat(partitions("hourly")).containsExactly("hourly_20260301", "hourly_20260302");
        assertThat(partitions("daily")).containsExactly("daily_20260301", "daily_20260302");
        assertThat(partitions("part")).containsExactly("part_20260301", "part_20260302");
        assertThat(hours())
                .containsExactly(
                        "1|2026-03-01 12:00:00+00|1|3", "1|2026-03-02 12:00:00+00|2|3", "2|2026-03-02 12:00:00+00|1|1");
        assertThat(database.rows("SELECT sensor, day::date, value FROM daily ORDER BY 1, 2"))
                .containsExactly("1|2026-03-01|3", "1|2026-03-02|1", "2|2026-03-02|1");
        assertThat(database.rows("SELECT sensor, day::date, part FROM part ORDER BY 1, 2, 3"))
                .containsExactly(
                        "1|2026-03-01|1", "1|2026-03-01|2", "1|2026-03-01|3", "1|2026-03-02|1", "2|2026-03-02|1");
    }

    @Test
    void write_aReplayChangesNothing() {
        Feed<Reading> feed = allSteps();
        var batch = feed.add(new Reading(1, 3), DAY_BEFORE)
                .add(new Reading(1, 2), NOON)
                .write();
        List<String> before = hours();
        feed.rewind();
        feed.sink().write(batch);
        assertThat(hours()).isEqualTo(before);
        assertThat(database.count("reading")).isEqualTo(2);
    }

    /** The table of readings keeps the day, and the record is not at fault for the folded row. */
    @Test
    void write_leavesOutFoldedRowsOfDaysThatTheirTableHasDropped() {
        keepFrom("hourly", NOON);
        Feed<Reading> feed = allSteps();
        feed.add(new Reading(1, 3), DAY_BEFORE)
                .add(new Reading(1, 4), DAY_BEFORE.plusSeconds(1))
                .add(new Reading(2, 1), DAY_BEFORE)
                .add(new Reading(1, 2), NOON)
                .write();

        assertThat(hours()).containsExactly("1|2026-03-02 12:00:00+00|1|2");
        assertThat(database.count("reading")).isEqualTo(4);
        assertThat(database.count("daily")).isEqualTo(3);
        assertThat(database.count("dead_letters")).isZero();
        assertThat(feed.events()).containsExactly(new RowsLeftOut("hourly", 2));
        assertThat(partitions("hourly")).containsExactly("hourly_20260302");
    }

    /** The table has the same content whether rows came before retention or after it. */
    @Test
    void write_afterRetentionGivesTheRowsThatAreLeftWithWritingBefore() {
        RetentionJob retention = RetentionJob.builder(database.dataSource())
                .keep(HOURLY, 0)
                .clock(RetentionFixture.at(NOON))
                .build();
        Feed<Reading> feed = foldOnly();
        feed.add(new Reading(1, 3), DAY_BEFORE).add(new Reading(1, 2), NOON).write();
        assertThat(retention.runOnce().dropped()).containsExactly("hourly_20260301");
        List<String> cameBefore = hours();

        feed.add(new Reading(1, 3), DAY_BEFORE).write();

        assertThat(hours()).isEqualTo(cameBefore).containsExactly("1|2026-03-02 12:00:00+00|1|2");
        assertThat(feed.events()).containsExactly(new RowsLeftOut("hourly", 1));
    }

    @Test
    void write_leavesOutHeadsWithTheirMembersAndMembersAlone() {
        keepFrom("daily", DAY_BEFORE);
        keepFrom("part", NOON);
        Feed<Reading> feed = allSteps();
        feed.add(new Reading(1, 2), DAY_BEFORE.minus(Duration.ofDays(1)))
                .add(new Reading(1, 3), DAY_BEFORE)
                .add(new Reading(1, 1), NOON)
                .write();

        assertThat(database.rows("SELECT day::date, value FROM daily ORDER BY 1"))
                .containsExactly("2026-03-01|3", "2026-03-02|1");
        assertThat(database.rows("SELECT day::date, part FROM part")).containsExactly("2026-03-02|1");
        assertThat(feed.events()).containsExactly(new RowsLeftOut("daily", 1), new RowsLeftOut("part", 3));
        assertThat(database.count("hourly")).isEqualTo(3);
        assertThat(database.count("dead_letters")).isZero();
    }

    @Test
    void write_refusesAnInsertedRowBeyondItsOwnTablesRetentionOnly() {
        keepFrom("reading", NOON);
        Feed<Reading> feed = allSteps();
        feed.add(new Reading(1, 3), DAY_BEFORE).add(new Reading(1, 2), NOON).write();

        assertThat(database.rows("SELECT reasons[1] FROM dead_letters"))
                .containsExactly("beyond retention: 2026-03-01 is before 2026-03-02, the first day that is kept");
        assertThat(hours()).containsExactly("1|2026-03-02 12:00:00+00|1|2");
    }

    /** A record that already has a letter for one of its values gets no second one, and its values are checked. */
    @Test
    void write_refusesAValueOfARecordOfWhichAnotherIsRefusedAlready() {
        keepFrom("reading", NOON);
        PostgresSink<Reading> sink = allSteps().sink();
        SourceRecord source =
                SourceRecord.builder(Feed.P0, 0).value(new byte[] {1}).build();
        Batch<Reading> whole = Batch.<Reading>builder()
                .open(Feed.P0, Feed.TOPIC_ID, 0)
                .add(Delivery.of(new Reading(1, 1), NOON, source, 0))
                .add(Delivery.of(new Reading(2, 1), DAY_BEFORE, source, 1))
                .add(Delivery.of(new Reading(3, 1), NOON, source, 2))
                .build();
        Batch<Reading> partly = whole.refuse(
                (Validator<Reading>) delivery -> delivery.index() == 0 ? List.of("a value that is wrong") : List.of());

        List<DeadLetter> refused = catchThrowableOfType(RefusedException.class, () -> sink.write(partly))
                .deadLetters();
        assertThat(refused)
                .singleElement()
                .satisfies(letter -> assertThat(letter.indexes()).containsExactly(1));
        sink.write(partly.refuse(refused));

        assertThat(database.rows("SELECT sensor FROM reading")).containsExactly("3");
        assertThat(database.row("SELECT reasons FROM dead_letters"))
                .contains("a value that is wrong", "beyond retention");
    }

    /** No table would hold the data of such a record, so it is kept as a dead letter. */
    @Test
    void write_refusesTheRecordsOfAFoldedRowFarAhead() {
        Instant ahead = Instant.now().plus(Duration.ofDays(9));
        Feed<Reading> feed = foldOnly();
        feed.add(new Reading(1, 3), ahead).add(new Reading(1, 2), NOON).write();

        assertThat(database.rows("SELECT reasons[1] FROM dead_letters"))
                .singleElement()
                .asString()
                .endsWith("is more than 7 days ahead of the database's clock");
        assertThat(hours()).containsExactly("1|2026-03-02 12:00:00+00|1|2");
    }

    @Test
    void write_refusesTheRecordsOfAHeadFarAhead() {
        Feed<Reading> feed = Feed.open(
                PostgresSink.<Reading>builder(database.dataSource())
                        .replaceNewestSet(states())
                        .build(),
                Feed.P0);
        feed.add(new Reading(1, 3), Instant.now().plus(Duration.ofDays(9)))
                .add(new Reading(1, 2), NOON)
                .write();
        assertThat(database.count("dead_letters")).isEqualTo(1);
        assertThat(database.rows("SELECT day::date FROM daily")).containsExactly("2026-03-02");
    }

    /** An exception of an aggregator is handled at the write, as without days. */
    @Test
    void write_ofAValueThatCannotBeFoldedFailsAsWithoutDays() {
        Feed<Reading> feed = foldOnly().add(new Reading(1, -1), NOON);
        assertThatThrownBy(feed::write)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("a value below 0");
        assertThat(database.count("hourly")).isZero();
    }

    @Test
    void write_recreatesADayThatWasDroppedByHand() {
        Feed<Reading> feed = foldOnly().add(new Reading(1, 1), NOON);
        feed.write();
        database.execute("DROP TABLE hourly_20260302");
        feed.add(new Reading(1, 2), NOON);
        assertThatThrownBy(feed::write)
                .isInstanceOf(SinkException.class)
                .hasMessageContaining("no partition of relation");
        feed.add(new Reading(1, 2), NOON).write();
        assertThat(hours()).containsExactly("1|2026-03-02 12:00:00+00|1|2");
    }
}
