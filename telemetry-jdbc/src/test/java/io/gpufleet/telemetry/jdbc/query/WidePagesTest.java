package io.gpufleet.telemetry.jdbc.query;

import static io.gpufleet.telemetry.jdbc.query.StoredFleet.U;
import static io.gpufleet.telemetry.jdbc.query.StoredFleet.V;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.gpufleet.telemetry.gpu.GpuMetricsRow;
import io.gpufleet.telemetry.gpu.GpuReading;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Wide rows, stored and joined, page by page. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class WidePagesTest {
    private static final String TEMP = "DCGM_FI_DEV_GPU_TEMP";
    private static final String UTIL = "DCGM_FI_DEV_GPU_UTIL";
    private static final String USED = "DCGM_FI_DEV_FB_USED";
    private static final Instant DAY = Instant.parse("2026-03-01T00:00:00Z");
    private static final LocalDate DATE = LocalDate.of(2026, 3, 1);

    @Parameter
    PostgresVersion version;

    private StoredFleet fleet;

    @BeforeEach
    void open() {
        fleet = new StoredFleet(version);
    }

    private static GpuSample sample(String metric, double value, Instant time) {
        return StoredFleet.sample(StoredFleet.gpu(U).build(), metric, value, time.toString());
    }

    private static WideQuery.Builder query() {
        return WideQuery.builder(U).from(DAY).to(DAY.plus(Duration.ofDays(2)));
    }

    /** Walks all pages. */
    private List<GpuMetricsRow> walk(WideQuery query) {
        List<GpuMetricsRow> rows = new ArrayList<>();
        Optional<WideQuery> next = Optional.of(query);
        while (next.isPresent()) {
            WideQuery asked = next.get();
            Page<GpuMetricsRow> page = fleet.queries().wide(asked);
            assertThat(page.rows()).isNotEmpty();
            rows.addAll(page.rows());
            next = page.next().map(asked::after);
        }
        return rows;
    }

    /** A row every 20 minutes of two days, one of them compacted. */
    @Test
    void wide_readsRowsAndCompactedOnesPageByPage() {
        List<GpuMetricsRow> expected = new ArrayList<>();
        List<GpuSample> samples = new ArrayList<>();
        for (int row = 0; row < 144; row++) {
            Instant time = DAY.plus(Duration.ofMinutes(20L * row));
            samples.add(sample(TEMP, 40 + row % 30, time));
            samples.add(sample(USED, row, time));
            expected.add(GpuMetricsRow.builder(U, time)
                    .value(GpuReading.GPU_TEMP, 40 + row % 30)
                    .count(GpuReading.FB_USED, row * (1L << 20))
                    .build());
        }
        fleet.storeWide(samples);
        for (int limit : new int[] {144, 143, 7}) {
            assertThat(walk(query().limit(limit).build())).isEqualTo(expected);
        }
        fleet.compact(DATE);
        for (int limit : new int[] {144, 143, 7}) {
            assertThat(walk(query().limit(limit).build())).isEqualTo(expected);
        }
        assertThat(walk(query().from(DAY.plusSeconds(1200))
                        .to(DAY.plusSeconds(3600))
                        .build()))
                .isEqualTo(expected.subList(1, 4));
    }

    /** All metrics within 15 s make one row; a metric that comes again starts the next one. */
    @Test
    void wide_joinsSamplesThatAreClose() {
        Instant time = Instant.parse("2026-03-01T20:42:34Z");
        fleet.store(List.of(
                sample(UTIL, 80, time),
                sample("DCGM_FI_DEV_MEM_COPY_UTIL", 20, time),
                sample(TEMP, 61, time.plusSeconds(1)),
                sample(USED, 4, time.plusSeconds(1)),
                sample("DCGM_FI_DEV_SM_CLOCK", 1980, time.plusSeconds(3)),
                sample(UTIL, 81, time.plusSeconds(30)),
                sample(UTIL, 82, time.plusSeconds(40)),
                sample(TEMP, 62, time.plusSeconds(56))));
        List<GpuMetricsRow> expected = List.of(
                GpuMetricsRow.builder(U, time)
                        .value(GpuReading.GPU_UTILIZATION, 80)
                        .value(GpuReading.MEM_COPY_UTILIZATION, 20)
                        .value(GpuReading.GPU_TEMP, 61)
                        .count(GpuReading.FB_USED, 4 << 20)
                        .value(GpuReading.SM_CLOCK, 1980)
                        .build(),
                GpuMetricsRow.builder(U, time.plusSeconds(30))
                        .value(GpuReading.GPU_UTILIZATION, 81)
                        .build(),
                GpuMetricsRow.builder(U, time.plusSeconds(40))
                        .value(GpuReading.GPU_UTILIZATION, 82)
                        .build(),
                GpuMetricsRow.builder(U, time.plusSeconds(56))
                        .value(GpuReading.GPU_TEMP, 62)
                        .build());
        assertThat(walk(query().build())).isEqualTo(expected);
        assertThat(walk(query().limit(1).build())).isEqualTo(expected);
        fleet.compact(DATE);
        assertThat(walk(query().limit(2).build())).isEqualTo(expected);
        assertThat(fleet.queries()
                        .wide(query().tolerance(Duration.ofSeconds(16)).build())
                        .rows())
                .hasSize(3);
        assertThat(fleet.queries()
                        .wide(query().tolerance(Duration.ofSeconds(Long.MAX_VALUE))
                                .build())
                        .rows())
                .hasSize(3);
    }

    /** The memory of the instances adds up to the GPU's; the largest power of one instant is the GPU's. */
    @Test
    void wide_joinsMigInstancesToTheirGpu() {
        for (int instance = 1; instance <= 3; instance++) {
            fleet.store(List.of(
                    StoredFleet.sample(
                            StoredFleet.gpu(U).migInstance("" + instance).build(), USED, instance, DAY.toString()),
                    StoredFleet.sample(
                            StoredFleet.gpu(U).migInstance("" + instance).build(),
                            "DCGM_FI_DEV_POWER_USAGE",
                            100 + instance,
                            DAY.toString())));
        }
        assertThat(walk(query().build())).singleElement().satisfies(row -> {
            assertThat(row.value(GpuReading.POWER_USAGE)).hasValue(103);
            assertThat(row.isDerived(GpuReading.POWER_USAGE)).isTrue();
            assertThat(row.count(GpuReading.FB_USED)).hasValue(6L << 20);
        });
    }

    @Test
    void wide_ofAnotherQuestionRefusesTheCursor() {
        fleet.storeWide(List.of(sample(TEMP, 1, DAY), sample(TEMP, 2, DAY.plusSeconds(60))));
        fleet.store(V, TEMP, 60, "2026-03-01T12:00:00Z");
        Cursor next = fleet.queries().wide(query().limit(1).build()).next().orElseThrow();
        assertThatExceptionOfType(InvalidQueryException.class)
                .isThrownBy(() -> fleet.queries()
                        .wide(query().tolerance(Duration.ZERO).cursor(next).build()))
                .withMessage("cursor does not belong to this question");
        assertThatExceptionOfType(InvalidQueryException.class)
                .isThrownBy(() -> fleet.queries()
                        .wide(WideQuery.builder(V)
                                .from(DAY)
                                .to(DAY.plus(Duration.ofDays(2)))
                                .cursor(next)
                                .build()));
        assertThat(fleet.queries().wide(WideQuery.builder(U).build()).rows()).isEmpty();
    }
}
