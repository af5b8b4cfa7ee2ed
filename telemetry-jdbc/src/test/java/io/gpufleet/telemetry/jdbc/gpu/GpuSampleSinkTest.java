package io.gpufleet.telemetry.jdbc.gpu;

import static io.gpufleet.telemetry.jdbc.gpu.Samples.NOON;
import static io.gpufleet.telemetry.jdbc.gpu.Samples.gpu;
import static io.gpufleet.telemetry.jdbc.gpu.Samples.sample;
import static io.gpufleet.telemetry.jdbc.gpu.Samples.uuid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.TelemetryEvent.DuplicatesDropped;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.gpu.QualityFlag;
import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.Feed;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class GpuSampleSinkTest {
    private static final String FLAT_ROWS = "SELECT ts, metric_name, gpu_id, device, uuid, model_name, hostname,"
            + " container, pod, namespace, metric_value, labels_raw, instance, scope FROM gpu_telemetry"
            + " ORDER BY uuid, metric_name, ts, instance";
    private static final String EVENTS = "SELECT ts, uuid, xid FROM gpu_xid_events ORDER BY ts, uuid";
    private static final String XID = "DCGM_FI_DEV_XID_ERRORS";
    private static final String TEMP = "DCGM_FI_DEV_GPU_TEMP";

    @Parameter
    PostgresVersion version;

    private Database database;
    private Feed<GpuSample> feed;

    @BeforeEach
    void open() {
        open(GpuLayout.NUMBERED);
    }

    private void open(GpuLayout layout) {
        database = version.gpuDatabase(layout);
        feed = feed(layout, "g");
    }

    private Feed<GpuSample> feed(GpuLayout layout, String group) {
        return Feed.open(GpuSampleSink.builder(database.dataSource(), layout).build(), Feed.P0, group);
    }

    @Test
    void write_storesTheSampleByNumbers() {
        GpuSubject instance = gpu(1).migInstance("7")
                .migProfile("1g.10gb")
                .namespace("ml")
                .pod("train-0")
                .container("main")
                .label("job", "dgx \"a\\b\"\n")
                .build();
        GpuSample sample =
                sample(instance, TEMP, 61.5, NOON.plusNanos(123_456_789)).withQuality(Set.of(QualityFlag.LATE));
        Samples.write(feed, List.of(sample));

        assertThat(database.rows("SELECT * FROM gpu"))
                .containsExactly("1|" + uuid(1) + "|1|nvidia1|00000000:11:00.0|NVIDIA H100 80GB HBM3|n1|ml"
                        + "|2026-11-20 12:00:00.123456+00|2026-11-20 12:00:00.123456+00|null");
        assertThat(database.rows("SELECT * FROM gpu_metric")).containsExactly("150|" + TEMP + "|gauge|C");
        assertThat(
                        database.rows(
                                "SELECT hostname, namespace, pod, container, gpu_id, device, model_name, pci_bus_id,"
                                        + " labels ->> 'job' = E'dgx \"a\\\\b\"\\n', labels ->> 'GPU_I_PROFILE', last_day FROM gpu_labels"))
                .containsExactly("n1|ml|train-0|main|1|nvidia1|NVIDIA H100 80GB HBM3|00000000:11:00.0|t|1g.10gb"
                        + "|2026-11-20");
        assertThat(database.rows("SELECT ts, series_key, metric_value, labels_id = (SELECT labels_id FROM gpu_labels),"
                        + " gpu_no, metric_no, instance, scope, quality FROM gpu_sample"))
                .containsExactly("2026-11-20 12:00:00.123456+00|" + instance.seriesKey() + "|61.5|t|1|150|gi:7|1|2");
    }

    @ParameterizedTest
    @EnumSource(GpuLayout.class)
    void write_givesTheRowsOfAFlatTable(GpuLayout layout) {
        open(layout);
        GpuSubject link = gpu(2).nvlink("3").label("job", "dgx").build();
        GpuSubject cpu = GpuSubject.builder("GPU-x").discriminator("xid", "31").build();
        Samples.write(
                feed, List.of(sample(link, "DCGM_FI_DEV_NVLINK_TX_BANDWIDTH", 1, NOON), sample(cpu, "x", 2, NOON)));
        assertThat(database.rows(FLAT_ROWS))
                .containsExactly(
                        "2026-11-20 12:00:00+00|DCGM_FI_DEV_NVLINK_TX_BANDWIDTH|2|nvidia2|" + uuid(2)
                                + "|NVIDIA H100 80GB HBM3|n1||||1|{\"job\": \"dgx\", \"pci_bus_id\": \"00000000:12:00.0\"}"
                                + "|nvlink:3|2",
                        "2026-11-20 12:00:00+00|x|null||GPU-x||||||2|{\"xid\": \"31\"}||4");
    }

    @ParameterizedTest
    @EnumSource(GpuLayout.class)
    void write_keepsTheFirstOfAKeyAndCountsConflicts(GpuLayout layout) {
        open(layout);
        GpuSubject gpu = gpu(1).build();
        Samples.write(
                feed,
                List.of(
                        sample(gpu, TEMP, 40, NOON),
                        sample(gpu, TEMP, 41, NOON),
                        sample(gpu, TEMP, 40, NOON),
                        sample(gpu, TEMP, 0.0, NOON.plusSeconds(1)),
                        sample(gpu, TEMP, -0.0, NOON.plusSeconds(1))));
        Samples.write(
                feed,
                List.of(
                        sample(gpu(1).host("n2").build(), TEMP, 42, NOON),
                        sample(gpu, TEMP, 43, NOON.plusSeconds(2)),
                        sample(gpu, TEMP, 44, NOON.plusSeconds(2)),
                        sample(gpu, TEMP, 40, NOON)));
        assertThat(feed.events()).containsExactly(new DuplicatesDropped(3, 1), new DuplicatesDropped(3, 2));
        assertThat(database.rows("SELECT ts, metric_value FROM gpu_telemetry ORDER BY ts"))
                .containsExactly("2026-11-20 12:00:00+00|40", "2026-11-20 12:00:01+00|0", "2026-11-20 12:00:02+00|43");
        assertThat(database.row("SELECT hostname FROM gpu")).isEqualTo("n1");
    }

    @Test
    void write_numbersUnknownMetricsFromAHundredThousand() {
        GpuSubject gpu = gpu(1).build();
        database.execute("INSERT INTO gpu_metric (metric_no, metric_name) VALUES (7, 'DCGM_FI_DEV_SM_CLOCK')");
        Samples.write(
                feed,
                List.of(
                        sample(gpu, "DCGM_FI_DEV_GPU_TEMP_CELSIUS", 1, NOON),
                        sample(gpu, "DCGM_FI_MADE_UP", 2, NOON),
                        sample(gpu, "DCGM_FI_DEV_SM_CLOCK", 3, NOON)));
        Samples.write(feed, List.of(sample(gpu, "DCGM_FI_MADE_UP_TOO", 3, NOON), sample(gpu, TEMP, 4, NOON)));
        assertThat(database.rows("SELECT m.metric_no, metric_name, metric_value FROM gpu_sample JOIN gpu_metric AS m"
                        + " USING (metric_no) ORDER BY metric_no"))
                .containsExactly(
                        "7|DCGM_FI_DEV_SM_CLOCK|3",
                        "150|DCGM_FI_DEV_GPU_TEMP|1",
                        "100000|DCGM_FI_MADE_UP|2",
                        "100001|DCGM_FI_MADE_UP_TOO|3");
    }

    /** The fall to 0 and the repeated number are no events; neither order nor a second delivery makes one. */
    @ParameterizedTest
    @EnumSource(GpuLayout.class)
    void xidEvents_areTheRisesInAnyOrder(GpuLayout layout) {
        open(layout);
        List<GpuSample> samples = new ArrayList<>();
        int[] xids = {0, 0, 31, 31, 31, 0, 45, 45};
        for (int i = 0; i < xids.length; i++) {
            for (int instance = 1; instance <= 3; instance++) {
                GpuSubject subject = gpu(1).migInstance(Integer.toString(instance))
                        .label("err_code", Integer.toString(xids[i]))
                        .build();
                samples.add(sample(subject, XID, xids[i], NOON.plusSeconds(30L * i)));
            }
        }
        samples.addAll(List.copyOf(samples));
        Collections.shuffle(samples, new Random(62));
        for (int i = 0; i < samples.size(); i += 7) {
            Samples.write(feed, samples.subList(i, Math.min(i + 7, samples.size())));
        }
        assertThat(database.rows(EVENTS))
                .containsExactly(
                        "2026-11-20 12:01:00+00|" + uuid(1) + "|31", "2026-11-20 12:03:00+00|" + uuid(1) + "|45");
    }

    /** A restored copy lacks what was committed after it was taken, and a new GPU may have got the number. */
    @Test
    void write_insertsAgainWhatARestoredCopyLacks() {
        GpuSubject first = gpu(1).build();
        Samples.write(feed, List.of(sample(first, "DCGM_FI_MADE_UP", 1, NOON)));
        database.execute("DELETE FROM gpu_sample; DELETE FROM gpu; DELETE FROM gpu_metric; DELETE FROM gpu_labels");
        database.execute("INSERT INTO gpu (gpu_no, uuid) VALUES (1, 'GPU-other');"
                + " INSERT INTO gpu_metric (metric_no, metric_name) VALUES (100000, 'other')");
        Samples.write(feed, List.of(sample(first, "DCGM_FI_MADE_UP", 1, NOON)));
        assertThat(database.rows("SELECT uuid, metric_name, hostname, metric_value FROM gpu_telemetry"))
                .containsExactly(uuid(1) + "|DCGM_FI_MADE_UP|n1|1");
    }

    @Test
    void write_raisesTheLastDayOfLabelsAlsoAfterARestore() {
        GpuSubject gpu = gpu(1).build();
        Samples.write(feed, List.of(sample(gpu, TEMP, 1, NOON)));
        Samples.write(feed, List.of(sample(gpu, TEMP, 1, NOON.plusSeconds(86_400 * 3))));
        Samples.write(feed, List.of(sample(gpu, TEMP, 1, NOON.plusSeconds(86_400 * 2))));
        assertThat(database.row("SELECT last_day FROM gpu_labels")).isEqualTo("2026-11-23");
        database.execute("UPDATE gpu_labels SET last_day = '2026-11-20'");
        Samples.write(feed, List.of(sample(gpu, TEMP, 1, NOON.plusSeconds(86_400 * 3 + 1))));
        assertThat(database.row("SELECT last_day FROM gpu_labels")).isEqualTo("2026-11-23");
    }

    @Test
    void write_refusesOtherLabelsUnderTheSameHash() {
        GpuSample sample = sample(gpu(1).build(), TEMP, 1, NOON);
        Samples.write(feed, List.of(sample));
        database.execute("UPDATE gpu_labels SET labels = '{\"job\": \"other\"}'");
        Feed<GpuSample> other = feed(GpuLayout.NUMBERED, "other");
        SinkException failure = catchThrowableOfType(SinkException.class, () -> Samples.write(other, List.of(sample)));
        assertThat(failure.kind()).isEqualTo(SinkException.Kind.DATA);
        assertThat(failure).hasMessageContaining("a stored row has other contents under the same hash");
    }
}
