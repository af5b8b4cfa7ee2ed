package io.gpufleet.telemetry.gpu;

import static io.gpufleet.telemetry.gpu.Readings.Verdict.LABEL;
import static io.gpufleet.telemetry.gpu.Readings.Verdict.NOT_A_NUMBER;
import static io.gpufleet.telemetry.gpu.Readings.Verdict.NO_VALUE;
import static io.gpufleet.telemetry.gpu.Readings.Verdict.OUT_OF_RANGE;
import static io.gpufleet.telemetry.gpu.Readings.Verdict.VALUE;
import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.gpu.Readings.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReadingsTest {
    private static final GpuMetric ENERGY = GpuMetric.named("DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION");
    private static final GpuMetric UNKNOWN = GpuMetric.named("DCGM_FI_DEV_SOMETHING_NEW");

    private static Verdict judge(String metric, String text) {
        return Readings.judge(GpuMetric.named(metric), false, text);
    }

    @ParameterizedTest
    @CsvSource({
        // The 64-bit codes, and what a double makes of them.
        "DCGM_FI_DEV_MEMORY_TEMP, 9223372036854775794, NO_VALUE",
        "DCGM_FI_DEV_RETIRED_DBE, 9223372036854775792, NO_VALUE",
        "DCGM_FI_DEV_ECC_DBE_VOL_TOTAL, 9.223372036854776e+18, NO_VALUE",
        "DCGM_FI_DEV_ECC_DBE_VOL_TOTAL, 9223372036854776000, NO_VALUE",
        "DCGM_FI_DEV_ECC_DBE_VOL_TOTAL, 9.223372036854775e18, NO_VALUE",
        "DCGM_FI_DEV_ECC_DBE_VOL_TOTAL, 9223372036854773000, VALUE",
        "DCGM_FI_DEV_SOMETHING_NEW, 9223372036854775807, NO_VALUE",
        // The 32-bit codes are codes of small fields only.
        "DCGM_FI_DEV_GPU_TEMP, 2147483632, NO_VALUE",
        "DCGM_FI_DEV_GPU_TEMP, 2147483634, NO_VALUE",
        "DCGM_FI_DEV_GPU_TEMP, 2147483635, NO_VALUE",
        "DCGM_FI_DEV_GPU_TEMP, 2147483631, OUT_OF_RANGE",
        "DCGM_FI_DEV_GPU_TEMP, 2147483636, OUT_OF_RANGE",
        "DCGM_FI_DEV_GPU_TEMP, 2147483633.5, OUT_OF_RANGE",
        "DCGM_FI_DEV_XID_ERRORS, 2147483633, NO_VALUE",
        "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION, 2147483634, VALUE",
        "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION, 15347724978, VALUE",
        "DCGM_FI_PROF_PCIE_RX_BYTES, 24000000000, VALUE",
        "DCGM_FI_DEV_CLOCK_THROTTLE_REASONS, 2147483634, VALUE",
        "DCGM_FI_DEV_POWER_VIOLATION, 2147483633, VALUE",
        "DCGM_FI_DEV_SOMETHING_NEW, 2147483634, VALUE",
        // The codes of doubles are codes of double fields only.
        "DCGM_FI_PROF_SM_ACTIVE, 140737488355328.000000, NO_VALUE",
        "DCGM_FI_PROF_DRAM_ACTIVE, 1.40737488355330e+14, NO_VALUE",
        "DCGM_FI_PROF_SM_ACTIVE, 140737488355792, NO_VALUE",
        "DCGM_FI_PROF_SM_ACTIVE, 140737488355327, OUT_OF_RANGE",
        "DCGM_FI_PROF_NVDEC0_ACTIVE, 140737488355328.000000, NO_VALUE",
        "DCGM_FI_PROF_SM_OCCUPANCY, 0.312500, VALUE",
        "DCGM_FI_DEV_NVLINK_COUNT_TX_BYTES, 140737488355330, VALUE",
        "DCGM_FI_DEV_NVLINK_COUNT_TX_BYTES, 140737488355330.0, VALUE",
        "DCGM_FI_DEV_SOMETHING_NEW, 140737488355328.0, NO_VALUE",
        "DCGM_FI_DEV_SOMETHING_NEW, 1.40737488355331e14, NO_VALUE",
        "DCGM_FI_DEV_SOMETHING_NEW, 140737488355332.0, VALUE",
        "DCGM_FI_DEV_SOMETHING_NEW, 140737488355330, VALUE",
        // What no GPU can have.
        "DCGM_FI_DEV_GPU_TEMP, 644245923, OUT_OF_RANGE",
        "DCGM_FI_DEV_GPU_UTIL, 4294967295, OUT_OF_RANGE",
        "DCGM_FI_DEV_GPU_UTIL, 100, VALUE",
        "DCGM_FI_DEV_GPU_UTIL, 100.5, OUT_OF_RANGE",
        "DCGM_FI_DEV_GPU_TEMP, -50, VALUE",
        "DCGM_FI_DEV_GPU_TEMP, -50.5, OUT_OF_RANGE",
        "DCGM_FI_DEV_GPU_TEMP, 150, VALUE",
        "DCGM_FI_DEV_GPU_TEMP, 151, OUT_OF_RANGE",
        "DCGM_FI_DEV_POWER_USAGE, 402.125000, VALUE",
        "DCGM_FI_DEV_ECC_SBE_VOL_TOTAL, -1, OUT_OF_RANGE",
        "DCGM_FI_DEV_SOMETHING_NEW, -1e9, VALUE",
        // No number.
        "DCGM_FI_DEV_COMPUTE_PIDS, ERROR - FAILED TO CONVERT TO STRING, NOT_A_NUMBER",
        "DCGM_FI_DEV_CUDA_VISIBLE_DEVICES_STR, MIG-GPU-0b000000-0000-4000-8000-000000000001/3, NOT_A_NUMBER",
        "DCGM_FI_DRIVER_VERSION, 535.129.03, LABEL",
        "DCGM_FI_DEV_SERIAL, 1320921045, LABEL",
    })
    void judge_followsTheRules(String metric, String text, Verdict verdict) {
        assertThat(judge(metric, text)).isEqualTo(verdict);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "NaN",
                "nan",
                "+Inf",
                "-Inf",
                "inf",
                "Infinity",
                "-infinity",
                "N/A",
                "[N/A]",
                "[Not Supported]",
                "[Unknown Error]",
                "[Insufficient Permissions]",
                "[GPU requires reset]",
                "[GPU is lost]",
                "[Function Not Found]",
                "[Requested functionality has been deprecated]",
                "<<<NULL>>>",
                "<<<NOT_FOUND>>>",
                "<<<NOT_SUPPORTED>>>",
                "<<<NOT_PERM>>>",
                "1e400"
            })
    void judge_knowsTheWordsForNone(String text) {
        assertThat(judge("DCGM_FI_DEV_POWER_USAGE", text)).isEqualTo(NO_VALUE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "forty", "0x28", "1_000", "1,5", "4 0", "40C", "40d", "40f", "0x1p3", "--1", "1e", "e5", ".", "+",
                " 40", "40 ", "[]", "[40]", "N", "infinit", "nano", "٤٠"
            })
    void judge_refusesWhatIsNoDecimalNumber(String text) {
        assertThat(judge("DCGM_FI_DEV_POWER_USAGE", text)).isEqualTo(NOT_A_NUMBER);
        assertThat(Readings.number(text)).isNaN();
    }

    @ParameterizedTest
    @CsvSource({"40, 40", "+40, 40", "-0.5, -0.5", "40., 40", ".5, 0.5", "3.5e2, 350", "3.5E+2, 350", "1e-1, 0.1"})
    void number_readsDecimals(String text, double number) {
        assertThat(Readings.number(text)).isEqualTo(number);
    }

    @Test
    void judge_takesNoUtilizationOfAnInstance() {
        for (GpuMetric metric :
                new GpuMetric[] {GpuMetric.GPU_UTIL, GpuMetric.MEM_COPY_UTIL, GpuMetric.ENC_UTIL, GpuMetric.DEC_UTIL}) {
            assertThat(Readings.judge(metric, true, "0")).isEqualTo(NO_VALUE);
            assertThat(Readings.judge(metric, false, "0")).isEqualTo(VALUE);
        }
        assertThat(Readings.judge(GpuMetric.named("DCGM_FI_PROF_GR_ENGINE_ACTIVE"), true, "0.4"))
                .isEqualTo(VALUE);
        assertThat(Readings.judge(GpuMetric.GPU_TEMP, true, "40")).isEqualTo(VALUE);
        assertThat(Readings.judge(GpuMetric.GPU_UTIL, true, "many")).isEqualTo(NOT_A_NUMBER);
    }

    @Test
    void judge_ofANumberIsThatOfItsText() {
        assertThat(Readings.judge(GpuMetric.GPU_TEMP, false, 40, false)).isEqualTo(VALUE);
        assertThat(Readings.judge(GpuMetric.GPU_TEMP, false, Double.NaN, false)).isEqualTo(NO_VALUE);
        assertThat(Readings.judge(GpuMetric.GPU_TEMP, false, Double.NEGATIVE_INFINITY, false))
                .isEqualTo(NO_VALUE);
        assertThat(Readings.judge(GpuMetric.GPU_TEMP, false, 151, false)).isEqualTo(OUT_OF_RANGE);
        assertThat(Readings.judge(UNKNOWN, false, 0x1p47, true)).isEqualTo(NO_VALUE);
        assertThat(Readings.judge(UNKNOWN, false, 0x1p47, false)).isEqualTo(VALUE);
        assertThat(Readings.judge(GpuMetric.named("DCGM_FI_DEV_SERIAL"), false, 1, false))
                .isEqualTo(LABEL);
    }

    @Test
    void isAbsent_knowsWordsOfEitherCaseAndNoNumbers() {
        assertThat(Readings.isAbsent("not supported")).isTrue();
        assertThat(Readings.isAbsent("[NOT SUPPORTED]")).isTrue();
        assertThat(Readings.isAbsent("NaN")).isFalse();
        assertThat(Readings.isAbsent("inf")).isFalse();
        assertThat(Readings.isAbsent("[Not Supported")).isFalse();
        assertThat(Readings.isAbsent("x".repeat(65))).isFalse();
    }

    @Test
    void outside_namesMetricNumberAndRange() {
        assertThat(Readings.outside(GpuMetric.GPU_TEMP, "644245923"))
                .isEqualTo("DCGM_FI_DEV_GPU_TEMP 644245923 is outside -50..150");
        assertThat(Readings.outside(GpuMetric.GPU_UTIL, "4294967295"))
                .isEqualTo("DCGM_FI_DEV_GPU_UTIL 4294967295 is outside 0..100");
        assertThat(Readings.outside(ENERGY, "-1")).isEqualTo("DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION -1 is outside >= 0");
        assertThat(Readings.outside(GpuMetric.named("DCGM_FI_PROF_SM_ACTIVE"), "2"))
                .isEqualTo("DCGM_FI_PROF_SM_ACTIVE 2 is outside 0..1.1");
    }
}
