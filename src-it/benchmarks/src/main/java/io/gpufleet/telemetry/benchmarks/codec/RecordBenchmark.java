package io.gpufleet.telemetry.benchmarks.codec;

import io.gpufleet.telemetry.heartbeat.ClientId;
import io.gpufleet.telemetry.heartbeat.DevicePod;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.heartbeat.PackedBytes;
import io.gpufleet.telemetry.heartbeat.PackedShorts;
import io.gpufleet.telemetry.heartbeat.SystemInfo;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The benchmark of the record alone, made of values at hand: the least cost of any decoder. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@SuppressWarnings("NullAway.Init") // JMH sets the fields before it measures.
public class RecordBenchmark {
    @Param({"1", "8"})
    private int pods;

    private Heartbeat[] heartbeats;
    private int next;

    /** Creates the values. */
    @Setup
    public void open() {
        heartbeats = FleetHeartbeats.of(pods);
    }

    /** Creates a heartbeat from the values of another one, with new objects throughout. */
    @Benchmark
    public Heartbeat recordAlone() {
        next = (next + 1) & (FleetHeartbeats.COUNT - 1);
        return copy(heartbeats[next]);
    }

    static Heartbeat copy(Heartbeat heartbeat) {
        SystemInfo info = heartbeat.systemInfo();
        return new Heartbeat(
                new ClientId(heartbeat.clientId().high(), heartbeat.clientId().low()),
                new SystemInfo(
                        info.cpuUsage(), info.memoryUsage(), info.diskUsage(), info.networkRx(), info.networkTx()),
                heartbeat.deviceMemTotalGb(),
                heartbeat.deviceCount(),
                heartbeat.totalTflops(),
                copy(heartbeat.pods()));
    }

    /** Copies the pods as separate arguments: List.of keeps the array of its arguments, but copies a given array. */
    private static List<DevicePod> copy(List<DevicePod> pods) {
        return switch (pods.size()) {
            case 1 -> List.of(copy(pods.get(0)));
            case 8 ->
                List.of(
                        copy(pods.get(0)),
                        copy(pods.get(1)),
                        copy(pods.get(2)),
                        copy(pods.get(3)),
                        copy(pods.get(4)),
                        copy(pods.get(5)),
                        copy(pods.get(6)),
                        copy(pods.get(7)));
            default -> throw new IllegalArgumentException("pods: " + pods.size() + " are not 1 or 8");
        };
    }

    private static DevicePod copy(DevicePod pod) {
        return new DevicePod(
                pod.num(),
                pod.podId(),
                pod.totalTflops(),
                pod.memTotalGb(),
                pod.port(),
                pod.ip(),
                pod.osType(),
                pod.engineType(),
                new PackedBytes(pod.usage().bits()),
                new PackedBytes(pod.memoryUsage().bits()),
                new PackedBytes(pod.powerUsage().bits()),
                new PackedBytes(pod.temperature().bits()),
                copy(pod.vendorId()),
                copy(pod.deviceId()),
                copy(pod.memorySizeGb()),
                copy(pod.powerLimitWatts()));
    }

    private static PackedShorts copy(PackedShorts shorts) {
        return new PackedShorts(shorts.high(), shorts.low());
    }
}
