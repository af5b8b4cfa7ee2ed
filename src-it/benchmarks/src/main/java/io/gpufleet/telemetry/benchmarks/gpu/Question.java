package io.gpufleet.telemetry.benchmarks.gpu;

import io.gpufleet.telemetry.jdbc.query.AggregateQuery;
import io.gpufleet.telemetry.jdbc.query.Aggregation;
import io.gpufleet.telemetry.jdbc.query.GpuFilter;
import io.gpufleet.telemetry.jdbc.query.GpuQueries;
import io.gpufleet.telemetry.jdbc.query.LatestQuery;
import io.gpufleet.telemetry.jdbc.query.SampleQuery;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/** The questions that are measured, each with the time that its 99th percentile may take. */
enum Question {
    PAGE_OF_GPUS(5, 20) {
        @Override
        Collection<?> ask(GpuQueries queries, QueriedFleet fleet, Instant now, SplittableRandom random) {
            return queries.gpus(GpuFilter.builder()
                            .offset(random.nextInt(Math.min(fleet.wideGpus(), 1_000)))
                            .build())
                    .rows();
        }
    },
    PAGE_OF_SAMPLES(5, 20) {
        @Override
        Collection<?> ask(GpuQueries queries, QueriedFleet fleet, Instant now, SplittableRandom random) {
            return queries.samples(SampleQuery.builder(gpu(fleet, random)).build())
                    .rows();
        }
    },
    LATEST_OF_A_GPU(5, 25) {
        @Override
        Collection<?> ask(GpuQueries queries, QueriedFleet fleet, Instant now, SplittableRandom random) {
            return queries.latest(LatestQuery.ofGpu(gpu(fleet, random)).build());
        }
    },
    HOUR_OF_A_METRIC(10, 20) {
        @Override
        Collection<?> ask(GpuQueries queries, QueriedFleet fleet, Instant now, SplittableRandom random) {
            Instant to = earlier(now, random, 6);
            return queries.samples(SampleQuery.builder(gpu(fleet, random))
                            .metric(metric(random))
                            .from(to.minus(Duration.ofHours(1)))
                            .to(to)
                            .build())
                    .rows();
        }
    },
    DAY_IN_BUCKETS_OF_5_MINUTES(50, 8) {
        @Override
        Collection<?> ask(GpuQueries queries, QueriedFleet fleet, Instant now, SplittableRandom random) {
            Instant to = earlier(now, random, 5);
            return queries.aggregate(AggregateQuery.builder(gpu(fleet, random), metric(random), Aggregation.MAX)
                    .from(to.minus(Duration.ofDays(1)))
                    .to(to)
                    .bucket(Duration.ofMinutes(5))
                    .build());
        }
    },
    MONTH_OF_A_METRIC(300, 3) {
        @Override
        Collection<?> ask(GpuQueries queries, QueriedFleet fleet, Instant now, SplittableRandom random) {
            return queries.aggregate(AggregateQuery.builder(
                            QueriedFleet.uuid(1 + random.nextInt(fleet.historyGpus())), metric(random), Aggregation.AVG)
                    .from(now.minus(Duration.ofDays(30)))
                    .to(now)
                    .bucket(Duration.ofHours(1))
                    .build());
        }
    },
    FLEET_NOW(200, 4) {
        @Override
        Collection<?> ask(GpuQueries queries, QueriedFleet fleet, Instant now, SplittableRandom random) {
            return queries.fleet(Duration.ofSeconds(fleet.everySeconds()))
                    .readings()
                    .values();
        }
    };

    private static final List<String> GAUGES = List.of(
            "DCGM_FI_DEV_GPU_TEMP",
            "DCGM_FI_DEV_POWER_USAGE",
            "DCGM_FI_DEV_GPU_UTIL",
            "DCGM_FI_DEV_FB_USED",
            "DCGM_FI_PROF_SM_ACTIVE",
            "DCGM_FI_PROF_NVLINK_TX_BYTES");

    private final double goalMillis;
    private final int share;

    Question(double goalMillis, int share) {
        this.goalMillis = goalMillis;
        this.share = share;
    }

    double goalMillis() {
        return goalMillis;
    }

    /** Returns one of the questions, each as often as its share says. */
    static Question any(SplittableRandom random) {
        int place = random.nextInt(100);
        for (Question question : values()) {
            place -= question.share;
            if (place < 0) {
                return question;
            }
        }
        throw new IllegalStateException("the shares of the questions are not 100");
    }

    /** Asks the question about some GPU, metric and time, and returns the rows of the answer. */
    abstract Collection<?> ask(GpuQueries queries, QueriedFleet fleet, Instant now, SplittableRandom random);

    private static String gpu(QueriedFleet fleet, SplittableRandom random) {
        return QueriedFleet.uuid(1 + random.nextInt(fleet.gpus()));
    }

    private static String metric(SplittableRandom random) {
        return GAUGES.get(random.nextInt(GAUGES.size()));
    }

    private static Instant earlier(Instant now, SplittableRandom random, int days) {
        return now.minusSeconds(random.nextLong(Duration.ofDays(days).toSeconds()));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
