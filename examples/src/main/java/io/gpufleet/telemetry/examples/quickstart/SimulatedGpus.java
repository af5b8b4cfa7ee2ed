package io.gpufleet.telemetry.examples.quickstart;

import io.gpufleet.telemetry.examples.terminal.Text;
import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.testkit.GpuFleetGenerator;
import io.gpufleet.telemetry.testkit.GpuFleetRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;

/**
 * The scrapes of hosts with eight GPUs each over the last 24 hours, as the text of dcgm-exporter: some GPUs are split
 * into MIG instances, some readings have no value, there are Xids, and the first host has a few damaged lines.
 * Immutable.
 */
final class SimulatedGpus {
    private static final Duration DAY = Duration.ofDays(1);
    private static final int GPUS_OF_A_HOST = 8;
    private static final List<String> MODELS = List.of("NVIDIA H100 80GB HBM3", "NVIDIA A100-SXM4-80GB", "NVIDIA L40S");

    private final int hosts;
    private final int scrapes;
    private final GpuFleetGenerator good;
    private final GpuFleetGenerator damaged;

    private SimulatedGpus(int hosts, int scrapes) {
        this.hosts = hosts;
        this.scrapes = scrapes;
        Instant start = Instant.now().minus(DAY);
        this.good = generator(start, 0);
        this.damaged = generator(start, 0.0001);
    }

    static SimulatedGpus ofLastDay(int hosts, int scrapes) {
        return new SimulatedGpus(hosts, scrapes);
    }

    private GpuFleetGenerator generator(Instant start, double damageRate) {
        return GpuFleetGenerator.builder()
                .gpus(hosts * GPUS_OF_A_HOST)
                .start(start)
                .interval(interval())
                .models(MODELS)
                .migShare(0.05)
                .migInstances(2, 3)
                .noValueRate(0.001)
                .xidRate(0.0001)
                .driverLoads(Duration.ofHours(20))
                .damageRate(damageRate)
                .build();
    }

    private Duration interval() {
        return DAY.dividedBy(scrapes);
    }

    /** Returns all scrapes in their order, each made when it is asked for. */
    Iterable<GpuFleetRecord> records() {
        return () -> IntStream.range(0, scrapes * hosts)
                .boxed()
                .flatMap(number -> records(number % hosts, number / hosts).stream())
                .iterator();
    }

    /** Returns the scrapes of the first host. */
    Iterable<GpuFleetRecord> recordsOfOneHost() {
        return () -> IntStream.range(0, scrapes)
                .boxed()
                .flatMap(scrape -> records(0, scrape).stream())
                .iterator();
    }

    private List<GpuFleetRecord> records(int host, int scrape) {
        return (host == 0 ? damaged : good).records(host, scrape);
    }

    int scrapes() {
        return scrapes;
    }

    int allScrapes() {
        return scrapes * hosts;
    }

    int gpus() {
        return hosts * GPUS_OF_A_HOST;
    }

    /** Returns the number of samples of the first host. */
    long samples() {
        return sum(record -> record.samples().size());
    }

    /** Returns the number of refused lines of the first host. */
    long refusals() {
        return sum(record -> record.refusals().size());
    }

    /** Returns the sum of all temperatures of the first host's GPUs. */
    long temperatures() {
        return sum(record -> record.samples().stream()
                .filter(sample -> sample.metric().equals(GpuMetric.GPU_TEMP))
                .mapToLong(SimulatedGpus::value)
                .sum());
    }

    private static long value(GpuSample sample) {
        return Math.round(sample.value());
    }

    private long sum(ToLongFunction<GpuFleetRecord> value) {
        long sum = 0;
        for (GpuFleetRecord record : recordsOfOneHost()) {
            sum += value.applyAsLong(record);
        }
        return sum;
    }

    @Override
    public String toString() {
        return Text.count(allScrapes()) + " scrapes of " + gpus() + " GPUs on " + hosts
                + " hosts over 24 hours, one every " + Text.duration(interval()) + " from each host";
    }
}
