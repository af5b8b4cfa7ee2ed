package io.gpufleet.telemetry.jdbc.gpu;

import static io.gpufleet.telemetry.jdbc.gpu.Samples.NOON;
import static io.gpufleet.telemetry.jdbc.gpu.Samples.gpu;
import static io.gpufleet.telemetry.jdbc.gpu.Samples.sample;
import static io.gpufleet.telemetry.jdbc.gpu.Samples.uuid;
import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.gpu.GpuReading;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.MetricEvent;
import io.gpufleet.telemetry.gpu.QualityFlag;
import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.Feed;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class GpuMetricsSinkTest {
    private static final String UTIL = "DCGM_FI_DEV_GPU_UTIL";
    private static final String TEMP = "DCGM_FI_DEV_GPU_TEMP";
    private static final String POWER = "DCGM_FI_DEV_POWER_USAGE";
    private static final String USED = "DCGM_FI_DEV_FB_USED";
    private static final String ENGINE = "DCGM_FI_PROF_GR_ENGINE_ACTIVE";
    /** Enough rows for a copy. */
    private static final int MANY = 1_100;

    private static final long MIB = 1 << 20;
    private static final WideRows GRID = WideRows.inGrid(Duration.ofSeconds(30));

    @Parameter
    PostgresVersion version;

    private Database database;

    @BeforeEach
    void open() {
        database = version.gpuDatabase(GpuLayout.NUMBERED);
    }

    private Messages messages(WideRows rows) {
        return Messages.open(GpuMetricsSink.builder(database.dataSource(), rows).build(), Feed.P0, "g");
    }

    private static GpuSample of(int gi, String metric, double value, Instant time) {
        return sample(
                gpu(1).migInstance(String.valueOf(gi)).migProfile("1g.5gb").build(), metric, value, time);
    }

    private static GpuSample whole(String metric, double value, Instant time) {
        return sample(gpu(1).build(), metric, value, time);
    }

    private List<String> rows(String columns) {
        return database.rows(
                "SELECT to_char(time, 'HH24:MI:SS'), " + columns + " FROM gpu_metrics ORDER BY gpu_no, time");
    }

    @Test
    void create_writesOneRowOfAScrape() {
        messages(WideRows.ofMessages())
                .write(
                        whole(TEMP, 61, NOON.plusSeconds(1)),
                        whole(UTIL, 80, NOON),
                        whole(POWER, 512.5, NOON),
                        whole(USED, 4, NOON.plusSeconds(1)),
                        whole("DCGM_FI_DEV_SM_CLOCK", 1980, NOON.plusSeconds(3)),
                        whole("DCGM_FI_PROF_SM_ACTIVE", 0.87, NOON),
                        whole("DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION", 55491669881.0, NOON),
                        whole("DCGM_FI_PROF_PCIE_TX_BYTES", 123456789, NOON));

        assertThat(rows("gpu_no, gpu_utilization, gpu_temp, power_usage, fb_used_bytes, sm_clock_mhz, sm_active,"
                        + " energy_mj, pcie_tx_bytes_per_sec, memory_temp, quality, at, derived"))
                .containsExactly("12:00:00|1|80|61|512.5|4194304|1980|87|55491669881|123456789|null|0|null|null");
        assertThat(database.row(
                        "SELECT gpu_uuid, hostname, pci_bus_id, device_index, gpu_temp" + " FROM gpu_metrics_by_uuid"))
                .isEqualTo(uuid(1) + "|n1|00000000:11:00.0|1|61");
        assertThat(database.count("gpu_mig_metrics")).isZero();
    }

    /** What was committed first stays; a later message fills the blanks. */
    @Test
    void write_ofAMessageOfTheSameTimeFillsBlanksOnly() {
        Messages messages = messages(WideRows.ofMessages());
        messages.write(whole(UTIL, 80, NOON));
        messages.write(whole(UTIL, 99, NOON), whole(TEMP, 61, NOON));
        messages.write(whole(UTIL, 80, NOON), whole(TEMP, 61, NOON));
        assertThat(rows("gpu_utilization, gpu_temp")).containsExactly("12:00:00|80|61");
    }

    /** A change to both tables leaves what is stored out of the rows; wide rows of another group fill them. */
    @Test
    void addTo_leavesStoredSamplesOut_andAnotherGroupFillsTheRows() {
        GpuSample[] message = {whole(UTIL, 80, NOON), whole(TEMP, 61, NOON)};
        GpuSample[] next = {whole(UTIL, 70, NOON.plusSeconds(30)), whole(TEMP, 62, NOON.plusSeconds(30))};
        Messages.open(GpuSampleSink.create(database.dataSource()), Feed.P0, "long")
                .write(message);
        Messages both = Messages.open(both(), Feed.P0, "both");
        both.write(message);
        both.write(next);
        assertThat(rows("gpu_utilization, gpu_temp"))
                .as("the stored samples stay out")
                .containsExactly("12:00:30|70|62");

        Messages wide = Messages.open(GpuMetricsSink.create(database.dataSource()), Feed.P0, "wide");
        wide.write(message);
        wide.write(next);

        assertThat(rows("gpu_utilization, gpu_temp")).containsExactly("12:00:00|80|61", "12:00:30|70|62");
        assertThat(GpuSampleInvariant.check(database.dataSource(), WideRows.ofMessages()))
                .hasToString("Invariant holds");
    }

    private PostgresSink<GpuSample> both() {
        return GpuMetricsSink.addTo(GpuSampleSink.builder(database.dataSource()), WideRows.ofMessages())
                .build();
    }

    /** Many new rows are copied, and those with a stored key are merged all the same; the next new ones, too. */
    @Test
    void write_ofManyRowsMergesThoseThatAreThere() {
        Messages messages = messages(WideRows.ofMessages());
        messages.write(ofEach(POWER, 100, NOON));
        messages.write(ofEach(POWER, 200, NOON.plusSeconds(30)));
        messages.write(
                Stream.of(ofEach(TEMP, 61, NOON), ofEach(POWER, 300, NOON), ofEach(TEMP, 62, NOON.plusSeconds(60)))
                        .flatMap(Stream::of)
                        .toArray(GpuSample[]::new));
        messages.write(ofEach(TEMP, 63, NOON.plusSeconds(90)));

        assertThat(database.rows("SELECT to_char(time, 'SS'), power_usage, gpu_temp, count(*) FROM gpu_metrics"
                        + " GROUP BY 1, 2, 3, time ORDER BY time"))
                .containsExactly(
                        "00|100|61|" + MANY, "30|200|null|" + MANY, "00|null|62|" + MANY, "30|null|63|" + MANY);
    }

    private static GpuSample[] ofEach(String metric, double value, Instant time) {
        return IntStream.range(0, MANY)
                .mapToObj(number -> sample(gpu(number).build(), metric, value, time))
                .toArray(GpuSample[]::new);
    }

    @Test
    void write_ofSevenInstancesIsOneGpu() {
        messages(WideRows.ofMessages())
                .write(
                        of(7, POWER, 112.25, NOON),
                        of(8, POWER, 106.5, NOON),
                        of(5, POWER, 112.25, NOON),
                        of(7, USED, 6, NOON),
                        of(8, USED, 4384, NOON),
                        of(5, USED, 13, NOON),
                        of(7, ENGINE, 0, NOON),
                        of(8, ENGINE, 0.4085, NOON),
                        of(5, ENGINE, 0.25, NOON));

        assertThat(rows("power_usage, fb_used_bytes, fb_free_bytes, gpu_utilization, sm_active, derived"))
                .containsExactly("12:00:00|112.25|" + 4403 * MIB + "|null|null|null|" + (4 + 16));
        assertThat(database.rows("SELECT gi, profile, fb_used_bytes, gr_engine_active, sm_active FROM gpu_mig_metrics"
                        + " ORDER BY gi"))
                .containsExactly(
                        "5|1g.5gb|" + 13 * MIB + "|25|null",
                        "7|1g.5gb|" + 6 * MIB + "|0|null",
                        "8|1g.5gb|" + 4384 * MIB + "|" + 0.4085 * 100 + "|null");
        assertThat(database.count("gpu")).isEqualTo(1);
    }

    @Test
    void write_ofInstancesInMessagesOfTheirOwnAddsUpOnceAllHaveReported() {
        Messages messages = messages(GRID);
        Instant later = NOON.plusSeconds(30);
        messages.write(of(7, USED, 6, NOON));
        messages.write(of(8, USED, 10, NOON));
        assertThat(rows("fb_used_bytes")).containsExactly("12:00:00|" + 16 * MIB);
        messages.write(of(7, USED, 7, later), of(7, POWER, 100, later));
        assertThat(rows("fb_used_bytes, power_usage"))
                .containsExactly("12:00:00|" + 16 * MIB + "|null", "12:00:30|null|100");
        messages.write(of(8, USED, 11, later));
        messages.write(of(8, POWER, 90, later));
        assertThat(rows("fb_used_bytes, power_usage"))
                .containsExactly("12:00:00|" + 16 * MIB + "|null", "12:00:30|" + 18 * MIB + "|100");
    }

    /** A late instance belongs to the GPU for the hour after it, also in rows that are stored already. */
    @Test
    void write_ofALateInstanceTakesBackSumsThatLackIt() {
        Messages messages = messages(GRID);
        Instant late = NOON.minus(Duration.ofMinutes(59)).minusSeconds(30);
        messages.write(of(7, USED, 6, NOON));
        messages.write(of(7, USED, 6, NOON.plusSeconds(30)));
        assertThat(rows("fb_used_bytes")).containsExactly("12:00:00|" + 6 * MIB, "12:00:30|" + 6 * MIB);
        messages.write(of(8, TEMP, 50, late));
        assertThat(rows("fb_used_bytes, derived"))
                .containsExactly("11:00:30|null|1", "12:00:00|null|null", "12:00:30|" + 6 * MIB + "|16");
    }

    @Test
    void write_ofTheWholeGpuWinsOverTheSumInAnyOrder() {
        List<GpuSample> samples = List.of(
                of(7, USED, 6, NOON), whole(USED, 100, NOON.plusSeconds(1)), of(7, USED, 7, NOON.plusSeconds(2)));
        for (List<Integer> order : List.of(List.of(0, 1, 2), List.of(2, 1, 0), List.of(1, 0, 2))) {
            database.execute("TRUNCATE gpu_metrics, gpu_mig_metrics");
            Messages messages = Messages.open(
                    GpuMetricsSink.builder(database.dataSource(), GRID).build(), Feed.P0, "group " + order);
            order.forEach(i -> messages.write(samples.get(i)));
            assertThat(rows("fb_used_bytes, derived, at[5]"))
                    .containsExactly("12:00:00|" + 100 * MIB + "|null|1000000");
            assertThat(database.row("SELECT fb_used_bytes, at[1] FROM gpu_mig_metrics"))
                    .isEqualTo(7 * MIB + "|2000000");
        }
    }

    @Test
    void write_ofSingleSamplesFillsTheCellsOfAGrid() {
        Messages messages = messages(GRID);
        messages.write(whole(TEMP, 61, NOON.plusSeconds(29)));
        messages.write(whole(TEMP, 60, NOON.plusSeconds(14)));
        messages.write(whole(UTIL, 5, NOON.plusSeconds(3)));
        messages.write(whole(TEMP, 62, NOON.plusSeconds(29)));
        messages.write(whole(TEMP, 63, NOON.plusSeconds(30)));
        assertThat(rows("gpu_temp, gpu_utilization, at[1], at[23], at[2]"))
                .containsExactly("12:00:00|62|5|29000000|3000000|null", "12:00:30|63|null|0|null|null");
    }

    @Test
    void isIdempotent_soThatOneBadLineCostsOneLine() {
        assertThat(GpuMetricsSink.create(database.dataSource()).isIdempotent()).isTrue();
        assertThat(GpuMetricsSink.ofEvents(database.dataSource()).build().isIdempotent())
                .isTrue();
        assertThat(GpuMetricsSink.addTo(GpuSampleSink.builder(database.dataSource()), GRID)
                        .build()
                        .isIdempotent())
                .isTrue();
    }

    @Test
    void ofEvents_writesOneRowOfEachEvent() {
        PostgresSink<MetricEvent> sink =
                GpuMetricsSink.ofEvents(database.dataSource()).build();
        Feed<MetricEvent> feed = Feed.open(sink, Feed.P0);
        MetricEvent event = MetricEvent.builder(
                        new MetricEvent.Gpu(uuid(1), "", OptionalInt.of(3), "00000000:18:00.0", "H100", "", ""),
                        new MetricEvent.Host("n7", "", "", ""))
                .time(NOON)
                .value(GpuReading.GPU_TEMP, 61.5)
                .value(GpuReading.FB_USED, 4403)
                .count(GpuReading.XID_LAST, 31)
                .count(GpuReading.POWER_VIOLATION, (1L << 53) + 1)
                .quality(new MetricEvent.Quality(
                        OptionalDouble.of(12.5),
                        Optional.empty(),
                        java.util.OptionalLong.empty(),
                        "",
                        Optional.empty(),
                        "",
                        Optional.of(true),
                        List.of("late", "something else"),
                        Optional.empty(),
                        "",
                        Optional.empty()))
                .build();
        feed.add(event, NOON).write();
        feed.add(event.toBuilder().value(GpuReading.GPU_TEMP, 99).build(), NOON).write();

        assertThat(rows("gpu_temp, fb_used_bytes, xid_last, power_violation_ns, quality, validation_passed,"
                        + " collection_latency_ms"))
                .containsExactly(
                        "12:00:00|61.5|" + 4403 * MIB + "|31|9007199254740993|" + QualityFlag.LATE.bit() + "|t|12.5");
        assertThat(database.row("SELECT gpu_uuid, hostname, device_index FROM gpu_metrics_by_uuid"))
                .isEqualTo(uuid(1) + "|n7|3");
    }

    /** Of a replayed message only what is new counts, but in the row to which it belongs. */
    @Test
    void addTo_placesASampleByItsWholeMessage() {
        Messages messages = Messages.open(
                GpuMetricsSink.addTo(GpuSampleSink.builder(database.dataSource()), WideRows.ofMessages())
                        .build(),
                Feed.P0,
                "g");
        messages.write(whole(UTIL, 80, NOON), whole(POWER, 300, NOON.plusSeconds(1)));
        messages.write(
                whole(UTIL, 80, NOON), whole(POWER, 300, NOON.plusSeconds(1)), whole(TEMP, 61, NOON.plusSeconds(2)));
        // A conflict with a stored sample gets into no row.
        messages.write(whole(USED, 1, NOON.minusSeconds(1)), whole(POWER, 999, NOON.plusSeconds(1)));

        assertThat(rows("gpu_utilization, power_usage, gpu_temp, fb_used_bytes"))
                .containsExactly("11:59:59|null|null|null|" + MIB, "12:00:00|80|300|61|null");
        assertThat(database.count("gpu_sample")).isEqualTo(4);
    }

    @Test
    void migration_hasEveryReadingWithItsTypeAndNumber() {
        List<String> expected = new ArrayList<>();
        for (GpuReading reading : GpuReading.values()) {
            expected.add(reading.column() + "|" + reading.columnType() + "|" + reading.number());
        }
        assertThat(database.rows("SELECT a.attname, format_type(a.atttypid, NULL), n FROM pg_attribute AS a"
                        + " CROSS JOIN LATERAL substring(col_description(a.attrelid, a.attnum), '; number (\\d+)$') AS n"
                        + " WHERE a.attrelid = 'gpu_metrics'::regclass AND n IS NOT NULL ORDER BY n::int"))
                .isEqualTo(expected);
        assertThat(Arrays.asList(GpuReading.values())).hasSize(55);
    }
}
