package io.gpufleet.telemetry.jdbc.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Lists of GPUs, where their newest samples saw them. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class GpuListTest {
    private static final String TEMP = "DCGM_FI_DEV_GPU_TEMP";

    @Parameter
    PostgresVersion version;

    private StoredFleet fleet;

    @BeforeEach
    void store() {
        fleet = new StoredFleet(version);
        store("GPU-c", "n2", "nvidia2", "ml", "2026-03-01T12:00:00Z");
        store("GPU-b", "n2", "nvidia10", "", "2026-03-01T12:00:00Z");
        store("GPU-a", "n1", "nvidia0", "ml", "2026-03-01T12:00:00Z");
        store("GPU-a", "n3", "nvidia0", "web", "2026-03-01T13:00:00Z");
    }

    private void store(String uuid, String host, String device, String namespace, String time) {
        GpuSubject.Builder gpu =
                GpuSubject.builder(uuid).host(host).device(device).model("H100");
        fleet.store(List.of(StoredFleet.sample(gpu.namespace(namespace).build(), TEMP, 60, time)));
    }

    private List<String> uuids(GpuFilter filter) {
        return fleet.queries().gpus(filter).rows().stream().map(StoredGpu::uuid).toList();
    }

    @Test
    void gpus_comeByHostAndDevice() {
        assertThat(uuids(GpuFilter.all())).containsExactly("GPU-c", "GPU-b", "GPU-a");
        Page<StoredGpu> page =
                fleet.queries().gpus(GpuFilter.builder().limit(1).offset(2).build());
        assertThat(page.total()).hasValue(3);
        assertThat(page.rows()).singleElement().satisfies(gpu -> {
            assertThat(gpu.hostname()).isEqualTo("n3");
            assertThat(gpu.namespace()).isEqualTo("web");
            assertThat(gpu.index()).isEmpty();
            assertThat(gpu.model()).isEqualTo("H100");
            assertThat(gpu.firstSeen()).isEqualTo(Instant.parse("2026-03-01T12:00:00Z"));
            assertThat(gpu.lastSeen()).isEqualTo(Instant.parse("2026-03-01T13:00:00Z"));
        });
        Page<StoredGpu> beyond =
                fleet.queries().gpus(GpuFilter.builder().offset(5_000).build());
        assertThat(beyond.total()).hasValue(3);
        assertThat(beyond.rows()).isEmpty();
    }

    @Test
    void gpu_isFoundByUuidAndPlace() {
        assertThat(fleet.queries().gpu("gpu-A").hostname()).isEqualTo("n3");
        assertThat(fleet.queries().gpu("nvidia10:n2").uuid()).isEqualTo("GPU-b");
        assertThatExceptionOfType(UnknownGpuException.class)
                .isThrownBy(() -> fleet.queries().gpu("GPU-none"))
                .withMessage("no samples of GPU \"GPU-none\"");
        assertThatExceptionOfType(InvalidQueryException.class)
                .isThrownBy(() -> fleet.queries().gpu(""))
                .withMessage("id must not be empty");
    }

    @Test
    void gpus_areFiltered() {
        assertThat(uuids(GpuFilter.builder().host("n2").build())).containsExactly("GPU-c", "GPU-b");
        assertThat(uuids(GpuFilter.builder().host("n1").build())).isEmpty();
        assertThat(uuids(GpuFilter.builder().namespace("ml").build())).containsExactly("GPU-c");
        assertThat(uuids(GpuFilter.builder().model("H100").host("n3").build())).containsExactly("GPU-a");
        assertThat(uuids(GpuFilter.builder()
                        .seenSince(Instant.parse("2026-03-01T12:00:00.000001Z"))
                        .build()))
                .containsExactly("GPU-a");
        assertThatExceptionOfType(InvalidQueryException.class)
                .isThrownBy(() -> GpuFilter.builder().host(""))
                .withMessage("host must not be empty");
        assertThatExceptionOfType(InvalidQueryException.class)
                .isThrownBy(() -> GpuFilter.builder().limit(1_001))
                .withMessage("limit must be 1..1000, was 1001");
        assertThatExceptionOfType(InvalidQueryException.class)
                .isThrownBy(() -> GpuFilter.builder().offset(-1))
                .withMessage("offset must be >= 0, was -1");
    }

    @Test
    void hostsAndNamespaces_countEachGpuOnce() {
        assertThat(fleet.queries().hosts()).containsExactly(new GpuCount("n2", 2), new GpuCount("n3", 1));
        assertThat(fleet.queries().namespaces()).containsExactly(new GpuCount("ml", 1), new GpuCount("web", 1));
    }

    /** The instances of the hour before the newest sample. */
    @Test
    void gpus_countTheirMigInstances() {
        for (String instance : List.of("1", "2", "3")) {
            String time = instance.equals("3") ? "2026-03-01T11:59:59Z" : "2026-03-01T12:30:00Z";
            fleet.store(List.of(StoredFleet.sample(
                    GpuSubject.builder("GPU-m").migInstance(instance).build(), "DCGM_FI_DEV_FB_USED", 1, time)));
        }
        fleet.store(List.of(StoredFleet.sample(GpuSubject.builder("GPU-m").build(), TEMP, 60, "2026-03-01T13:00:00Z")));
        fleet.storeWide(List.of(StoredFleet.sample(
                GpuSubject.builder("GPU-w").migInstance("4").build(),
                "DCGM_FI_DEV_FB_USED",
                1,
                "2026-03-01T12:30:00Z")));
        assertThat(instances()).containsExactly("GPU-m 2", "GPU-w 1", "GPU-c 0", "GPU-b 0", "GPU-a 0");
        fleet.compact(LocalDate.of(2026, 3, 1));
        assertThat(instances()).containsExactly("GPU-m 2", "GPU-w 1", "GPU-c 0", "GPU-b 0", "GPU-a 0");
    }

    private List<String> instances() {
        return fleet.queries().gpus(GpuFilter.all()).rows().stream()
                .map(gpu -> gpu.uuid() + " " + gpu.migInstances())
                .toList();
    }

    @Test
    void gpus_seenSinceATimeOutsideOfTheCalendar_andBetweenMicroseconds() {
        for (Instant time : List.of(Instant.MIN, Instant.parse("-9999-01-01T00:00:00Z"))) {
            assertThat(uuids(GpuFilter.builder().seenSince(time).build())).hasSize(3);
        }
        for (Instant time : List.of(
                Instant.MAX, Instant.parse("+300000-01-01T00:00:00Z"), Instant.parse("2026-03-01T13:00:00.0000001Z"))) {
            assertThat(uuids(GpuFilter.builder().seenSince(time).build())).isEmpty();
        }
    }

    @Test
    void textsThatNoColumnHolds_areRefused() {
        String text = "a\0b";
        for (ThrowingCallable question : List.<ThrowingCallable>of(
                () -> GpuFilter.builder().host(text),
                () -> GpuFilter.builder().namespace(text),
                () -> GpuFilter.builder().model(text),
                () -> SampleQuery.builder("GPU-a").instance(text),
                () -> AggregateQuery.builder("GPU-a", TEMP, Aggregation.MAX).instance(text))) {
            assertThatExceptionOfType(InvalidQueryException.class)
                    .isThrownBy(question)
                    .withMessageEndingWith(" must not contain the character U+0000");
        }
    }

    /** A place that is empty now has the GPU that was there last, whichever it was. */
    @Test
    void gpu_isFoundAtItsFormerPlace() {
        store("GPU-d", "n9", "nvidia4", "", "2026-03-01T12:00:00Z");
        store("GPU-e", "n9", "nvidia4", "", "2026-03-01T13:00:00Z");
        store("GPU-e", "n9", "nvidia5", "", "2026-03-01T14:00:00Z");
        store("GPU-d", "n8", "nvidia0", "", "2026-03-01T15:00:00Z");
        assertThat(fleet.queries().gpu("nvidia0:n1").uuid()).isEqualTo("GPU-a");
        assertThat(fleet.queries().gpu("nvidia4:n9").uuid()).isEqualTo("GPU-e");
        store("GPU-c", "n9", "nvidia4", "", "2026-03-01T13:00:00Z");
        assertThat(fleet.queries().gpu("nvidia4:n9").uuid()).isEqualTo("GPU-c");
        store("GPU-c", "n2", "nvidia2", "", "2026-03-01T14:00:00Z");
        assertThatExceptionOfType(InvalidQueryException.class)
                .isThrownBy(() -> fleet.queries().gpu("nvidia4:n9"))
                .withMessage("GPU \"nvidia4:n9\" names 2 GPUs: GPU-c, GPU-e; use the UUID");
        assertThatExceptionOfType(UnknownGpuException.class)
                .isThrownBy(() -> fleet.queries().gpu("nvidia6:n9"));
        fleet.compact(LocalDate.of(2026, 3, 1));
        assertThat(fleet.queries().gpu("nvidia0:n1").uuid()).isEqualTo("GPU-a");
        assertThatExceptionOfType(InvalidQueryException.class)
                .isThrownBy(() -> fleet.queries().gpu("nvidia4:n9"));
    }
}
