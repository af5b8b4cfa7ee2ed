package io.gpufleet.telemetry.jdbc;

import static io.gpufleet.telemetry.jdbc.Heartbeats.NOON;
import static io.gpufleet.telemetry.jdbc.Heartbeats.device;
import static io.gpufleet.telemetry.jdbc.Heartbeats.heartbeat;
import static io.gpufleet.telemetry.jdbc.Heartbeats.withoutPods;
import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.heartbeat.Device;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** State and statistics depend only on the set of heartbeats, not on batches, order or replays. */
final class StateOfASetTest {
    private static final int SEEDS = 3;
    private static final int WAYS = 6;
    private static final List<String> TABLES = List.of(
            "SELECT client_id, cpu_usage, mem_usage, disk_usage, total_tflops, heartbeat_at, device_memsize,"
                    + " device_count FROM system_info ORDER BY 1",
            "SELECT client_id, device_index, device_name, device_id, device_gpuusage, device_temp, heartbeat_at"
                    + " FROM device_info ORDER BY 1, 2",
            "SELECT client_id, date, total_heartbeats, sum_cpu_usage, last_heartbeat FROM client_daily_stats"
                    + " ORDER BY 1, 2",
            "SELECT client_id, device_index, date, device_name, total_heartbeats, sum_utilization, last_heartbeat"
                    + " FROM device_daily_stats ORDER BY 1, 2, 3");

    private record Sent(Heartbeat heartbeat, Instant time) {}

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void anyBatchesOrderAndReplay_giveTheSameTables(PostgresVersion version) {
        Database database = version.database();
        for (int seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            List<Sent> all = distinctTimes(random);
            TreeSet<String> results = new TreeSet<>();
            for (int way = 0; way < WAYS; way++) {
                Feed<Heartbeat> feed = open(database, HeartbeatSink.create(database.dataSource()));
                write(feed, all, random);
                write(feed, all.subList(0, 1 + random.nextInt(all.size())), random);
                results.add(tables(database));
            }
            assertThat(results).as("seed %s", seed).containsExactly(tables(database));
            assertThat(database.rows("SELECT right(client_id::text, 2)::int, device_gpuusage FROM device_info"
                            + " ORDER BY 1, device_index"))
                    .as("seed %s", seed)
                    .isEqualTo(devicesOfTheNewestThatNamesThem(all));
        }
    }

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void anyBatchesAndOrder_giveTheSameTablesWhereTimesAreShared(PostgresVersion version) {
        Database database = version.emptyDatabase();
        TelemetrySchema.builder(database.dataSource())
                .withoutHeartbeatKey()
                .build()
                .install();
        for (int seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            List<Sent> all = sharedTimes(random);
            TreeSet<String> results = new TreeSet<>();
            for (int way = 0; way < WAYS; way++) {
                write(
                        open(
                                database,
                                HeartbeatSink.withoutKey(database.dataSource()).build()),
                        all,
                        random);
                results.add(tables(database));
            }
            assertThat(results).as("seed %s", seed).hasSize(1);
        }
    }

    private static Feed<Heartbeat> open(Database database, PostgresSink<Heartbeat> sink) {
        database.execute("TRUNCATE heartbeat, client_daily_stats, device_daily_stats, system_info, device_info,"
                + " consumer_offsets");
        return Feed.open(sink, Feed.P0);
    }

    /** Writes all in any order, with batches of any size. */
    private static void write(Feed<Heartbeat> feed, List<Sent> all, Random random) {
        List<Sent> shuffled = new ArrayList<>(all);
        Collections.shuffle(shuffled, random);
        int oneIn = 1 + random.nextInt(all.size());
        for (Sent sent : shuffled) {
            feed.add(sent.heartbeat, sent.time);
            if (random.nextInt(oneIn) == 0) {
                feed.write();
            }
        }
        feed.write();
    }

    private static String tables(Database database) {
        StringBuilder tables = new StringBuilder();
        TABLES.forEach(
                query -> tables.append(String.join("\n", database.rows(query))).append("\n\n"));
        return tables.toString();
    }

    private static List<Sent> distinctTimes(Random random) {
        return IntStream.range(0, 14)
                .mapToObj(i -> new Sent(any(1 + random.nextInt(3), random), NOON.plusSeconds(i)))
                .toList();
    }

    /** Two or more at a time. */
    private static List<Sent> sharedTimes(Random random) {
        return IntStream.range(0, 14)
                .mapToObj(i -> new Sent(any(1 + random.nextInt(2), random), NOON.plusSeconds(random.nextInt(3))))
                .toList();
    }

    /** Returns any heartbeat that the validator accepts: with devices, without, or with unnamed ones. */
    private static Heartbeat any(long client, Random random) {
        int load = random.nextInt(4);
        return switch (random.nextInt(6)) {
            case 0 -> withoutPods(client, load, 0);
            case 1, 2, 3 -> withoutPods(client, load, 2);
            default -> heartbeat(client, load, devices(random));
        };
    }

    private static Device[] devices(Random random) {
        int[] models = {0x2331, 0x2330, 0x9999};
        return IntStream.range(0, 1 + random.nextInt(3))
                .mapToObj(i -> device(random.nextInt(3), models[random.nextInt(models.length)]))
                .toArray(Device[]::new);
    }

    private static List<String> devicesOfTheNewestThatNamesThem(List<Sent> inTheOrderOfTime) {
        Map<Long, Heartbeat> newest = new HashMap<>();
        for (Sent sent : inTheOrderOfTime) {
            Heartbeat heartbeat = sent.heartbeat;
            if (!heartbeat.devices().isEmpty() || heartbeat.deviceCount() == 0) {
                newest.put(heartbeat.clientId().low(), heartbeat);
            }
        }
        List<String> rows = new ArrayList<>();
        newest.forEach(
                (client, heartbeat) -> heartbeat.devices().forEach(device -> rows.add(client + "|" + device.usage())));
        return rows;
    }
}
