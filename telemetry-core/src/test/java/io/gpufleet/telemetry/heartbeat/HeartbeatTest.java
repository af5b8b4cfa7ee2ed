package io.gpufleet.telemetry.heartbeat;

import static io.gpufleet.telemetry.heartbeat.Heartbeats.devices;
import static io.gpufleet.telemetry.heartbeat.Heartbeats.pod;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class HeartbeatTest {

    private static Heartbeat withPods(DevicePod... pods) {
        return Heartbeats.of(Heartbeats.CLIENT, Heartbeats.LOAD, pods);
    }

    private static void assertRefused(ThrowingCallable call, String message) {
        assertThatIllegalArgumentException().isThrownBy(call).withMessage(message);
    }

    @Test
    void devices_areTheUnpackedValuesOfAPod() {
        assertThat(withPods(pod(0, 3)).devices()).isEqualTo(devices(0, 3, 0));
        assertThat(withPods(pod(0, 8)).devices()).isEqualTo(devices(0, 8, 0));
    }

    @Test
    void devices_areNumberedOverAllPods() {
        List<Device> expected = Stream.of(devices(0, 2, 0), devices(2, 8, 2), devices(1, 1, 10))
                .flatMap(List::stream)
                .toList();

        assertThat(withPods(pod(0, 2), pod(2, 8), pod(1, 0), pod(1, 1)).devices())
                .isEqualTo(expected);
    }

    @Test
    void devices_ofAPodThatClaimsMoreThanEightAreItsFirstEight() {
        Heartbeat heartbeat = withPods(pod(0, 65535), pod(1, 9));

        assertThat(heartbeat.devices()).hasSize(16).startsWith(devices(0, 8, 0).toArray(Device[]::new));
        assertThat(heartbeat.pods().get(0).num()).isEqualTo(65535);
        assertThat(heartbeat.pods().get(0).deviceCount()).isEqualTo(8);
    }

    @Test
    void devices_mayBeNone() {
        assertThat(withPods().devices()).isEmpty();
        assertThat(withPods(pod(0, 0), pod(1, 0)).devices()).isEmpty();
    }

    @Test
    void pods_areCopied() {
        List<DevicePod> pods = new ArrayList<>(List.of(pod(0, 1)));
        Heartbeat heartbeat = new Heartbeat(Heartbeats.CLIENT, Heartbeats.LOAD, 0, 0, 0, pods);

        pods.clear();

        assertThat(heartbeat.pods()).hasSize(1);
        assertThatThrownBy(() -> heartbeat.pods().clear()).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void pod_packsDevices() {
        DevicePod pod = DevicePod.of(devices(1, 5, 3));

        assertThat(pod.num()).isEqualTo(5);
        assertThat(withPods(pod).devices()).isEqualTo(devices(1, 5, 0));
        assertRefused(
                () -> DevicePod.of(Stream.concat(devices(0, 8, 0).stream(), devices(1, 1, 8).stream())
                        .toList()),
                "9 devices are more than the 8 of a pod");
    }

    @Test
    void heartbeat_refusesWhatDoesNotFitTheWire() {
        long tooMuch = 1L << 32;

        assertRefused(
                () -> new Heartbeat(Heartbeats.CLIENT, Heartbeats.LOAD, tooMuch, 0, 0, List.of()),
                "deviceMemTotalGb: 4294967296 is not between 0 and 4294967295");
        assertRefused(
                () -> new Heartbeat(Heartbeats.CLIENT, Heartbeats.LOAD, 0, -1, 0, List.of()),
                "deviceCount: -1 is not between 0 and 4294967295");
        assertRefused(
                () -> new Heartbeat(Heartbeats.CLIENT, Heartbeats.LOAD, 0, 0, tooMuch, List.of()),
                "totalTflops: 4294967296 is not between 0 and 4294967295");
    }

    private static DevicePod podOf(int num, int podId, int totalTflops, int memTotalGb, int port, long ip) {
        DevicePod good = Heartbeats.pod(0, 1);
        return new DevicePod(
                num,
                podId,
                totalTflops,
                memTotalGb,
                port,
                ip,
                good.osType(),
                good.engineType(),
                good.usage(),
                good.memoryUsage(),
                good.powerUsage(),
                good.temperature(),
                good.vendorId(),
                good.deviceId(),
                good.memorySizeGb(),
                good.powerLimitWatts());
    }

    @Test
    void pod_takesAllThatFitsTheWire() {
        int most = 65535;
        long address = 4_294_967_295L;

        assertThat(withPods(podOf(0, 0, 0, 0, 0, 0), podOf(most, most, most, most, most, address))
                        .pods())
                .hasSize(2);
    }

    @Test
    void pod_refusesWhatDoesNotFitTheWire() {
        assertRefused(() -> podOf(65536, 0, 0, 0, 0, 0), "num: 65536 is not between 0 and 65535");
        assertRefused(() -> podOf(0, -1, 0, 0, 0, 0), "podId: -1 is not between 0 and 65535");
        assertRefused(() -> podOf(0, 0, 65536, 0, 0, 0), "totalTflops: 65536 is not between 0 and 65535");
        assertRefused(() -> podOf(0, 0, 0, -1, 0, 0), "memTotalGb: -1 is not between 0 and 65535");
        assertRefused(() -> podOf(0, 0, 0, 0, 65536, 0), "port: 65536 is not between 0 and 65535");
        assertRefused(() -> podOf(0, 0, 0, 0, 0, -1), "ip: -1 is not between 0 and 4294967295");
    }

    @Test
    void systemInfo_refusesWhatDoesNotFitTheWire() {
        assertRefused(() -> new SystemInfo(256, 0, 0, 0, 0), "cpuUsage: 256 is not between 0 and 255");
        assertRefused(() -> new SystemInfo(0, -1, 0, 0, 0), "memoryUsage: -1 is not between 0 and 255");
        assertRefused(() -> new SystemInfo(0, 0, 256, 0, 0), "diskUsage: 256 is not between 0 and 255");
    }
}
