package io.gpufleet.telemetry.jdbc.query;

import static io.gpufleet.telemetry.jdbc.query.StoredFleet.U;
import static io.gpufleet.telemetry.jdbc.query.StoredFleet.V;
import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Xid events from samples and from wide rows, whole and in parts. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class XidEventsTest {
    private static final String XID = "DCGM_FI_DEV_XID_ERRORS";
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    @Parameter
    PostgresVersion version;

    private StoredFleet fleet;

    @BeforeEach
    void open() {
        fleet = new StoredFleet(version);
    }

    /** A reading every 30 seconds. */
    private static List<GpuSample> readings(GpuSubject gpu, int... xids) {
        List<GpuSample> samples = new ArrayList<>();
        for (int xid : xids) {
            samples.add(StoredFleet.sample(
                    gpu, XID, xid, NOON.plusSeconds(30L * samples.size()).toString()));
        }
        return samples;
    }

    private static GpuSubject gpu(String uuid) {
        return StoredFleet.gpu(uuid).build();
    }

    private List<String> events(XidQuery.Builder query) {
        return fleet.queries().xidEvents(query.from(NOON).build()).stream()
                .map(event -> event.time() + " " + event.xid() + " " + event.instance())
                .toList();
    }

    @Test
    void xidEvents_areChangesToAnotherXid_inWhateverOrderTheSamplesCame() {
        List<GpuSample> samples = readings(gpu(U), 0, 0, 31, 31, 31, 0, 45, 45);
        Collections.shuffle(samples, new Random(1));
        samples.forEach(sample -> fleet.store(List.of(sample)));
        String[] expected = {"2026-03-01T12:03:00Z 45 ", "2026-03-01T12:01:00Z 31 "};
        assertThat(events(XidQuery.ofGpu(U))).containsExactly(expected);
        fleet.compact(LocalDate.of(2026, 3, 1));
        assertThat(events(XidQuery.ofGpu(U))).containsExactly(expected);
        assertThat(events(XidQuery.ofAllGpus().limit(1))).containsExactly(expected[0]);
        assertThat(events(XidQuery.ofAllGpus().offset(1))).containsExactly(expected[1]);
    }

    /** Each instance repeats the last Xid of its GPU. */
    @Test
    void xidEvents_ofMigInstancesAreOneOfTheGpu() {
        for (String instance : List.of("7", "8", "5")) {
            fleet.store(readings(StoredFleet.gpu(U).migInstance(instance).build(), 0, 79, 79));
        }
        fleet.store(readings(gpu(V), 0, 48));
        assertThat(events(XidQuery.ofGpu(U))).containsExactly("2026-03-01T12:00:30Z 79 gi:5");
        assertThat(events(XidQuery.ofAllGpus())).hasSize(2);
    }

    /** One that was there before is not new. */
    @Test
    void xidEvents_lookADayBack() {
        fleet.store(readings(gpu(U), 31, 31, 45, 31));
        assertThat(fleet.queries()
                        .xidEvents(XidQuery.ofGpu(U).from(NOON.plusSeconds(30)).build()))
                .extracting(XidEvent::time)
                .containsExactly(NOON.plusSeconds(90), NOON.plusSeconds(60));
        assertThat(fleet.queries()
                        .xidEvents(XidQuery.ofGpu(U).from(NOON).to(NOON).build()))
                .containsExactly(new XidEvent(NOON, U, 31, "", "node-17"));
    }

    @Test
    void xidEvents_ofAGpuWithoutSamplesComeFromItsWideRows() {
        fleet.store(readings(gpu(V), 0, 48)).storeWide(readings(gpu(V), 13)).storeWide(readings(gpu(U), 0, 31, 31, 79));
        String[] expected = {"2026-03-01T12:01:30Z 79 ", "2026-03-01T12:00:30Z 48 ", "2026-03-01T12:00:30Z 31 "};
        assertThat(events(XidQuery.ofAllGpus())).containsExactlyInAnyOrder(expected);
        fleet.compact(LocalDate.of(2026, 3, 1));
        assertThat(events(XidQuery.ofAllGpus())).containsExactlyInAnyOrder(expected);
    }

    /** The last Xid of a GPU goes on in the series of the next pod, and of a new MIG instance. */
    @Test
    void xidEvents_thatOtherSeriesGoOnWithAreNotNew() {
        int second = 0;
        for (String pod : List.of("", "", "a", "a", "b", "")) {
            store(StoredFleet.gpu(U).namespace(pod).pod(pod).container(pod).build(), 31, second);
            second += 30;
        }
        for (String instance : List.of("1", "2", "3")) {
            store(StoredFleet.gpu(V).migInstance(instance).build(), 79, second);
            second += 30;
        }
        assertThat(events(XidQuery.ofGpu(U))).containsExactly("2026-03-01T12:00:00Z 31 ");
        assertThat(events(XidQuery.ofGpu(V))).containsExactly("2026-03-01T12:03:00Z 79 gi:1");
        store(gpu(U), 0, second);
        store(StoredFleet.gpu(U).namespace("c").pod("c").container("c").build(), 31, second + 30);
        assertThat(events(XidQuery.ofGpu(U))).containsExactly("2026-03-01T12:05:00Z 31 ", "2026-03-01T12:00:00Z 31 ");
    }

    private void store(GpuSubject gpu, int xid, int second) {
        fleet.store(List.of(
                StoredFleet.sample(gpu, XID, xid, NOON.plusSeconds(second).toString())));
    }
}
