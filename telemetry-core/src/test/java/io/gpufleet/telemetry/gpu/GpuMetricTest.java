package io.gpufleet.telemetry.gpu;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class GpuMetricTest {

    /** A row of the table of the specification: {@code | id | name | name since 4.6 | first name | unit | …}. */
    record Row(List<String> cells) {
        String name() {
            return "DCGM_FI_" + cells.get(1);
        }

        /** The words before a remark in brackets or after a comma. */
        String first(int cell) {
            return cells.get(cell).replaceAll(" *[(,].*| since driver load| number.*", "");
        }
    }

    static Stream<Row> rows() throws IOException {
        try (InputStream table = requireNonNull(GpuMetricTest.class.getResourceAsStream("dcgm-fields.md"))) {
            return new String(table.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.matches("\\| \\d.*"))
                    .map(line -> new Row(Arrays.stream(line.split("\\|", -1))
                            .skip(1)
                            .map(String::trim)
                            .toList()));
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    void catalogue_hasEachRow(Row row) {
        GpuMetric metric = GpuMetric.named(row.name());

        assertThat(metric.name()).isEqualTo(row.name());
        assertThat(metric.fieldId()).isEqualTo(Integer.parseInt(row.cells().get(0)));
        assertThat(metric.unit()).isEqualTo(row.first(4));
        assertThat(metric.isLabel()).isEqualTo(row.first(5).equals("label"));
        assertThat(metric.kind()).isEqualTo(row.first(5).equals("counter") ? MetricKind.COUNTER : MetricKind.GAUGE);
        assertThat(metric.type().name())
                .isEqualTo(
                        switch (row.cells().get(6)) {
                            case "i64" -> "INTEGER";
                            case "f64" -> "DOUBLE";
                            default -> "TEXT";
                        });
        assertThat(metric.isPerInstance()).isEqualTo(row.cells().get(7).equals("instance"));
        assertThat(metric.range()).isEqualTo(row.cells().get(9));
        assertThat(GpuMetric.catalogue()).contains(metric);
    }

    @ParameterizedTest
    @MethodSource("rows")
    void named_findsEachNameOfARow(Row row) {
        GpuMetric metric = GpuMetric.named(row.name());
        String first = row.cells().get(3).isEmpty()
                ? "dcgm_" + row.cells().get(1).replaceFirst("^DEV_", "").toLowerCase(Locale.ROOT)
                : row.cells().get(3);

        assertThat(GpuMetric.named("DCGM_FI_"
                        + (row.cells().get(2).isEmpty()
                                ? row.cells().get(1)
                                : row.cells().get(2))))
                .isSameAs(metric);
        assertThat(GpuMetric.named(first)).isSameAs(metric);
        assertThat(GpuMetric.named(row.name() + "_total")).isSameAs(metric);
        assertThat(GpuMetric.known(row.name())).containsSame(metric);
    }

    @Test
    void catalogue_isSortedAndUnique() {
        assertThat(rowsOfCatalogue()).isSorted().doesNotHaveDuplicates().hasSizeGreaterThan(90);
        assertThat(GpuMetric.catalogue()).doesNotHaveDuplicates();
    }

    private static List<Integer> rowsOfCatalogue() {
        return GpuMetric.catalogue().stream().map(GpuMetric::fieldId).toList();
    }

    @ParameterizedTest
    @CsvSource({
        "DCGM_FI_DEV_GPU_UTIL_RATIO, DCGM_FI_DEV_GPU_UTIL",
        "DCGM_FI_PROF_SM_UTIL_RATIO, DCGM_FI_PROF_SM_ACTIVE",
        "DCGM_FI_DEV_GPU_TEMP_CELSIUS, DCGM_FI_DEV_GPU_TEMP",
        "DCGM_FI_DEV_BOARD_POWER_WATTS, DCGM_FI_DEV_POWER_USAGE",
        "DCGM_FI_DEV_XID_ERROR, DCGM_FI_DEV_XID_ERRORS",
        "dcgm_gpu_temp, DCGM_FI_DEV_GPU_TEMP",
        "dcgm_memory_clock, DCGM_FI_DEV_MEM_CLOCK",
        "dcgm_ecc_sbe_vol_total, DCGM_FI_DEV_ECC_SBE_VOL_TOTAL",
        "DCGM_FI_DEV_CLOCKS_EVENT_REASONS, DCGM_FI_DEV_CLOCK_THROTTLE_REASONS",
        "DCGM_FI_DEV_PCIE_REPLAY_COUNTER_total, DCGM_FI_DEV_PCIE_REPLAY_COUNTER",
    })
    void named_givesTheNameBeforeDcgm46(String name, String canonical) {
        assertThat(GpuMetric.named(name).name()).isEqualTo(canonical);
    }

    @ParameterizedTest
    @CsvSource({
        "DCGM_FI_DEV_INFOROM_VALID, DCGM_FI_DEV_INFOROM_CONFIG_VALID, 84",
        "DCGM_FI_DEV_NVLINK_CRC_FLIT_ERROR_L12_TOTAL, DCGM_FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_L12, 406",
        "DCGM_FI_DEV_NVLINK_RECOVERY_ERROR_L17_TOTAL, DCGM_FI_DEV_NVLINK_RECOVERY_ERROR_COUNT_L17, 493",
        "DCGM_FI_DEV_NVLINK_THROUGHPUT_L11, DCGM_FI_DEV_NVLINK_BANDWIDTH_L11, 480",
        "DCGM_FI_DEV_NVLINK_RX_THROUGHPUT_L17, DCGM_FI_DEV_NVLINK_RX_BANDWIDTH_L17, 896",
        "DCGM_FI_DEV_NVLINK_RX_THROUGHPUT_TOTAL, DCGM_FI_DEV_NVLINK_RX_BANDWIDTH_TOTAL, 897",
        "DCGM_FI_DEV_ECC_DBE_AGG_SRM, DCGM_FI_DEV_ECC_DBE_AGG_SRM, 345",
        "DCGM_FI_DEV_DIAG_PULSE_TEST_RESULT, DCGM_FI_DEV_DIAG_PULSE_TEST_RESULT, 357",
        "DCGM_FI_DEV_NVLINK_PPCNT_PLR_SYNC_EVENT_TOTAL, DCGM_FI_DEV_NVLINK_PPCNT_PLR_SYNC_EVENTS, 592",
        "DCGM_FI_DEV_NVSWITCH_LINK_CRC_ERROR_L7_TOTAL, DCGM_FI_DEV_NVSWITCH_LINK_CRC_ERRORS_LANE7, 820",
        "DCGM_FI_DEV_NVSWITCH_LINK_ECC_ERROR_L3_TOTAL, DCGM_FI_DEV_NVSWITCH_LINK_ECC_ERRORS_LANE3, 816",
        "DCGM_FI_DEV_NVSWITCH_LINK_REMOTE_LINK_ID, DCGM_FI_DEV_NVSWITCH_LINK_DEVICE_LINK_ID, 876",
        "DCGM_FI_PROF_NVOFA_UTIL_1_RATIO, DCGM_FI_PROF_NVOFA1_ACTIVE, 1034",
        "DCGM_FI_PROF_NVLINK_L17_RX_BYTES, DCGM_FI_PROF_NVLINK_L17_RX_BYTES, 1075",
        "DCGM_FI_PROF_FP16_CYCLES_ACTIVE_TOTAL, DCGM_FI_PROF_FP16_CYCLES_ACTIVE_TOTAL, 1096",
        "DCGM_FI_DEV_NVLINK_EFFECTIVE_ERROR_TOTAL, DCGM_FI_DEV_NVLINK_COUNT_EFFECTIVE_ERRORS, 1219",
        "DCGM_FI_DEV_CLOCKS_EVENT_REASON_HW_POWER_BRAKE_SLOWDOWN_NS, DCGM_FI_DEV_CLOCKS_EVENT_REASON_HW_POWER_BRAKE_SLOWDOWN_NS, 1424",
        "DCGM_FI_DEV_MEMORY_UNREPAIRABLE, DCGM_FI_DEV_MEMORY_UNREPAIRABLE_FLAG, 1507",
        "DCGM_FI_DEV_GPU_RECOVERY_ACTION, DCGM_FI_DEV_GET_GPU_RECOVERY_ACTION, 1523",
        "DCGM_FI_PROF_NVLINK_RX_BYTES_PER_LINK, DCGM_FI_PROF_NVLINK_RX_BYTES_PER_LINK, 1533",
    })
    void named_knowsTheOtherFieldsOfDcgm(String name, String canonical, int fieldId) {
        assertThat(GpuMetric.named(name).name()).isEqualTo(canonical);
        assertThat(GpuMetric.named(canonical).name()).isEqualTo(canonical);
        assertThat(GpuMetric.named(name).fieldId()).isEqualTo(fieldId);
        assertThat(GpuMetric.known(name)).isPresent();
    }

    @Test
    void named_keepsAnUnknownName() {
        GpuMetric metric = GpuMetric.named("DCGM_FI_DEV_SOMETHING_NEW");

        assertThat(metric.name()).isEqualTo("DCGM_FI_DEV_SOMETHING_NEW");
        assertThat(metric.fieldId()).isZero();
        assertThat(metric.kind()).isEqualTo(MetricKind.GAUGE);
        assertThat(metric.type()).isEqualTo(ValueType.UNKNOWN);
        assertThat(metric.unit()).isEmpty();
        assertThat(metric.range()).isEmpty();
        assertThat(metric.isLabel()).isFalse();
        assertThat(metric.allows(-Double.MAX_VALUE)).isTrue();
        assertThat(GpuMetric.known("DCGM_FI_DEV_SOMETHING_NEW")).isEmpty();
        assertThat(GpuMetric.named("go_goroutines_total").name()).isEqualTo("go_goroutines_total");
    }

    @Test
    void named_believesTheDeclaredKindOfAnUnknownNameOnly() {
        assertThat(GpuMetric.named("DCGM_FI_DEV_SOMETHING_NEW", MetricKind.COUNTER)
                        .kind())
                .isEqualTo(MetricKind.COUNTER);
        assertThat(GpuMetric.named("DCGM_FI_DEV_NVLINK_RX_PACKET_TOTAL", MetricKind.COUNTER)
                        .kind())
                .isEqualTo(MetricKind.COUNTER);
        assertThat(GpuMetric.named("DCGM_FI_DEV_NVLINK_RX_PACKET_TOTAL").kind()).isEqualTo(MetricKind.GAUGE);
        assertThat(GpuMetric.named("DCGM_FI_DEV_PCIE_TX_THROUGHPUT", MetricKind.COUNTER)
                        .kind())
                .isEqualTo(MetricKind.GAUGE);
        assertThat(GpuMetric.named("DCGM_FI_DEV_POWER_VIOLATION", MetricKind.GAUGE)
                        .kind())
                .isEqualTo(MetricKind.COUNTER);
        assertThat(GpuMetric.named("DCGM_FI_DEV_POWER_VIOLATION").unit()).isEqualTo("ns");
    }

    @ParameterizedTest
    @CsvSource({
        "DCGM_EXP_XID_ERRORS_COUNT, GAUGE, ''",
        "DCGM_EXP_CLOCK_EVENTS_COUNT, GAUGE, ''",
        "DCGM_FI_PROF_NVLINK_L3_TX_BYTES, GAUGE, B/s",
        "DCGM_FI_PROF_NVLINK_RX_BYTES_PER_LINK, GAUGE, B/s",
        "DCGM_FI_PROF_NVDEC0_ACTIVE, GAUGE, ratio",
        "DCGM_FI_PROF_NVDEC_UTIL_0_RATIO, GAUGE, ratio",
        "DCGM_FI_DEV_NVLINK_BANDWIDTH_L3, GAUGE, MB/s",
        "DCGM_FI_DEV_NVLINK_CRC_DATA_ERROR_COUNT_L17, COUNTER, count",
        "DCGM_FI_DEV_NVLINK_CRC_DATA_ERROR_L17_TOTAL, COUNTER, count",
        "DCGM_FI_DEV_ECC_SBE_VOL_L2, COUNTER, count",
        "DCGM_FI_DEV_ECC_DBE_AGG_DEV, COUNTER, count",
        "DCGM_FI_PROF_PCIE_TX_BYTES_TOTAL, COUNTER, ''",
    })
    void named_readsKindAndUnitFromThePattern(String name, MetricKind kind, String unit) {
        MetricKind other = kind == MetricKind.GAUGE ? MetricKind.COUNTER : MetricKind.GAUGE;

        assertThat(GpuMetric.named(name, other).kind()).isEqualTo(kind);
        assertThat(GpuMetric.named(name).unit()).isEqualTo(unit);
        assertThat(GpuMetric.named(name).allows(-1)).isFalse();
    }

    @Test
    void named_givesPatternsOfRatiosTheirRange() {
        GpuMetric metric = GpuMetric.named("DCGM_FI_PROF_NVJPG3_ACTIVE");

        assertThat(metric.range()).isEqualTo("0..1.1");
        assertThat(metric.type()).isEqualTo(ValueType.DOUBLE);
        assertThat(metric.isPerInstance()).isTrue();
        assertThat(metric.allows(1.1)).isTrue();
        assertThat(metric.allows(1.2)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "DCGM_FI_DEV_POWER_USAGE, LARGEST",
        "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION, LARGEST",
        "DCGM_FI_DEV_XID_ERRORS, LARGEST",
        "my_metric, LARGEST",
        "DCGM_FI_DEV_FB_TOTAL, SUM",
        "DCGM_FI_DEV_FB_FREE, SUM",
        "DCGM_FI_DEV_FB_USED, SUM",
        "DCGM_FI_DEV_FB_RESERVED, SUM",
        "DCGM_FI_DEV_FB_USED_RATIO, NONE",
        "DCGM_FI_PROF_GR_ENGINE_ACTIVE, NONE",
        "DCGM_FI_PROF_NVJPG3_ACTIVE, NONE"
    })
    void instanceTotal_addsUpAmountsOfMemoryOnly(String name, InstanceTotal total) {
        assertThat(GpuMetric.named(name).instanceTotal()).isEqualTo(total);
    }

    @Test
    void metrics_areEqualByNameAndKind() {
        GpuMetric gauge = GpuMetric.named("DCGM_FI_DEV_SOMETHING_NEW");

        assertThat(gauge)
                .isEqualTo(GpuMetric.named("DCGM_FI_DEV_SOMETHING_NEW"))
                .hasSameHashCodeAs(GpuMetric.named("DCGM_FI_DEV_SOMETHING_NEW"))
                .hasToString("DCGM_FI_DEV_SOMETHING_NEW")
                .isNotEqualTo(GpuMetric.named("DCGM_FI_DEV_SOMETHING_NEW", MetricKind.COUNTER))
                .isNotEqualTo(GpuMetric.named("DCGM_FI_DEV_SOMETHING_ELSE"))
                .isNotEqualTo("DCGM_FI_DEV_SOMETHING_NEW");
        assertThat(gauge.hashCode()).isNotEqualTo(GpuMetric.GPU_TEMP.hashCode());
    }

    @Test
    void bounds_areOpenWhereNoneIsKnown() {
        assertThat(GpuMetric.GPU_TEMP.minimum()).isEqualTo(-50);
        assertThat(GpuMetric.GPU_TEMP.maximum()).isEqualTo(150);
        assertThat(GpuMetric.CLOCK_THROTTLE_REASONS.minimum()).isZero();
        assertThat(GpuMetric.CLOCK_THROTTLE_REASONS.maximum()).isInfinite();
        assertThat(GpuMetric.named("x").minimum()).isEqualTo(Double.NEGATIVE_INFINITY);
    }
}
