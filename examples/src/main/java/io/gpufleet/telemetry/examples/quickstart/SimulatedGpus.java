package io.gpufleet.telemetry.examples.quickstart;

import io.gpufleet.telemetry.examples.terminal.Text;
import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.testkit.GpuFleetGenerator;
import io.gpufleet.telemetry.testkit.GpuFleetRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The scrapes of hosts with eight GPUs each over the last 24 hours, as the text of dcgm-exporter: some GPUs are split
 * into MIG instances, some readings have no value, and there are Xids; the first host sends 60 metrics instead of 25,
 * and a few damaged lines. Immutable.
 */
final class SimulatedGpus {
    private static final Duration DAY = Duration.ofDays(1);
    private static final int GPUS_OF_A_HOST = 8;
    /** A fleet in which three GPUs of the first host have ECC errors. */
    private static final long SEED = 47;

    private static final double DAMAGED = 0.0001;
    private static final double XIDS = 0.01;
    private static final List<String> MODELS = List.of("NVIDIA H100 80GB HBM3", "NVIDIA A100-SXM4-80GB", "NVIDIA L40S");

    private final int hosts;
    private final int scrapes;
    private final GpuFleetGenerator good;
    private final GpuFleetGenerator watched;

    private SimulatedGpus(int hosts, int scrapes) {
        this.hosts = hosts;
        this.scrapes = scrapes;
        Instant start = Instant.now().minus(DAY);
        this.good = options(start).build();
        this.watched = options(start)
                .metrics(GpuFleetGenerator.Metrics.MANY)
                .damageRate(DAMAGED)
                .build();
    }

    static SimulatedGpus ofLastDay(int hosts, int scrapes) {
        return new SimulatedGpus(hosts, scrapes);
    }

    private GpuFleetGenerator.Builder options(Instant start) {
        return GpuFleetGenerator.builder()
                .seed(SEED)
                .gpus(hosts * GPUS_OF_A_HOST)
                .start(start)
                .interval(interval())
                .models(MODELS)
                .migShare(0.05)
                .migInstances(2, 3)
                .noValueRate(0.001)
                .xidRate(XIDS)
                .driverLoads(Duration.ofHours(20));
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
        return (host == 0 ? watched : good).records(host, scrape);
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

    /** Returns what must be stored of the first host. */
    Expected ofOneHost() {
        Expected sum = new Expected(0, 0, 0);
        for (GpuFleetRecord record : recordsOfOneHost()) {
            sum = sum.plus(record);
        }
        return sum;
    }

    /**
     * What must be stored of scrapes.
     *
     * @param samples the number of samples
     * @param refusals the number of refused lines
     * @param temperatures the sum of all temperatures of GPUs, in C
     */
    record Expected(long samples, long refusals, long temperatures) {

        private Expected plus(GpuFleetRecord record) {
            return new Expected(
                    samples + record.samples().size(),
                    refusals + record.refusals().size(),
                    temperatures + temperatures(record.samples()));
        }

        private static long temperatures(List<GpuSample> samples) {
            return samples.stream()
                    .filter(sample -> sample.metric().equals(GpuMetric.GPU_TEMP))
                    .mapToLong(sample -> Math.round(sample.value()))
                    .sum();
        }
    }

    @Override
    public String toString() {
        return Text.count(allScrapes()) + " scrapes of " + gpus() + " GPUs on " + hosts
                + " hosts over 24 hours, one every " + Text.duration(interval()) + " from each host";
    }
}
