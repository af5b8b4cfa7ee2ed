package io.gpufleet.telemetry.jdbc.gpu;

import static io.gpufleet.telemetry.jdbc.gpu.Samples.NOON;
import static io.gpufleet.telemetry.jdbc.gpu.Samples.gpu;
import static io.gpufleet.telemetry.jdbc.gpu.Samples.sample;
import static io.gpufleet.telemetry.jdbc.gpu.Samples.uuid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.Feed;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import io.gpufleet.telemetry.jdbc.gpu.GpuSampleInvariant.Difference;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class GpuSampleInvariantTest {
    private static final String TEMP = "DCGM_FI_DEV_GPU_TEMP";

    @Parameter
    PostgresVersion version;

    private Database database;

    /** Two GPUs, of which the first has moved a day later. */
    private void write(GpuLayout layout) {
        database = version.gpuDatabase(layout);
        Samples.write(
                Feed.open(GpuSampleSink.builder(database.dataSource(), layout).build(), Feed.P0),
                List.of(
                        sample(gpu(1).build(), TEMP, 1, NOON),
                        sample(gpu(1).host("n2").build(), TEMP, 1, NOON.plusSeconds(86_400)),
                        sample(gpu(2).namespace("ml").build(), TEMP, 1, NOON.plusSeconds(3_600))));
    }

    private GpuSampleInvariant.Result check() {
        return GpuSampleInvariant.check(database.dataSource());
    }

    @ParameterizedTest
    @EnumSource(GpuLayout.class)
    void check_holdsForWhatTheSinkWrites(GpuLayout layout) {
        write(layout);
        assertThat(check()).hasToString("Invariant holds");
        database.execute("DELETE FROM gpu_sample_retention; INSERT INTO gpu_sample_retention VALUES ('2026-11-21')");
        assertThat(check()).hasToString("Invariant holds");
        database.execute("DROP TABLE " + (layout == GpuLayout.FLAT ? "gpu_telemetry" : "gpu_sample") + "_20261120");
        assertThat(check()).hasToString("Invariant holds");
    }

    @ParameterizedTest
    @CsvSource({
        "hostname, n1, n2",
        "pci_bus_id, x, 00000000:11:00.0",
        "namespace, x, ''",
        "gpu_id, 2, 1",
        "device, x, nvidia1",
        "model_name, x, NVIDIA H100 80GB HBM3",
        "first_seen, 2026-11-20 12:00:01+00, 2026-11-20 12:00:00+00",
        "last_seen, 2026-11-21 12:00:01+00, 2026-11-21 12:00:00+00",
        "moved_at, 2026-11-20 12:00:01+00, 2026-11-20 12:00:00+00"
    })
    void check_findsAColumn(String column, String wrong, String right) {
        for (GpuLayout layout : GpuLayout.values()) {
            write(layout);
            database.execute("UPDATE gpu SET " + column + " = '" + wrong + "' WHERE uuid = '" + uuid(1) + "'");
            assertThat(check().first()).containsExactly(new Difference(uuid(1), column, wrong, right));
        }
    }

    @Test
    void check_findsAMoveThatNeverWas() {
        write(GpuLayout.NUMBERED);
        database.execute("UPDATE gpu SET moved_at = first_seen WHERE uuid = '" + uuid(2) + "'");
        assertThat(check())
                .hasToString("Invariant does not hold, 1 differences: " + uuid(2)
                        + ": moved_at is 2026-11-20 13:00:00+00, not null");
    }

    @Test
    void check_findsAGpuThatIsMissingAndOneThatIsTooMany() {
        write(GpuLayout.FLAT);
        database.execute("DELETE FROM gpu WHERE uuid = '" + uuid(1) + "'");
        database.execute("INSERT INTO gpu (uuid, last_seen) VALUES ('x', now())");
        assertThat(check().first())
                .containsExactly(
                        new Difference(uuid(1), "row", "missing", "present"),
                        new Difference("x", "row", "present", "missing"));
    }

    @Test
    void check_findsNumbersWithoutARow() {
        write(GpuLayout.NUMBERED);
        String labels = database.row("SELECT labels_id FROM gpu_labels WHERE hostname = 'n2'");
        database.execute("DELETE FROM gpu_metric; DELETE FROM gpu WHERE uuid = '" + uuid(2)
                + "'; DELETE FROM gpu_labels WHERE hostname = 'n2'");
        assertThat(check().first())
                .contains(
                        new Difference("number 150", "metric_no", "missing", "present"),
                        new Difference("number 2", "gpu_no", "missing", "present"),
                        new Difference("number " + labels, "labels_id", "missing", "present"));
    }

    @Test
    void check_findsLabelsThatRetentionWouldRemoveTooSoon() {
        write(GpuLayout.NUMBERED);
        String labels = database.row("SELECT labels_id FROM gpu_labels WHERE hostname = 'n2'");
        database.execute("UPDATE gpu_labels SET last_day = '2026-11-20'");
        assertThat(check().first())
                .containsExactly(new Difference("number " + labels, "last_day", "2026-11-20", "2026-11-21"));
    }

    @Test
    void check_readsCompactedDays() {
        write(GpuLayout.NUMBERED);
        compact();
        assertThat(database.count("gpu_sample")).isZero();
        assertThat(check()).hasToString("Invariant holds");
        database.execute("UPDATE gpu_labels SET last_day = last_day - 1");
        assertThat(check().first()).hasSize(3).extracting(Difference::column).containsOnly("last_day");
    }

    private void compact() {
        CompactionJob.builder(database.dataSource())
                .clock(Clock.fixed(NOON.plus(Duration.ofDays(9)), ZoneOffset.UTC))
                .build()
                .runOnce();
    }

    /** A piece with one value for all samples has no list whose length could be wrong. */
    @ParameterizedTest
    @CsvSource({"times_no = 99, times 99 of 1 samples", "samples = samples + 1, times 0 of 2 samples"})
    void check_findsPiecesWithoutTheirTimes(String change, String times) {
        write(GpuLayout.NUMBERED);
        compact();
        database.execute("UPDATE gpu_sample_piece SET " + change + " WHERE hour = '2026-11-20 13:00+00'");
        String hour = uuid(2) + " in the hour from 2026-11-20 13:00:00+00";
        assertThat(check().first())
                .contains(
                        new Difference(hour, TEMP + ", " + times, "missing", "present"),
                        new Difference(hour, "times 0 of 1 samples", "present", "missing"));
    }

    @ParameterizedTest
    @CsvSource({
        "constants = NULL, 0 values, 1 or more",
        "'places = array_fill(1::smallint, ARRAY[cardinality(places)])', 1 values, 2 or more"
    })
    void check_findsWidePiecesWithoutTheirValues(String change, String stored, String expected) {
        database = version.gpuDatabase(GpuLayout.NUMBERED);
        Messages.open(
                        GpuMetricsSink.builder(database.dataSource(), WideRows.inGrid(Duration.ofSeconds(30)))
                                .build(),
                        Feed.P0,
                        "g")
                .write(sample(gpu(1).build(), "DCGM_FI_DEV_POWER_USAGE", Double.MIN_VALUE, NOON));
        compact();
        database.execute("UPDATE gpu_metrics_piece SET " + change);
        assertThat(check().first())
                .contains(new Difference(
                        uuid(1) + " in the hour from 2026-11-20 12:00:00+00", "column number 2", stored, expected));
    }

    @Test
    void check_withoutTablesSaysSo() {
        database = version.emptyDatabase();
        assertThatThrownBy(this::check).hasMessageContaining("gpu_sample_retention");
    }
}
