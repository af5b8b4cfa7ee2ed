package io.gpufleet.telemetry.jdbc.query;

import static io.gpufleet.telemetry.jdbc.query.StoredFleet.U;
import static io.gpufleet.telemetry.jdbc.query.StoredFleet.V;
import static io.gpufleet.telemetry.jdbc.query.StoredFleet.W;
import static io.gpufleet.telemetry.jdbc.query.StoredFleet.gpu;
import static io.gpufleet.telemetry.jdbc.query.StoredFleet.sample;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.gpu.Scope;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** The energy of GPUs, hosts, namespaces and pods, from rows and from compacted days. */
@ParameterizedClass
@ValueSource(booleans = {false, true})
final class EnergyTest {
    private static final String DAY = "2026-03-01T";

    private final StoredFleet fleet = new StoredFleet(PostgresVersion.POSTGRES_18);

    @Parameter
    boolean isCompacted;

    private static GpuSample at(String time, GpuSubject.Builder subject, double millijoules) {
        return sample(subject.build(), "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION", millijoules, DAY + time + "Z");
    }

    private static GpuSubject.Builder pod(String uuid, String namespace, String pod) {
        return gpu(uuid).namespace(namespace).pod(pod);
    }

    private void store(GpuSample... message) {
        fleet.store(Scope.assign(List.of(message)));
    }

    private List<String> answer(EnergyQuery.Builder query) {
        if (isCompacted) {
            fleet.compact(LocalDate.parse("2026-03-01"));
            assertThat(fleet.database().count("gpu_sample") + fleet.database().count("gpu_metrics"))
                    .isZero();
        }
        return fleet
                .queries()
                .energy(query.from(Instant.parse(DAY + "12:00:00Z"))
                        .to(Instant.parse(DAY + "13:00:00Z"))
                        .build())
                .stream()
                .map(use -> use.name() + " " + use.joules() + " " + use.gpus())
                .toList();
    }

    private List<String> by(EnergyGroup group) {
        return answer(EnergyQuery.builder(group));
    }

    /** A counter restarts from 0. */
    @Test
    void rises_belongToTheirLaterSample() {
        store(at("11:59:00", gpu(U).host("n1"), 1));
        store(at("12:00:00", gpu(U).host("n1"), 1000), at("12:00:00", gpu(V).host("n2"), 5000));
        store(at("12:01:00", pod(U, "ml", "a").host("n1"), 4000));
        store(at("12:02:00", pod(U, "ml", "a").host("n1"), 500), at("12:02:00", gpu(V).host("n2"), 6500));
        store(at("12:03:00", gpu(U).host("n2"), 1000));
        assertThat(by(EnergyGroup.GPU)).containsExactly(U + " 4.0 1", V + " 1.5 1");
        assertThat(by(EnergyGroup.HOST)).containsExactly("n1 3.5 1", "n2 2.0 2");
        assertThat(by(EnergyGroup.NAMESPACE)).containsExactly("ml 3.5 1", " 2.0 2");
        assertThat(by(EnergyGroup.POD)).containsExactly("ml/a 3.5 1", " 2.0 2");
        assertThat(answer(EnergyQuery.builder(EnergyGroup.GPU).limit(1).offset(1)))
                .containsExactly(V + " 1.5 1");
    }

    @Test
    void podsThatShareAGpu_haveEqualParts() {
        store(at("12:00:00", pod(U, "ml", "a"), 0), at("12:00:00", pod(U, "web", "a"), 0));
        store(
                at("12:01:00", gpu(U), 12_000),
                at("12:01:00", pod(U, "ml", "a").container("one"), 12_000),
                at("12:01:00", pod(U, "ml", "a").container("two"), 12_000),
                at("12:01:00", pod(U, "ml", "b"), 12_000),
                at("12:01:00", pod(U, "web", "a"), 12_000));
        assertThat(by(EnergyGroup.GPU)).containsExactly(U + " 12.0 1");
        assertThat(by(EnergyGroup.NAMESPACE)).containsExactly("ml 6.0 1", "web 6.0 1");
        assertThat(by(EnergyGroup.POD)).containsExactly("ml/a 4.0 1", "ml/b 4.0 1", "web/a 4.0 1");
    }

    @Test
    void migInstances_haveOneCounter() {
        store(at("12:00:00", gpu(U).migInstance("7"), 1000), at("12:00:00", gpu(U).migInstance("8"), 1000));
        store(
                at("12:01:00", pod(U, "ml", "a").migInstance("7"), 3000),
                at("12:01:00", gpu(U).migInstance("8"), 2900),
                at("12:01:00", gpu(U).nvlink("1"), 9_000_000));
        assertThat(by(EnergyGroup.GPU)).containsExactly(U + " 2.0 1");
        assertThat(by(EnergyGroup.POD)).containsExactly("ml/a 2.0 1", " 0.0 1");
    }

    @Test
    void wideRows_countForGpusWithoutSamples() {
        store(at("12:00:00", gpu(U), 1000), at("12:01:00", gpu(U), 3000));
        fleet.storeWide(List.of(
                at("12:00:00", gpu(U), 1000),
                at("12:01:00", gpu(U), 3000),
                at("12:00:00", gpu(W).host("n3"), 1000),
                at("12:01:00", gpu(W).host("n3"), 6000),
                at("12:02:00", gpu(W).host("n3"), 250)));
        assertThat(by(EnergyGroup.GPU)).containsExactly(W + " 5.25 1", U + " 2.0 1");
        assertThat(by(EnergyGroup.HOST)).containsExactly("n3 5.25 1", "node-17 2.0 1");
        assertThat(by(EnergyGroup.NAMESPACE)).containsExactly(" 2.0 1");
    }

    @Test
    void nothingStored_isAnEmptyAnswer() {
        assertThat(by(EnergyGroup.HOST)).isEmpty();
    }

    @Test
    void end_isNotBeforeTheStart() {
        EnergyQuery.Builder query = EnergyQuery.builder(EnergyGroup.GPU)
                .from(Instant.parse(DAY + "12:00:00Z"))
                .to(Instant.parse(DAY + "11:00:00Z"));
        assertThatExceptionOfType(InvalidQueryException.class)
                .isThrownBy(query::build)
                .satisfies(e -> assertThat(e.parameter()).isEqualTo("end_time"));
    }
}
