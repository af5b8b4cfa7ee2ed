package io.gpufleet.telemetry.jdbc.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import io.gpufleet.telemetry.testkit.Await;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The space of days in partitions made by hand: the default one, months, hours, and partitions of partitions. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class CompactionSpaceTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String FINISHED =
            "SELECT day FROM gpu_sample_compaction WHERE compacted_at IS NOT NULL" + " ORDER BY day";

    @Parameter
    PostgresVersion version;

    private CompactionFixture samples;
    private Database database;

    @BeforeEach
    void create() {
        samples = new CompactionFixture(version.gpuDatabase(GpuLayout.NUMBERED));
        database = samples.database();
    }

    private List<CompactionJob.DayResult> run() {
        return samples.job().build().runOnce().days();
    }

    private String heapOf(String partition) {
        return database.row("SELECT pg_relation_size('" + partition + "')");
    }

    @Test
    void runOnce_beside_aDefaultPartitionWithRowsGivesTheSpaceOfEachDayBack() {
        samples.with(CompactionFixture.DAY);
        database.execute("CREATE TABLE gpu_sample_other PARTITION OF gpu_sample DEFAULT");
        samples.insert(1, "2026-02-20 11:50+00", 120)
                .insert(2, "2026-03-01 11:50+00", 120)
                .insert(1, "2026-03-03 11:50+00", 1);
        List<String> before = samples.samples();

        List<CompactionJob.DayResult> days = run();
        assertThat(days)
                .extracting(CompactionJob.DayResult::day)
                .containsExactly(LocalDate.parse("2026-02-20"), CompactionFixture.DAY);
        assertThat(days.get(1).waiting()).isEmpty();
        assertThat(heapOf("gpu_sample_20260301")).isEqualTo("0");
        assertThat(days.get(0).waiting())
                .hasValue("public.gpu_sample_other has rows: they came late, could not be compacted, or are of another"
                        + " day");
        assertThat(days.get(0).bytesBefore()).isZero();
        assertThat(database.rows(FINISHED)).containsExactly("2026-02-20", "2026-03-01");
        assertThat(samples.samples()).isEqualTo(before);
        assertThat(run()).as("days of a second run").isEmpty();
    }

    @Test
    void runOnce_givesTheSpaceOfADefaultPartitionBackOnceItIsEmpty() {
        samples.with(CompactionFixture.DAY);
        database.execute("CREATE TABLE gpu_sample_other PARTITION OF gpu_sample DEFAULT");
        samples.insert(1, "2026-02-20 11:50+00", 120).insert(1, "2026-02-21 11:50+00", 120);
        List<String> before = samples.samples();
        assertThat(run()).hasSize(2).allSatisfy(day -> assertThat(day.waiting()).isEmpty());
        assertThat(database.row("SELECT pg_total_relation_size('gpu_sample_other') ="
                        + " pg_total_relation_size('gpu_sample_20260301')"))
                .isEqualTo("t");
        assertThat(heapOf("gpu_sample_other")).isEqualTo("0");
        assertThat(samples.samples()).isEqualTo(before);
    }

    /** A late row of one day does not keep the others of the default partition from being compacted. */
    @Test
    void runOnce_leavesADayOpenWhoseRowsStayInTheDefaultPartition() {
        database.execute("CREATE TABLE gpu_sample_other PARTITION OF gpu_sample DEFAULT");
        samples.insert(1, "2026-02-20 11:50+00", 2).insert(1, "2026-02-21 11:50+00", 2);
        database.execute("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                + " IF NEW.hour < '2026-02-21 00:00+00' THEN RAISE 'no room'; END IF; RETURN NEW; END $$;"
                + " CREATE TRIGGER refuse BEFORE INSERT ON gpu_sample_piece FOR EACH ROW EXECUTE FUNCTION refuse()");
        assertThat(run()).extracting(day -> day.failures().size()).containsExactly(1, 0);
        assertThat(database.rows(FINISHED)).containsExactly("2026-02-21");
    }

    @Test
    void runOnce_givesTheSpaceOfAMonthBackInOneVacuum() {
        database.execute("CREATE TABLE gpu_sample_month PARTITION OF gpu_sample FOR VALUES FROM ('2026-02-01 00:00+00')"
                + " TO ('2026-03-01 00:00+00')");
        samples.insert(1, "2026-02-10 12:00+00", 8640 * 4 / 10);
        database.execute("UPDATE gpu_sample SET ts = ts + (n % 5) * interval '1 day' FROM (SELECT ctid AS c,"
                + " row_number() OVER () AS n FROM gpu_sample_month) AS r WHERE gpu_sample.ctid = r.c");
        List<String> before = samples.samples();
        assertThat(run()).hasSize(5).allSatisfy(day -> assertThat(day.waiting()).isEmpty());
        assertThat(heapOf("gpu_sample_month")).isEqualTo("0");
        assertThat(samples.samples()).isEqualTo(before);
        String vacuums = "SELECT vacuum_count FROM pg_stat_user_tables WHERE relname = 'gpu_sample_month'";
        Await.until("the vacuum is counted", LIMIT, () -> !database.row(vacuums).equals("0"));
        assertThat(database.row(vacuums)).isEqualTo("1");
        assertThat(run()).isEmpty();
    }

    @Test
    void runOnce_givesTheSpaceOfPartitionsOfADayBackOneByOne() {
        database.execute("CREATE TABLE gpu_sample_day PARTITION OF gpu_sample FOR VALUES FROM ('2026-03-01 00:00+00')"
                + " TO ('2026-03-02 00:00+00') PARTITION BY HASH (gpu_no);"
                + " CREATE TABLE gpu_sample_even PARTITION OF gpu_sample_day FOR VALUES WITH (MODULUS 2, REMAINDER 0);"
                + " CREATE TABLE gpu_sample_odd PARTITION OF gpu_sample_day FOR VALUES WITH (MODULUS 2, REMAINDER 1)");
        samples.insert(8, "2026-03-01 11:00+00", 120);
        List<String> before = samples.samples();
        int refused = Integer.parseInt(database.row("SELECT min(gpu_no) FROM gpu_sample_odd"));
        database.execute("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                + " IF NEW.gpu_no = " + refused + " THEN RAISE 'no room'; END IF; RETURN NEW; END $$;"
                + " CREATE TRIGGER refuse BEFORE INSERT ON gpu_sample_piece FOR EACH ROW EXECUTE FUNCTION refuse()");
        String bytes =
                database.row("SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('gpu_sample_day')");

        CompactionJob.DayResult day = run().get(0);
        assertThat(day.waiting())
                .hasValueSatisfying(reason -> assertThat(reason)
                        .startsWith("public.gpu_sample_odd has rows")
                        .doesNotContain("gpu_sample_even"));
        assertThat(day.bytesBefore()).isEqualTo(Long.parseLong(bytes));
        assertThat(heapOf("gpu_sample_even")).isEqualTo("0");

        database.execute("DROP TRIGGER refuse ON gpu_sample_piece");
        assertThat(run().get(0).waiting()).isEmpty();
        assertThat(heapOf("gpu_sample_odd")).isEqualTo("0");
        assertThat(samples.samples()).isEqualTo(before);
    }

    @Test
    void runOnce_givesTheSpaceOfAnHourlyPartitionBack() {
        database.execute("CREATE TABLE gpu_sample_noon PARTITION OF gpu_sample FOR VALUES FROM ('2026-03-01 12:00+00')"
                + " TO ('2026-03-01 13:00+00'); CREATE TABLE gpu_sample_other PARTITION OF gpu_sample DEFAULT");
        samples.insert(1, "2026-03-01 12:00+00", 10).insert(1, "2026-03-03 12:00+00", 1);
        run();
        assertThat(heapOf("gpu_sample_noon")).isEqualTo("0");
        assertThat(database.rows(FINISHED)).containsExactly("2026-03-01");
    }

    /** The bytes that a day would take as rows grow with its late rows, but not by the empty pages of a few. */
    @Test
    void runOnce_countsTheBytesOfLateRows() {
        samples.with(CompactionFixture.DAY).insert(2, "2026-03-01 11:50+00", 720);
        run();
        long first = bytesBefore();
        samples.insert(1, "2026-03-01 11:50:01+00", 1);
        run();
        assertThat(bytesBefore()).isBetween(first + 1, first + 1000);
        samples.insert(4, "2026-03-01 11:50:02+00", 720);
        run();
        assertThat(bytesBefore()).isBetween(first * 5 / 2, first * 7 / 2);
    }

    private long bytesBefore() {
        return Long.parseLong(database.row("SELECT bytes_before FROM gpu_sample_compaction"));
    }
}
