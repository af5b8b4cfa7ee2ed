package io.gpufleet.telemetry.heartbeat;

import static io.gpufleet.telemetry.Records.delivery;
import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.Aggregator;
import io.gpufleet.telemetry.Delivery;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.TimeZone;
import org.junit.jupiter.api.Test;

class DailyStatisticsTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final LocalDate DAY = LocalDate.parse("2026-03-01");

    private static final Aggregator<Heartbeat, ClientDailyStatistics.Key, ClientDailyStatistics> CLIENTS =
            ClientDailyStatistics.aggregator();
    private static final Aggregator<Heartbeat, DeviceDailyStatistics.Key, DeviceDailyStatistics> DEVICES =
            DeviceDailyStatistics.aggregator(DeviceNames.standard());

    private static Heartbeat heartbeat(SystemInfo load, DevicePod... pods) {
        return Heartbeats.of(Heartbeats.CLIENT, load, pods);
    }

    @Test
    void clients_areSummedByDay() {
        Map<ClientDailyStatistics.Key, ClientDailyStatistics> days = CLIENTS.aggregate(List.of(
                delivery(heartbeat(new SystemInfo(10, 20, 30, 100, 200)), NOON.plusSeconds(10)),
                delivery(heartbeat(new SystemInfo(1, 2, 3, 4, 5)), NOON)));

        assertThat(days)
                .containsExactly(Map.entry(
                        new ClientDailyStatistics.Key(Heartbeats.CLIENT, DAY),
                        new ClientDailyStatistics(
                                Heartbeats.CLIENT, DAY, 2, 11, 22, 33, 104, 205, NOON.plusSeconds(10))));
    }

    @Test
    void networkSums_saturate() {
        SystemInfo most = new SystemInfo(0, 0, 0, Long.MAX_VALUE, Long.MAX_VALUE - 1);

        ClientDailyStatistics day = CLIENTS.aggregate(List.of(
                        delivery(heartbeat(most), NOON),
                        delivery(heartbeat(new SystemInfo(0, 0, 0, 1, 1)), NOON.plusSeconds(1)),
                        delivery(heartbeat(new SystemInfo(0, 0, 0, 0, 0)), NOON.plusSeconds(2))))
                .get(new ClientDailyStatistics.Key(Heartbeats.CLIENT, DAY));

        assertThat(day.networkInBytes()).isEqualTo(Long.MAX_VALUE);
        assertThat(day.networkOutBytes()).isEqualTo(Long.MAX_VALUE);
        assertThat(day.totalHeartbeats()).isEqualTo(3);
    }

    @Test
    void networkSums_ofNothingAreZero() {
        ClientDailyStatistics day = CLIENTS.aggregate(List.of(
                        delivery(heartbeat(new SystemInfo(0, 0, 0, 0, 0)), NOON),
                        delivery(heartbeat(new SystemInfo(0, 0, 0, 0, 0)), NOON.plusSeconds(1))))
                .get(new ClientDailyStatistics.Key(Heartbeats.CLIENT, DAY));

        assertThat(day.networkInBytes()).isZero();
        assertThat(day.networkOutBytes()).isZero();
    }

    @Test
    void devices_areSummedByIndexAndDay() {
        Heartbeat two = heartbeat(Heartbeats.LOAD, Heartbeats.pod(0, 1), Heartbeats.pod(1, 1));
        Heartbeat one = heartbeat(Heartbeats.LOAD, Heartbeats.pod(0, 1));

        Map<DeviceDailyStatistics.Key, DeviceDailyStatistics> days =
                DEVICES.aggregate(List.of(delivery(two, NOON), delivery(one, NOON.plusSeconds(1))));

        assertThat(days)
                .containsOnly(
                        Map.entry(
                                new DeviceDailyStatistics.Key(Heartbeats.CLIENT, 0, DAY),
                                new DeviceDailyStatistics(
                                        Heartbeats.CLIENT,
                                        0,
                                        DAY,
                                        "0x03e9 0x03ea",
                                        2,
                                        2,
                                        8,
                                        6,
                                        4,
                                        NOON.plusSeconds(1))),
                        Map.entry(
                                new DeviceDailyStatistics.Key(Heartbeats.CLIENT, 1, DAY),
                                new DeviceDailyStatistics(
                                        Heartbeats.CLIENT, 1, DAY, "0x0439 0x043a", 1, 81, 84, 83, 82, NOON)));
    }

    @Test
    void deviceName_isTheNewestByTime() {
        Properties names = new Properties();
        names.setProperty("03e9", "Old");
        names.setProperty("0439", "New");
        var devices = DeviceDailyStatistics.aggregator(DeviceNames.standard().with(names));
        Heartbeat before = heartbeat(Heartbeats.LOAD, Heartbeats.pod(0, 1));
        Heartbeat after = heartbeat(Heartbeats.LOAD, Heartbeats.pod(1, 1));

        for (List<Delivery<Heartbeat>> order : List.of(
                List.of(delivery(before, NOON), delivery(after, NOON.plusMillis(1))),
                List.of(delivery(after, NOON.plusMillis(1)), delivery(before, NOON)))) {
            assertThat(devices.aggregate(order).values())
                    .extracting(DeviceDailyStatistics::deviceName)
                    .containsExactly("New 0x043a");
        }
    }

    @Test
    void deviceName_ofTwoAtTheSameTimeIsTheSameInAnyOrder() {
        Properties names = new Properties();
        names.setProperty("03e9", "\ufb01");
        names.setProperty("0439", "\ud83d\ude00");
        var devices = DeviceDailyStatistics.aggregator(DeviceNames.standard().with(names));
        var one = delivery(heartbeat(Heartbeats.LOAD, Heartbeats.pod(0, 1)), NOON.plusNanos(1));
        var other = delivery(heartbeat(Heartbeats.LOAD, Heartbeats.pod(1, 1)), NOON);

        for (List<Delivery<Heartbeat>> order : List.of(List.of(one, other), List.of(other, one))) {
            assertThat(devices.aggregate(order).values())
                    .as("in the microseconds and by the bytes that the table goes by")
                    .extracting(DeviceDailyStatistics::deviceName)
                    .containsExactly("\ud83d\ude00 0x043a");
        }
    }

    @Test
    void heartbeatWithoutDevices_countsForTheClientOnly() {
        List<Delivery<Heartbeat>> deliveries =
                List.of(delivery(heartbeat(Heartbeats.LOAD, Heartbeats.pod(0, 0)), NOON));

        assertThat(CLIENTS.aggregate(deliveries)).hasSize(1);
        assertThat(DEVICES.aggregate(deliveries)).isEmpty();
    }

    @Test
    void day_endsAtMidnightInUtcWhereverTheJvmIs() {
        TimeZone before = TimeZone.getDefault();
        try {
            for (String zone : List.of("America/St_Johns", "UTC", "Pacific/Kiritimati")) {
                TimeZone.setDefault(TimeZone.getTimeZone(zone));

                assertThat(dayOf("2026-03-01T23:59:59.999Z")).isEqualTo("2026-03-01");
                assertThat(dayOf("2026-03-02T00:00:00Z")).isEqualTo("2026-03-02");
                assertThat(dayOf("2026-03-02T02:30:00Z")).isEqualTo("2026-03-02");
                assertThat(dayOf("2024-02-29T13:00:00Z")).isEqualTo("2024-02-29");
            }
        } finally {
            TimeZone.setDefault(before);
        }
    }

    private static LocalDate dayOf(String time) {
        List<Delivery<Heartbeat>> deliveries =
                List.of(delivery(heartbeat(Heartbeats.LOAD, Heartbeats.pod(0, 1)), Instant.parse(time)));
        ClientDailyStatistics client =
                CLIENTS.aggregate(deliveries).values().iterator().next();
        DeviceDailyStatistics device =
                DEVICES.aggregate(deliveries).values().iterator().next();
        assertThat(client.date()).isEqualTo(device.date());
        return client.date();
    }

    @Test
    void anyOrderAndGrouping_givesTheSameResults() {
        Random random = new Random(77);
        for (int i = 0; i < 200; i++) {
            List<Delivery<Heartbeat>> deliveries = randomDeliveries(random);
            var clients = CLIENTS.aggregate(deliveries);
            var devices = DEVICES.aggregate(deliveries);

            Collections.shuffle(deliveries, random);

            assertThat(inGroups(CLIENTS, deliveries, random)).isEqualTo(clients);
            assertThat(inGroups(DEVICES, deliveries, random)).isEqualTo(devices);
        }
    }

    /** Returns deliveries at different times: of two heartbeats of a client at the same time only one is kept. */
    private static List<Delivery<Heartbeat>> randomDeliveries(Random random) {
        List<Delivery<Heartbeat>> deliveries = new ArrayList<>();
        for (int i = random.nextInt(60); i > 0; i--) {
            SystemInfo load = new SystemInfo(
                    random.nextInt(101),
                    random.nextInt(101),
                    random.nextInt(101),
                    random.nextLong() >>> 1 >>> random.nextInt(63),
                    random.nextLong() >>> 1 >>> random.nextInt(63));
            ClientId client = new ClientId(0, random.nextInt(3));
            DevicePod[] pods = {
                Heartbeats.pod(random.nextInt(2), random.nextInt(9)),
                Heartbeats.pod(random.nextInt(2), random.nextInt(3))
            };
            deliveries.add(delivery(Heartbeats.of(client, load, pods), NOON.plusSeconds(3_600L * i)));
        }
        return deliveries;
    }

    /** Folds consecutive groups one by one and merges their results, with either of the two on the left at random. */
    private static <K, A> Map<K, A> inGroups(
            Aggregator<Heartbeat, K, A> aggregator, List<Delivery<Heartbeat>> deliveries, Random random) {
        Map<K, A> merged = new HashMap<>();
        int from = 0;
        while (from < deliveries.size()) {
            int to = from + 1 + random.nextInt(deliveries.size() - from);
            aggregator
                    .aggregate(deliveries.subList(from, to))
                    .forEach((key, partial) -> merged.merge(
                            key,
                            partial,
                            (left, right) -> random.nextBoolean()
                                    ? aggregator.merge(left, right)
                                    : aggregator.merge(right, left)));
            from = to;
        }
        return merged;
    }
}
