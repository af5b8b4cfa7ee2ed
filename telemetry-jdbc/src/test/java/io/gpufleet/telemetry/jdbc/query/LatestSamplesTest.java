package io.gpufleet.telemetry.jdbc.query;

import static io.gpufleet.telemetry.jdbc.query.StoredFleet.U;
import static io.gpufleet.telemetry.jdbc.query.StoredFleet.V;
import static io.gpufleet.telemetry.jdbc.query.StoredFleet.gpu;
import static io.gpufleet.telemetry.jdbc.query.StoredFleet.sample;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.gpufleet.telemetry.jdbc.PostgresVersion;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The newest samples, whether they are rows, of a piece, or late beside a piece. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class LatestSamplesTest {
    private static final String TEMP = "DCGM_FI_DEV_GPU_TEMP";
    private static final String POWER = "DCGM_FI_DEV_POWER_USAGE";
    private static final Duration WEEK = Duration.ofDays(7);

    @Parameter
    PostgresVersion version;

    private StoredFleet fleet;

    @BeforeEach
    void create() {
        fleet = new StoredFleet(version);
    }

    private List<String> latest(LatestQuery.Builder query) {
        return fleet.queries().latest(query.build()).stream()
                .map(row -> row.uuid().substring(4, 6) + " " + row.metric().substring(12) + " " + row.instance() + " "
                        + row.value())
                .toList();
    }

    @Test
    void latest_isThatOfEachMetric() {
        fleet.store(U, TEMP, 1, "2026-03-04T11:30:00Z").store(U, TEMP, 2, "2026-03-04T11:40:00Z");
        fleet.store(U, POWER, 3, "2026-03-04T11:20:00Z").store(V, TEMP, 4, "2026-03-04T10:50:00Z");
        assertThat(latest(LatestQuery.ofGpu(U))).containsExactly("3f GPU_TEMP  2.0", "3f POWER_USAGE  3.0");
        assertThat(latest(LatestQuery.ofGpu(U).metric(POWER))).containsExactly("3f POWER_USAGE  3.0");
        assertThat(latest(LatestQuery.ofAllGpus(TEMP))).containsExactly("3f GPU_TEMP  2.0");
        assertThat(latest(LatestQuery.ofAllGpus(TEMP).maxAge(Duration.ofHours(2))))
                .containsExactly("3f GPU_TEMP  2.0", "b8 GPU_TEMP  4.0");
        assertThat(latest(LatestQuery.ofGpu(V))).isEmpty();
        assertThat(latest(LatestQuery.ofGpu(V).maxAge(Duration.ofSeconds(Long.MAX_VALUE))))
                .containsExactly("b8 GPU_TEMP  4.0");
    }

    @Test
    void latest_ofACompactedDayBesideLateRows() {
        fleet.store(U, TEMP, 1, "2026-03-01T10:00:00Z").store(U, TEMP, 2, "2026-03-01T10:30:00Z");
        fleet.store(U, POWER, 3, "2026-03-01T09:00:00Z").compact(LocalDate.parse("2026-03-01"));
        assertThat(latest(LatestQuery.ofGpu(U).maxAge(WEEK)))
                .containsExactly("3f GPU_TEMP  2.0", "3f POWER_USAGE  3.0");
        fleet.store(U, TEMP, 4, "2026-03-01T10:10:00Z").store(U, POWER, 5, "2026-03-01T09:00:00.000001Z");
        assertThat(latest(LatestQuery.ofGpu(U).maxAge(WEEK)))
                .containsExactly("3f GPU_TEMP  2.0", "3f POWER_USAGE  5.0");
        fleet.store(U, TEMP, 6, "2026-03-01T11:00:00Z");
        assertThat(latest(LatestQuery.ofGpu(U).metric(TEMP).maxAge(WEEK))).containsExactly("3f GPU_TEMP  6.0");
        assertThat(latest(LatestQuery.ofGpu(U))).isEmpty();
    }

    @Test
    void latest_hasEachInstanceOfTheNewestTime() {
        for (String time : List.of("2026-03-04T11:30:00Z", "2026-03-04T11:31:00Z")) {
            fleet.store(List.of(
                    sample(gpu(U).migInstance("7").build(), TEMP, 1, time),
                    sample(gpu(U).migInstance("8").build(), TEMP, 2, time)));
        }
        assertThat(latest(LatestQuery.ofGpu(U)))
                .containsExactlyInAnyOrder("3f GPU_TEMP gi:7 1.0", "3f GPU_TEMP gi:8 2.0");
    }

    @Test
    void question_thatCannotBeAnsweredIsRefused() {
        fleet.store(U, TEMP, 1, "2026-03-04T11:30:00Z");
        assertThatExceptionOfType(UnknownGpuException.class)
                .isThrownBy(() -> latest(LatestQuery.ofGpu(V)))
                .withMessage("no samples of GPU \"" + V + "\"");
        assertThatExceptionOfType(InvalidQueryException.class)
                .isThrownBy(() -> LatestQuery.ofGpu(U).maxAge(Duration.ZERO))
                .withMessage("max_age must be more than 0, was PT0S");
    }
}
