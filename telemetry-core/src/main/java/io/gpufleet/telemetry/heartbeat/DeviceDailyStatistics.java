package io.gpufleet.telemetry.heartbeat;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.Aggregator;
import io.gpufleet.telemetry.Delivery;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.function.BiConsumer;

/**
 * The sums of one device over one client's heartbeats of one UTC day; a row of {@code device_daily_stats}. Immutable.
 *
 * @param clientId the client
 * @param deviceIndex the device's number on its machine
 * @param date the UTC day of the heartbeats' times
 * @param deviceName its name in the newest heartbeat; of several at that time, the largest by code points
 * @param totalHeartbeats the number of heartbeats with the device
 * @param sumUtilization sum of percentages
 * @param sumTemperature sum of degrees Celsius
 * @param sumPowerUsage sum of the power values as sent
 * @param sumMemoryUsage sum of percentages
 * @param lastHeartbeat the newest of their times
 */
public record DeviceDailyStatistics(
        ClientId clientId,
        int deviceIndex,
        LocalDate date,
        String deviceName,
        int totalHeartbeats,
        long sumUtilization,
        long sumTemperature,
        long sumPowerUsage,
        long sumMemoryUsage,
        Instant lastHeartbeat) {

    /**
     * The key of a device's statistics. Immutable.
     *
     * @param clientId the client
     * @param deviceIndex the device's number on its machine
     * @param date the UTC day
     */
    public record Key(ClientId clientId, int deviceIndex, LocalDate date) {}

    /**
     * Returns the aggregator that folds the devices of heartbeats into these sums.
     *
     * @param names the names of devices
     * @return a thread-safe aggregator
     */
    public static Aggregator<Heartbeat, Key, DeviceDailyStatistics> aggregator(DeviceNames names) {
        return new Fold(names);
    }

    private static DeviceDailyStatistics of(ClientId clientId, Device device, String name, Instant time) {
        return new DeviceDailyStatistics(
                clientId,
                device.index(),
                UtcDay.of(time),
                name,
                1,
                device.usage(),
                device.temperature(),
                device.powerUsage(),
                device.memoryUsage(),
                time);
    }

    private DeviceDailyStatistics plus(DeviceDailyStatistics other) {
        DeviceDailyStatistics newest = isNewerThan(other) ? this : other;
        return new DeviceDailyStatistics(
                clientId,
                deviceIndex,
                date,
                newest.deviceName,
                totalHeartbeats + other.totalHeartbeats,
                sumUtilization + other.sumUtilization,
                sumTemperature + other.sumTemperature,
                sumPowerUsage + other.sumPowerUsage,
                sumMemoryUsage + other.sumMemoryUsage,
                newest.lastHeartbeat);
    }

    /** Compares in the order of the table: by microseconds, then by the bytes of the name in UTF-8. */
    private boolean isNewerThan(DeviceDailyStatistics other) {
        int byTime = lastHeartbeat
                .truncatedTo(ChronoUnit.MICROS)
                .compareTo(other.lastHeartbeat.truncatedTo(ChronoUnit.MICROS));
        return byTime > 0 || (byTime == 0 && Arrays.compareUnsigned(utf8(deviceName), utf8(other.deviceName)) > 0);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static final class Fold implements Aggregator<Heartbeat, Key, DeviceDailyStatistics> {
        private final DeviceNames names;

        private Fold(DeviceNames names) {
            this.names = requireNonNull(names, "names");
        }

        @Override
        public void fold(Delivery<Heartbeat> delivery, BiConsumer<? super Key, ? super DeviceDailyStatistics> results) {
            ClientId clientId = delivery.value().clientId();
            LocalDate date = UtcDay.of(delivery.time());
            for (Device device : delivery.value().devices()) {
                String name = names.nameOf(device.vendorId(), device.deviceId());
                results.accept(new Key(clientId, device.index(), date), of(clientId, device, name, delivery.time()));
            }
        }

        @Override
        public DeviceDailyStatistics merge(DeviceDailyStatistics left, DeviceDailyStatistics right) {
            return left.plus(right);
        }
    }
}
