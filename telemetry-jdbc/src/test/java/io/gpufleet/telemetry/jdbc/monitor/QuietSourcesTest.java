package io.gpufleet.telemetry.jdbc.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.TelemetryEvent.ClientHeard;
import io.gpufleet.telemetry.TelemetryEvent.ClientQuiet;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.TelemetryListener;
import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class QuietSourcesTest {
    private static final String ID = "0000000000000000000000000000000";

    private final Database database = PostgresVersion.POSTGRES_18.database();
    private final QuietSources clients = sources(QuietRule.CLIENTS);

    private QuietSources sources(SourceTable table) {
        QuietRule rule = new QuietRule(table, Duration.ofSeconds(90), TelemetryListener.none());
        return new QuietSources(database.dataSource(), Optional.empty(), "s", rule, Duration.ofDays(7));
    }

    /** Returns a client whose newest heartbeat has that age. */
    static String client(int number, String ago) {
        return "INSERT INTO system_info (client_id, cpu_usage, mem_usage, disk_usage, total_tflops, heartbeat_at,"
                + " device_memsize, device_count) VALUES ('\\x" + ID + number + "', 1, 1, 1, 1, now() - interval '"
                + ago + "', 1, 1)";
    }

    private void sample(int partition, String behindMillis, String ago) {
        sample("s", partition, behindMillis, ago);
    }

    private void sample(String service, int partition, String behindMillis, String ago) {
        database.execute("INSERT INTO consumer_lag_history (service_name, consumer_group_id, topic, partition,"
                + " consumer_offset, log_end_offset, lag, behind_ms, timestamp) VALUES ('" + service + "', 'g', 't', "
                + partition
                + ", 1, 2, 1, " + behindMillis + ", now() - interval '" + ago + "')");
    }

    @Test
    void look_tellsOnceWhoIsQuietAndWhoIsHeardAgain() {
        database.execute(client(1, "91 seconds"));
        database.execute(client(2, "80 seconds"));
        sample(0, "0", "0 seconds");

        List<TelemetryEvent> quiet = clients.look();

        assertThat(quiet)
                .singleElement()
                .isInstanceOfSatisfying(
                        ClientQuiet.class, event -> assertThat(event.client()).isEqualTo(ID + 1));
        assertThat(clients.look()).isEmpty();

        database.execute("UPDATE system_info SET heartbeat_at = now()");
        assertThat(clients.look())
                .singleElement()
                .isInstanceOfSatisfying(
                        ClientHeard.class, event -> assertThat(event.client()).isEqualTo(ID + 1));
        assertThat(clients.look()).isEmpty();
    }

    @Test
    void look_doesNotTakeALateConsumerForAQuietClient() {
        database.execute(client(1, "3 minutes"));
        sample(0, "0", "0 seconds");
        sample(1, "120000", "0 seconds");

        assertThat(clients.look()).as("partition 1 is two minutes late").isEmpty();

        sample(1, "60000", "0 seconds");
        assertThat(clients.look()).as("one minute").hasSize(1);
    }

    /** The clients' clocks are right, like the service's. */
    @Test
    void look_takesNobodyForQuietWhereTheDatabasesClockIsAhead() {
        Clock service = Clock.offset(Clock.systemUTC(), Duration.ofMinutes(-10));
        database.execute(client(1, "10 minutes 80 seconds"));
        database.execute(client(2, "10 minutes 95 seconds"));
        sample(0, "0", "0 seconds");

        assertThat(clients.look(service))
                .singleElement()
                .isInstanceOfSatisfying(
                        ClientQuiet.class, event -> assertThat(event.client()).isEqualTo(ID + 2));
    }

    @Test
    void look_doesNotTakeEveryoneForHeardWhereTheServicesClockIsAhead() {
        database.execute(client(1, "80 seconds"));
        database.execute(client(2, "95 seconds"));
        sample(0, "0", "0 seconds");

        assertThat(clients.look(Clock.offset(Clock.systemUTC(), Duration.ofMinutes(10))))
                .hasSize(1);
    }

    @Test
    void look_waitsWhileAPartitionIsNotMeasured() {
        database.execute(client(1, "3 minutes"));
        assertThat(clients.look()).as("no sample at all").isEmpty();

        sample(0, "0", "0 seconds");
        sample(1, "0", "21 seconds");
        assertThat(clients.look())
                .as("partition 1 has no consumer, as during a rebalance")
                .isEmpty();

        sample(1, "null", "0 seconds");
        assertThat(clients.look()).as("nothing of partition 1 was written yet").isEmpty();

        sample(1, "0", "0 seconds");
        assertThat(clients.look()).hasSize(1);
    }

    @Test
    void look_goesByTheSamplesOfItsOwnService() {
        database.execute(client(1, "3 minutes"));
        sample("other", 0, "0", "0 seconds");
        assertThat(clients.look()).as("only another service has reported").isEmpty();

        sample(0, "0", "0 seconds");
        sample("other", 0, "0", "1 minute");
        sample("other", 1, "600000", "0 seconds");
        assertThat(clients.look()).as("another service is late").hasSize(1);
    }

    @Test
    void look_forgetsClientsThatAreGoneForLong() {
        database.execute(client(1, "8 days"));
        sample(0, "0", "0 seconds");

        assertThat(clients.look()).isEmpty();
    }

    /** Keys of other types than the client's, in the host's own schema and under names that need quotes. */
    @ParameterizedTest
    @CsvSource({
        "text, ':door \\x3'",
        "varchar(40), Door 3",
        "char(9), door 3",
        "uuid, 6e1131b4-9c01-4b7d-a25f-1077deadbeef",
        "bigint, 4711"
    })
    void look_takesTableKeyAndTimeOfAnyName(String type, String key) {
        database.execute("CREATE SCHEMA \"Doors\"; CREATE TABLE \"Doors\".\"Door\" (\"Name\" " + type
                + " PRIMARY KEY, \"order\" timestamptz); INSERT INTO \"Doors\".\"Door\" VALUES ('" + key
                + "', now() - interval '91 seconds')");
        sample(0, "0", "0 seconds");
        QuietSources doors = sources(SourceTable.of("Door", "Name", "order").schema("Doors"));

        assertThat(doors.look()).singleElement().isInstanceOfSatisfying(ClientQuiet.class, event -> {
            assertThat(event.table()).isEqualTo("Door");
            assertThat(event.client()).isEqualTo(key);
        });
        assertThat(doors.look()).isEmpty();

        database.execute("UPDATE \"Doors\".\"Door\" SET \"order\" = now()");
        assertThat(doors.look())
                .singleElement()
                .isInstanceOfSatisfying(
                        ClientHeard.class, event -> assertThat(event.client()).isEqualTo(key));
        assertThat(doors.look()).isEmpty();
    }

    @Test
    void look_goesByTheNewestRowOfASource() {
        database.execute("CREATE TABLE opened (door int, at timestamptz); INSERT INTO opened SELECT door,"
                + " now() - second * interval '1 second' FROM generate_series(1, 2) AS door,"
                + " generate_series(0, 200, 10) AS second WHERE door = 1 OR second > 95");
        sample(0, "0", "0 seconds");
        QuietSources doors = sources(SourceTable.of("opened", "door", "at").named(door -> "door-" + door));

        assertThat(doors.look())
                .singleElement()
                .isInstanceOfSatisfying(
                        ClientQuiet.class, event -> assertThat(event.client()).isEqualTo("door-2"));

        database.execute("INSERT INTO opened VALUES (2, now() - interval '20 seconds'), (2, now())");
        assertThat(doors.look()).as("heard once, not twice").hasSize(1);
    }

    /** The events found by a failed look are reported by the next one. */
    @Test
    void look_isRepeatedAfterTheHostsNamesHaveFailed() {
        database.execute("CREATE TABLE opened (door int, at timestamptz);"
                + " INSERT INTO opened VALUES (0, now() - interval '95 seconds')");
        sample(0, "0", "0 seconds");
        List<String> names = new ArrayList<>(List.of("front"));
        QuietSources doors =
                sources(SourceTable.of("opened", "door", "at").named(door -> names.get(Integer.parseInt(door))));
        assertThat(doors.look()).hasSize(1);

        database.execute("INSERT INTO opened VALUES (0, now()), (1, now() - interval '95 seconds')");
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(doors::look);

        names.add("back");
        List<TelemetryEvent> events = doors.look();
        assertThat(events).hasExactlyElementsOfTypes(ClientHeard.class, ClientQuiet.class);
        assertThat(events.get(1))
                .isInstanceOfSatisfying(
                        ClientQuiet.class, quiet -> assertThat(quiet.client()).isEqualTo("back"));
    }

    @Test
    void look_namesATableThatIsNotThere() {
        sample(0, "0", "0 seconds");

        assertThatExceptionOfType(TelemetryException.class)
                .isThrownBy(sources(SourceTable.of("opened", "door", "at"))::look)
                .withMessageContaining("opened");
    }
}
