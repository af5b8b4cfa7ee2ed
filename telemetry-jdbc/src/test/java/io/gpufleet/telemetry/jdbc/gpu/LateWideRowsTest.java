package io.gpufleet.telemetry.jdbc.gpu;

import static io.gpufleet.telemetry.jdbc.gpu.Samples.NOON;
import static io.gpufleet.telemetry.jdbc.gpu.Samples.gpu;
import static io.gpufleet.telemetry.jdbc.gpu.Samples.sample;
import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.Feed;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Late readings of compacted wide rows: the rows are the same as without compaction. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class LateWideRowsTest {
    private static final LocalDate DAY = LocalDate.ofInstant(NOON, ZoneOffset.UTC);
    private static final WideRows GRID = WideRows.inGrid(Duration.ofSeconds(30));
    private static final String TEMP = "DCGM_FI_DEV_GPU_TEMP";
    private static final String POWER = "DCGM_FI_DEV_POWER_USAGE";
    private static final String USED = "DCGM_FI_DEV_FB_USED";
    private static final List<String> METRICS = List.of(TEMP, POWER, USED, USED);
    private static final String ROWS =
            "SELECT (to_jsonb(m) - 'gpu_no')::text FROM gpu_metrics_by_uuid AS m" + " ORDER BY gpu_uuid, time";
    private static final String INSTANCES =
            "SELECT (to_jsonb(m) - 'gpu_no')::text FROM gpu_mig_metrics AS m ORDER BY gpu_no, gi, time";

    @Parameter
    PostgresVersion version;

    private Database database;
    private CompactedDay day;

    @BeforeEach
    void open() {
        database = version.gpuDatabase(GpuLayout.NUMBERED);
        day = CompactedDay.ofWideRows(database, DAY);
    }

    private PostgresSink<GpuSample> sink(WideRows rows) {
        return GpuMetricsSink.builder(database.dataSource(), rows).build();
    }

    private static GpuSample whole(String metric, double value, int second) {
        return sample(gpu(1).build(), metric, value, NOON.plusSeconds(second));
    }

    private static GpuSample of(int instance, int used, Instant time) {
        return sample(gpu(1).migInstance(String.valueOf(instance)).build(), USED, used, time);
    }

    /** Power at +4 s, temperature at +9 s and +1 s join that at +2 s, in every order, compacted in between or not. */
    @ParameterizedTest
    @CsvSource({"0,1,2", "0,2,1", "1,0,2", "1,2,0", "2,0,1", "2,1,0"})
    void lateReadings_joinTheirCell(int first, int second, int third) {
        List<GpuSample> late = List.of(whole(POWER, 300, 4), whole(TEMP, 61, 9), whole(TEMP, 59, 1));
        Messages messages = Messages.open(sink(GRID), Feed.P0, "g");
        messages.write(whole(TEMP, 60, 2));
        messages.write(whole(TEMP, 50, 32));
        day.open().compact();
        messages.write(late.get(first));
        messages.write(late.get(second));
        day.compact();
        messages.write(late.get(third));
        String cells = "SELECT to_char(time, 'MI:SS'), gpu_temp, power_usage, at[1], at[3] FROM gpu_metrics_by_uuid"
                + " ORDER BY time";
        List<String> rows = List.of("00:00|61|300|9000000|4000000", "00:30|50|null|2000000|null");
        assertThat(database.rows(cells)).isEqualTo(rows);
        assertThat(database.count("gpu_metrics")).isEqualTo(1);
        day.compact();
        assertThat(database.rows(cells)).isEqualTo(rows);
        assertThat(database.count("gpu_metrics")).isZero();
    }

    /** What was committed first stays, in an array too; a later message fills its blanks. */
    @Test
    void lateMessage_fillsBlanksOnly() {
        Messages messages = Messages.open(sink(WideRows.ofMessages()), Feed.P0, "g");
        messages.write(whole(TEMP, 60, 0));
        day.open().compact();
        messages.write(whole(TEMP, 99, 0), whole(POWER, 300, 0));
        messages.write(whole(TEMP, 98, 1), whole(POWER, 299, 1));
        assertThat(database.rows("SELECT gpu_temp, power_usage FROM gpu_metrics_by_uuid ORDER BY time"))
                .containsExactly("60|300", "98|299");
    }

    /** An instance that is seen late makes the sums of the hour after it unknown, in the hour of the array, too. */
    @Test
    void lateInstance_changesTheSumsOfTheHourAfter() {
        Messages messages = Messages.open(sink(GRID), Feed.P0, "g");
        Instant next = NOON.plus(Duration.ofMinutes(59));
        messages.write(of(7, 5, NOON), of(8, 6, NOON));
        messages.write(of(7, 5, NOON.plusSeconds(30)));
        messages.write(of(7, 1, next), of(8, 2, next));
        messages.write(of(7, 3, next.plusSeconds(61)), of(8, 4, next.plusSeconds(61)));
        day.open().compact();
        messages.write(of(9, 1, NOON.plusSeconds(31)));
        messages.write(of(8, 9, NOON.plusSeconds(30)));
        assertThat(database.rows("SELECT to_char(time, 'HH24:MI:SS'), fb_used_bytes / 1048576, derived"
                        + " FROM gpu_metrics_by_uuid ORDER BY time"))
                .containsExactly("12:00:00|11|16", "12:00:30|15|16", "12:59:00|null|null", "13:00:00|null|null");
        assertThat(database.count("gpu_metrics")).as("rows that may change").isEqualTo(3);
    }

    /** Retention drops the partitions of a day before the row that says it is compacted. */
    @Test
    void lateInstance_ofADayThatRetentionIsDroppingIsLeftOut() {
        Messages messages = Messages.open(sink(GRID), Feed.P0, "g");
        messages.write(of(7, 5, NOON));
        day.open().compact();
        database.execute("UPDATE gpu_metrics_retention SET kept_from = date '" + DAY.plusDays(1) + "';"
                + " UPDATE gpu_mig_metrics_retention SET kept_from = date '" + DAY.plusDays(1) + "';"
                + " DROP TABLE gpu_metrics_hour_" + DAY.toString().replace("-", ""));
        messages.write(of(7, 6, NOON.plusSeconds(30)));
        assertThat(database.count("gpu_metrics_compaction")).isEqualTo(1);
        assertThat(database.count("gpu_mig_metrics")).isEqualTo(1);
    }

    /** The rows of other GPUs and times stay where they are. */
    @Test
    void lateReading_copiesItsRowOnly() {
        Messages messages = Messages.open(sink(GRID), Feed.P0, "g");
        for (int i = 0; i < 20; i++) {
            messages.write(whole(TEMP, 60 + i, 30 * i));
        }
        day.open().compact();
        List<String> rows = database.rows(ROWS);
        messages.write(whole(TEMP, 61, 31));
        assertThat(database.count("gpu_metrics")).isEqualTo(1);
        assertThat(database.rows(ROWS)).hasSize(20).isNotEqualTo(rows);
        assertThat(database.count("gpu_metrics_hour")).isEqualTo(1);
    }

    /** The check of wide rows reads those in pieces, too; without them it finds samples in no row. */
    @Test
    void check_readsCompactedRows() {
        Messages both = Messages.open(
                GpuMetricsSink.addTo(GpuSampleSink.builder(database.dataSource()), GRID)
                        .build(),
                Feed.P0,
                "both");
        both.write(whole(TEMP, 60, 2), whole(POWER, 300, 4));
        both.write(of(7, 5, NOON), of(8, 6, NOON));
        day.open().compact();
        both.write(whole(TEMP, 61, 9));
        assertThat(database.count("gpu_metrics")).isEqualTo(1);
        day.compact();
        assertThat(GpuSampleInvariant.check(database.dataSource(), GRID)).hasToString("Invariant holds");
        database.execute("DELETE FROM gpu_metrics_piece");
        assertThat(GpuSampleInvariant.check(database.dataSource(), GRID).first())
                .hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void grid_isTheSameWithCompactionInBetween(long seed) {
        isTheSame(GRID, seed);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void messages_areTheSameWithCompactionInBetween(long seed) {
        isTheSame(WideRows.ofMessages(), seed);
    }

    private void isTheSame(WideRows rows, long seed) {
        List<List<List<GpuSample>>> batches = batches(new Random(seed));
        Messages plain = Messages.open(sink(rows), Feed.P0, "plain");
        batches.forEach(plain::write);
        List<String> expected = database.rows(ROWS);
        List<String> instances = database.rows(INSTANCES);
        database.execute("TRUNCATE gpu_metrics, gpu_mig_metrics");

        Random random = new Random(seed);
        Messages late = Messages.open(sink(rows), Feed.P0, "late");
        long moved = 0;
        for (int i = 0; i < batches.size(); i++) {
            if (i == 3) {
                day.open();
            }
            moved += i >= 3 && random.nextBoolean() ? day.compact() : 0;
            late.write(batches.get(i));
            assertThat(database.row("SELECT count(DISTINCT (gpu_no, time)) = count(*) FROM gpu_metrics_by_uuid"))
                    .isEqualTo("t");
        }
        assertThat(moved).isGreaterThan(expected.size());
        assertThat(database.rows(ROWS)).isEqualTo(expected);
        day.compact();
        assertThat(database.rows(ROWS)).isEqualTo(expected);
        assertThat(database.rows(INSTANCES)).isEqualTo(instances);
    }

    /** Returns batches of messages of two GPUs with instances, in few cells of three hours, so that they meet. */
    private static List<List<List<GpuSample>>> batches(Random random) {
        List<List<List<GpuSample>>> batches = new ArrayList<>();
        for (int batch = 0; batch < 14; batch++) {
            List<List<GpuSample>> messages = new ArrayList<>();
            for (int message = 0; message < 1 + random.nextInt(6); message++) {
                messages.add(message(random));
            }
            batches.add(messages);
        }
        return batches;
    }

    private static List<GpuSample> message(Random random) {
        Instant time = NOON.plus(Duration.ofMinutes(20L * random.nextInt(9)));
        int number = 1 + random.nextInt(2);
        List<GpuSample> message = new ArrayList<>();
        for (int i = 0; i < 1 + random.nextInt(3); i++) {
            String metric = METRICS.get(random.nextInt(METRICS.size()));
            GpuSubject.Builder subject = gpu(number);
            if (metric.equals(USED) && random.nextInt(4) > 0) {
                subject.migInstance(String.valueOf(7 + random.nextInt(2)));
            }
            message.add(
                    sample(subject.build(), metric, 1 + random.nextInt(4), time.plusSeconds(5L * random.nextInt(4))));
        }
        return message;
    }
}
