package io.gpufleet.telemetry.testkit;

import java.time.Duration;
import java.time.Instant;

/**
 * A GPU at the time of a scrape: all of its readings follow from it. Counters are functions of the time alone, so they
 * rise from scrape to scrape, and restart when the driver of the host is loaded. Immutable.
 */
final class GpuMoment {
    private static final long HOUR = Duration.ofHours(1).toMillis();
    private static final int HOURS_OF_XIDS = 24;
    private static final int[] XIDS = {13, 31, 43, 45, 48, 63, 74, 79, 94, 95, 119};
    /** The time from which the counters of a whole life count. */
    private static final long BIRTH = Instant.parse("2020-01-01T00:00:00Z").toEpochMilli();

    private final long seed;
    private final GpuModel model;
    private final long millis;
    private final long driverLoad;
    private final double xidRate;
    private final long scrapeNoise;
    private final int load;
    private final int busy;
    private final long work;

    /**
     * Creates the moment of a GPU.
     *
     * @param seed the noise of the GPU
     * @param millis the time
     * @param driverLoad the last time before it at which the driver was loaded
     * @param xidRate the share of hours with an Xid
     */
    GpuMoment(long seed, GpuModel model, long millis, long driverLoad, double xidRate) {
        this.seed = seed;
        this.model = model;
        this.millis = millis;
        this.driverLoad = driverLoad;
        this.xidRate = xidRate;
        this.scrapeNoise = Noise.of(seed, millis);
        GpuLoad curve = new GpuLoad(seed);
        this.load = curve.at(millis);
        this.busy = load == 0 ? 0 : Math.min(GpuLoad.FULL, Math.max(1, load + noise(0, 60)));
        this.work = curve.sum(millis) - curve.sum(driverLoad);
    }

    GpuModel model() {
        return model;
    }

    /** Returns the load of this scrape: 0 to {@link GpuLoad#FULL}, 0 while idle. */
    int busy() {
        return busy;
    }

    /** Returns the load of a MIG instance, which differs from the others. */
    int busy(GpuPart part) {
        if (part.isWhole() || busy == 0) {
            return busy;
        }
        int share = Noise.between(0, GpuLoad.FULL, Noise.of(seed, HOUR + part.id() + 100 * (millis / HOUR)));
        return busy * share / GpuLoad.FULL;
    }

    /** Returns a number around 0 that is another one in each scrape. */
    int noise(int salt, int most) {
        return Noise.between(-most, most, Noise.of(scrapeNoise, salt));
    }

    /** Returns a number that a GPU keeps. */
    int trait(int salt, int least, int most) {
        return Noise.between(least, most, Noise.of(seed, -salt));
    }

    /** Returns the milliseconds since the driver was loaded. */
    long sinceDriverLoad() {
        return millis - driverLoad;
    }

    /** Returns the sum of the loads of all milliseconds since the driver was loaded. */
    long work() {
        return work;
    }

    /** Returns the used memory of a part in MiB. */
    int usedMemory(GpuPart part) {
        if (busy(part) == 0) {
            return part.isWhole() ? 4 : 1;
        }
        long block = millis / HOUR / 8;
        int most = part.shareOf(model.memory - model.reserved);
        return most / 100 * Noise.between(20, 95, Noise.of(seed, 1_000 * block + part.id()));
    }

    /** Returns the number of rare events since the birth of a GPU; most GPUs have none. */
    long eventsOfLife(int salt, int ofThousandGpus) {
        return events(salt, ofThousandGpus, BIRTH);
    }

    /** Returns the number of rare events since the driver was loaded. */
    long eventsSinceDriverLoad(int salt, int ofThousandGpus) {
        return events(salt, ofThousandGpus, driverLoad);
    }

    private long events(int salt, int ofThousandGpus, long from) {
        if (trait(salt, 0, 999) >= ofThousandGpus) {
            return 0;
        }
        long interval = HOUR * trait(salt + 1, 1, 24 * 60);
        long phase = HOUR * trait(salt + 2, 0, 1000);
        return (millis + phase) / interval - (Math.min(from, millis) + phase) / interval;
    }

    /** Returns the last Xid since the exporter was started, which it is each midnight and when the driver is loaded. */
    int xid() {
        if (xidRate == 0) {
            return 0;
        }
        long start = Math.max(driverLoad, millis - millis % (HOURS_OF_XIDS * HOUR));
        for (long hour = millis / HOUR; hour >= start / HOUR; hour--) {
            long noise = Noise.of(seed, -hour);
            long time = hour * HOUR + Noise.below((int) HOUR, Noise.of(noise, 1));
            if (Noise.isWithin(xidRate, noise) && time <= millis && time >= start) {
                return XIDS[Noise.below(XIDS.length, Noise.of(noise, 2))];
            }
        }
        return 0;
    }

    /** Returns the bits of the reasons for lower clocks: idle, power limit, software thermal slowdown. */
    int throttleReasons() {
        if (busy == 0) {
            return 1;
        }
        int powerCap = busy > 940 ? 4 : 0;
        return powerCap + (temperature() >= 79 ? 32 : 0);
    }

    /** Returns the temperature of the GPU in degrees Celsius. */
    int temperature() {
        int idle = 28 + trait(4, 0, 6);
        return idle + (78 - idle) * busy / GpuLoad.FULL + noise(1, 2);
    }

    /** Returns the power in mW. */
    int power() {
        return 1_000 * model.idlePower + (model.fullPower - model.idlePower) * busy + noise(2, 4_000);
    }
}
