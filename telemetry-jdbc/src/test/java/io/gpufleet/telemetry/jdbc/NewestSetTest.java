package io.gpufleet.telemetry.jdbc;

import static io.gpufleet.telemetry.jdbc.Heartbeats.NOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.gpufleet.telemetry.Aggregator;
import io.gpufleet.telemetry.Delivery;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A host's own set: racks with their slots, kept by site and rack. */
final class NewestSetTest {
    record Rack(String site, int rack, List<String> slots) {}

    record State(Rack rack, Instant time) {}

    record Slot(String site, int rack, String name, Instant time) {}

    private static final PostgresTable<State> RACK = PostgresTable.<State>builder("rack")
            .key("site", ColumnType.TEXT, s -> s.rack.site)
            .key("rack", ColumnType.INTEGER, s -> s.rack.rack)
            .max("seen", ColumnType.TIMESTAMPTZ, State::time)
            .newestBy("seen", "slots", ColumnType.INTEGER, s -> s.rack.slots.size())
            .build();

    private static final PostgresTable<Slot> SLOT = PostgresTable.<Slot>builder("slot")
            .key("site", ColumnType.TEXT, Slot::site)
            .key("rack", ColumnType.INTEGER, Slot::rack)
            .key("name", ColumnType.TEXT, Slot::name)
            .max("seen", ColumnType.TIMESTAMPTZ, Slot::time)
            .keep("first_seen", ColumnType.TIMESTAMPTZ, Slot::time)
            .build();

    private static final class Newest implements Aggregator<Rack, List<Object>, State> {
        @Override
        public void fold(Delivery<Rack> delivery, BiConsumer<? super List<Object>, ? super State> results) {
            Rack rack = delivery.value();
            results.accept(List.of(rack.site, rack.rack), new State(rack, delivery.time()));
        }

        @Override
        public State merge(State left, State right) {
            return right.time.isAfter(left.time) ? right : left;
        }
    }

    private Database database;

    @BeforeEach
    void create() {
        database = PostgresVersion.POSTGRES_18.database();
        database.execute("""
                CREATE TABLE rack (site text, rack integer, seen timestamptz, slots integer, slots_seen timestamptz,
                    PRIMARY KEY (rack, site));
                CREATE TABLE slot (site text, rack integer, name text, seen timestamptz, first_seen timestamptz,
                    PRIMARY KEY (site, rack, name))""");
    }

    @Test
    void write_replacesMembersAsAWhole() {
        Feed<Rack> feed = open(0);
        feed.add(rack("a", 1, "x", "y"), NOON)
                .add(rack("a", 2, "x"), NOON)
                .add(rack("b", 1, "x"), NOON)
                .write();
        feed.add(rack("a", 1, "y", "z"), NOON.plusSeconds(5))
                .add(rack("b", 1, "q"), NOON.minusSeconds(5))
                .write();
        assertThat(database.rows("SELECT site, rack, name, seen::time, first_seen::time FROM slot ORDER BY 1, 2, 3"))
                .containsExactly(
                        "a|1|y|12:00:05|12:00:00",
                        "a|1|z|12:00:05|12:00:05",
                        "a|2|x|12:00:00|12:00:00",
                        "b|1|x|12:00:00|12:00:00");
        assertThat(database.rows("SELECT site, rack, slots FROM rack ORDER BY 1, 2"))
                .containsExactly("a|1|2", "a|2|1", "b|1|1");
    }

    @Test
    void write_tellsUnknownMembersFromNone() {
        Feed<Rack> feed = open(0);
        feed.add(rack("a", 1, "x"), NOON).add(rack("b", 1, "x"), NOON).write();
        feed.add(rack("a", 1, "?"), NOON.plusSeconds(1))
                .add(rack("b", 1), NOON.plusSeconds(1))
                .write();
        assertThat(database.rows("SELECT site, name FROM slot")).containsExactly("a|x");
    }

    @Test
    void write_ofAnyBatchesOrderAndReplayGivesTheSameRows() {
        List<List<String>> slots = List.of(List.of("x", "y"), List.of("?"), List.of(), List.of("y"), List.of("?"));
        TreeSet<String> results = new TreeSet<>();
        Random random = new Random(7);
        for (int way = 0; way < 20; way++) {
            database.execute("TRUNCATE rack, slot, consumer_offsets");
            Feed<Rack> feed = open(0);
            List<Integer> times = new ArrayList<>(List.of(0, 1, 2, 3, 4, 3, 1, 2));
            Collections.shuffle(times, random);
            for (int time : times) {
                // The last two share a time, and so do those of rack 2.
                feed.add(new Rack("a", 1, slots.get(time)), NOON.plusSeconds(Math.min(time, 3)));
                feed.add(new Rack("a", 2, slots.get(time)), NOON);
                if (random.nextInt(3) == 0) {
                    feed.write();
                }
            }
            feed.write();
            results.add(database.rows("SELECT site, rack, seen::time, slots, slots_seen::time FROM rack ORDER BY 2")
                    + " " + database.rows("SELECT rack, name, seen::time FROM slot ORDER BY 1, 2"));
        }
        assertThat(results)
                .containsExactly("[a|1|12:00:03|1|12:00:03, a|2|12:00:00|2|12:00:00]"
                        + " [1|y|12:00:03, 2|x|12:00:00, 2|y|12:00:00]");
    }

    @Test
    void write_refusesMembersOfAnotherVersion() {
        Feed<Rack> feed = open(1);
        feed.add(rack("a", 1, "x"), NOON);
        assertThatIllegalStateException()
                .isThrownBy(feed::write)
                .withMessageContaining(
                        "table \"slot\": a member's key or version is not that of its row in table \"rack\"");
        assertThat(database.count("rack")).isZero();
    }

    private Feed<Rack> open(int secondsOff) {
        NewestSet<Rack> set =
                NewestSet.of(new Newest(), RACK).members(SLOT, "slots_seen", state -> slots(state, secondsOff));
        return Feed.open(
                PostgresSink.<Rack>builder(database.dataSource())
                        .replaceNewestSet(set)
                        .build(),
                Feed.P0);
    }

    private static Optional<List<Slot>> slots(State state, int secondsOff) {
        Rack rack = state.rack;
        if (rack.slots.contains("?")) {
            return Optional.empty();
        }
        Instant time = state.time.plusSeconds(secondsOff);
        return Optional.of(rack.slots.stream()
                .map(name -> new Slot(rack.site, rack.rack, name, time))
                .toList());
    }

    private static Rack rack(String site, int rack, String... slots) {
        return new Rack(site, rack, List.of(slots));
    }
}
