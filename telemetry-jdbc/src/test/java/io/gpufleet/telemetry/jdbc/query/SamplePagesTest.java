package io.gpufleet.telemetry.jdbc.query;

import static io.gpufleet.telemetry.jdbc.query.StoredFleet.U;
import static io.gpufleet.telemetry.jdbc.query.StoredFleet.V;
import static io.gpufleet.telemetry.jdbc.query.StoredFleet.gpu;
import static io.gpufleet.telemetry.jdbc.query.StoredFleet.sample;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.Scope;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages of samples: each sample once, in order, whatever lies on the border of two pages. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class SamplePagesTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final String TEMP = "DCGM_FI_DEV_GPU_TEMP";
    private static final List<String> METRICS = List.of(
            "DCGM_FI_DEV_SM_CLOCK", "DCGM_FI_DEV_MEM_CLOCK", TEMP, "DCGM_FI_DEV_POWER_USAGE", "DCGM_FI_DEV_FB_USED");

    @Parameter
    PostgresVersion version;

    private StoredFleet fleet;

    @BeforeEach
    void create() {
        fleet = new StoredFleet(version);
    }

    private static SampleQuery.Builder minute(String gpu) {
        return SampleQuery.builder(gpu).from(NOON).to(NOON.plusSeconds(60));
    }

    /** Walks through all pages. */
    private List<List<StoredSample>> pages(SampleQuery query) {
        List<List<StoredSample>> pages = new ArrayList<>();
        Page<StoredSample> page = fleet.queries().samples(query);
        pages.add(page.rows());
        while (page.next().isPresent()) {
            page = fleet.queries().samples(query.after(page.next().get()));
            pages.add(page.rows());
        }
        return pages;
    }

    private List<List<String>> names(SampleQuery query) {
        return pages(query).stream()
                .map(page -> page.stream()
                        .map(row -> row.time().toString().substring(17, 19) + " "
                                + row.metric().substring(12))
                        .toList())
                .toList();
    }

    private void storeTwoInstants() {
        List<GpuSample> batch = new ArrayList<>();
        for (String time : List.of("2026-03-01T12:00:00Z", "2026-03-01T12:00:30Z")) {
            METRICS.forEach(metric -> batch.add(sample(gpu(U).build(), metric, 7, time)));
        }
        fleet.store(batch);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void samples_withEqualTimesOnTheBorderOfAPage(boolean isCompacted) {
        storeTwoInstants();
        if (isCompacted) {
            fleet.compact(LocalDate.parse("2026-03-01"));
            assertThat(fleet.database().count("gpu_sample")).isZero();
        }
        List<List<String>> oldest =
                names(minute(U).order(SampleOrder.OLDEST).limit(3).build());
        assertThat(oldest)
                .containsExactly(
                        List.of("00 SM_CLOCK", "00 MEM_CLOCK", "00 GPU_TEMP"),
                        List.of("00 POWER_USAGE", "00 FB_USED", "30 SM_CLOCK"),
                        List.of("30 MEM_CLOCK", "30 GPU_TEMP", "30 POWER_USAGE"),
                        List.of("30 FB_USED"));
        assertThat(names(minute(U).limit(3).build()))
                .containsExactly(
                        List.of("30 FB_USED", "30 POWER_USAGE", "30 GPU_TEMP"),
                        List.of("30 MEM_CLOCK", "30 SM_CLOCK", "00 FB_USED"),
                        List.of("00 POWER_USAGE", "00 GPU_TEMP", "00 MEM_CLOCK"),
                        List.of("00 SM_CLOCK"));
        assertThat(names(minute(U).limit(5).build())).hasSize(2);
        assertThat(names(minute(U).limit(10).build())).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void samples_ofOneInstantThatIsLongerThanAPage(boolean isCompacted) {
        List<GpuSample> batch = new ArrayList<>();
        List<String> xids = List.of("13", "31", "43", "48", "79");
        for (int n = 0; n < xids.size(); n++) {
            batch.add(sample(
                    gpu(U).discriminator("window_size_in_ms", "300000")
                            .discriminator("xid", xids.get(n))
                            .build(),
                    "DCGM_EXP_XID_ERRORS_COUNT",
                    n + 1,
                    "2026-03-01T12:00:00Z"));
        }
        fleet.store(batch);
        if (isCompacted) {
            fleet.compact(LocalDate.parse("2026-03-01"));
        }
        SampleQuery query = SampleQuery.builder(U)
                .metric("DCGM_EXP_XID_ERRORS_COUNT")
                .order(SampleOrder.OLDEST)
                .from(NOON)
                .to(NOON)
                .limit(2)
                .build();
        assertThat(pages(query).stream()
                        .map(page -> page.stream().map(StoredSample::value).toList())
                        .toList())
                .containsExactly(List.of(3.0, 5.0), List.of(1.0, 2.0), List.of(4.0));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void samples_toTheMicrosecond(boolean isCompacted) {
        List<String> times = List.of("00.123456", "00.123457", "00.123999", "00.124");
        for (int n = 0; n < times.size(); n++) {
            fleet.store(U, TEMP, 50 + n, "2026-03-01T12:00:" + times.get(n) + "Z");
        }
        if (isCompacted) {
            fleet.compact(LocalDate.parse("2026-03-01"));
        }
        SampleQuery walk = minute(U).order(SampleOrder.OLDEST).limit(1).build();
        List<StoredSample> oldest = pages(walk).stream().flatMap(List::stream).toList();
        assertThat(oldest).extracting(StoredSample::value).containsExactly(50.0, 51.0, 52.0, 53.0);
        assertThat(oldest.get(0).time()).isEqualTo(Instant.parse("2026-03-01T12:00:00.123456Z"));
        List<StoredSample> newest = new ArrayList<>(
                pages(minute(U).limit(1).build()).stream().flatMap(List::stream).toList());
        Collections.reverse(newest);
        assertThat(newest).isEqualTo(oldest);
        assertThat(values(SampleQuery.builder(U)
                        .order(SampleOrder.OLDEST)
                        .from(QueryTexts.startTime("2026-03-01T12:00:00.1234560001Z"))
                        .build()))
                .containsExactly(51.0, 52.0, 53.0);
        assertThat(values(SampleQuery.builder(U)
                        .to(QueryTexts.endTime("2026-03-01T12:00:00.1234569999Z"))
                        .build()))
                .containsExactly(50.0);
    }

    private List<Double> values(SampleQuery query) {
        return fleet.queries().samples(query).rows().stream()
                .map(StoredSample::value)
                .toList();
    }

    /** Stores five readings of two metrics, and returns the cursor behind the first two temperatures. */
    private Cursor cursor() {
        fleet.store(V, TEMP, 1, "2026-03-01T12:00:00Z");
        for (int second = 10; second < 60; second += 10) {
            fleet.store(U, TEMP, second, "2026-03-01T12:00:" + second + "Z");
            fleet.store(U, "DCGM_FI_DEV_POWER_USAGE", second, "2026-03-01T12:00:" + second + "Z");
        }
        return fleet.queries().samples(hot(UnaryOperator.identity())).next().orElseThrow();
    }

    @Test
    void cursor_ofAnotherQuestionIsRefused() {
        Cursor cursor = cursor();
        SampleQuery.Builder power = SampleQuery.builder(U).metric("DCGM_FI_DEV_POWER_USAGE");
        SampleQuery.Builder all = SampleQuery.builder(U);
        SampleQuery.Builder ofAnother = SampleQuery.builder(V).metric(TEMP);
        for (SampleQuery other : List.of(
                power.from(NOON).to(NOON.plusSeconds(3_600)).build(),
                all.from(NOON).to(NOON.plusSeconds(3_600)).build(),
                ofAnother.from(NOON).to(NOON.plusSeconds(3_600)).build(),
                hot(query -> query.order(SampleOrder.OLDEST)),
                hot(query -> query.from(NOON.plusSeconds(60))),
                hot(query -> query.instance("gi:1")),
                hot(query -> query.scope(Scope.WHOLE_GPU)))) {
            assertThatRefused(() -> fleet.queries().samples(other.after(cursor)));
        }
        assertThatExceptionOfType(InvalidQueryException.class)
                .isThrownBy(() -> hot(query -> query.offset(10)).after(cursor))
                .withMessage("give cursor or offset, not both")
                .satisfies(e -> assertThat(e.parameter()).isEqualTo("cursor"));
    }

    @Test
    void cursor_withAnotherLetterIsRefused() {
        String text = cursor().toString();
        SampleQuery question = hot(UnaryOperator.identity());
        for (int letter = 0; letter < text.length(); letter++) {
            char changed = text.charAt(letter) == 'A' ? 'B' : 'A';
            Cursor other = Cursor.of(text.substring(0, letter) + changed + text.substring(letter + 1));
            assertThatRefused(() -> fleet.queries().samples(question.after(other)));
        }
        for (String other : List.of("abc", "", "é", "A".repeat(10_000), text + "A", text + "=")) {
            assertThatRefused(() -> fleet.queries().samples(question.after(Cursor.of(other))));
        }
    }

    @Test
    void cursor_belongsToTheQuestionInAnyWords() {
        Cursor cursor = cursor();
        List<Double> rest = List.of(30.0, 20.0, 10.0);
        assertThat(values(hot(query -> query.limit(500)).after(cursor))).isEqualTo(rest);
        assertThat(values(SampleQuery.builder("nvidia3:node-17")
                        .metric("DCGM_FI_DEV_GPU_TEMP_CELSIUS")
                        .metric(TEMP)
                        .from(QueryTexts.startTime("2026-03-01T13:00:00+01:00"))
                        .to(NOON.plusSeconds(3_600))
                        .build()
                        .after(cursor)))
                .isEqualTo(rest);
    }

    private static SampleQuery hot(UnaryOperator<SampleQuery.Builder> change) {
        return change.apply(SampleQuery.builder(U)
                        .metric(TEMP)
                        .from(NOON)
                        .to(NOON.plusSeconds(3_600))
                        .limit(2))
                .build();
    }

    private static void assertThatRefused(ThrowingCallable question) {
        assertThatExceptionOfType(InvalidQueryException.class)
                .isThrownBy(question)
                .withMessage("cursor does not belong to this question")
                .satisfies(e -> assertThat(e.parameter()).isEqualTo("cursor"));
    }

    @Test
    void cursor_keepsTheBoundsOfTheFirstPage() {
        fleet.store(U, TEMP, 1, "2026-03-03T12:00:00Z").store(U, TEMP, 2, "2026-03-04T11:00:00Z");
        SampleQuery query =
                SampleQuery.builder(U).limit(1).order(SampleOrder.OLDEST).build();
        Cursor cursor = fleet.queries().samples(query).next().orElseThrow();
        fleet.store(U, TEMP, 3, "2026-03-04T12:30:00Z");
        GpuQueries later = GpuQueries.builder(fleet.database().dataSource())
                .clock(java.time.Clock.fixed(StoredFleet.NOW.plusSeconds(3_600), java.time.ZoneOffset.UTC))
                .build();
        Page<StoredSample> second = later.samples(query.after(cursor));
        assertThat(second.rows()).extracting(StoredSample::value).containsExactly(2.0);
        assertThat(second.next()).isEmpty();
    }

    @Test
    void total_isOfTheWholeQuestion() {
        storeTwoInstants();
        fleet.compact(LocalDate.parse("2026-03-01"));
        fleet.store(U, TEMP, 9, "2026-03-01T12:00:40Z");
        SampleQuery query = minute(U).limit(4).withTotal().build();
        Page<StoredSample> first = fleet.queries().samples(query);
        assertThat(first.total()).hasValue(11);
        assertThat(fleet.queries()
                        .samples(query.after(first.next().orElseThrow()))
                        .total())
                .hasValue(11);
        assertThat(fleet.queries().samples(minute(U).build()).total()).isEmpty();
        Page<StoredSample> beyond = fleet.queries()
                .samples(minute(U)
                        .offset(Long.MAX_VALUE)
                        .limit(1_000)
                        .withTotal()
                        .build());
        assertThat(beyond.rows()).isEmpty();
        assertThat(beyond.next()).isEmpty();
        assertThat(beyond.total()).hasValue(11);
        assertThat(fleet.queries().samples(minute(U).offset(9).build()).rows()).hasSize(2);
    }

    @Test
    void sample_carriesItsLabels() {
        fleet.store(U, TEMP, 61.5, "2026-03-01T12:00:00.000001Z");
        StoredSample sample = fleet.queries().samples(minute(U).build()).rows().get(0);
        assertThat(sample.time()).isEqualTo(Instant.parse("2026-03-01T12:00:00.000001Z"));
        assertThat(sample.metric()).isEqualTo(TEMP);
        assertThat(sample.value()).isEqualTo(61.5);
        assertThat(sample.uuid()).isEqualTo(U);
        assertThat(sample.scope()).isEqualTo(Scope.WHOLE_GPU);
        assertThat(sample.quality()).isEmpty();
        assertThat(sample.index()).isEqualTo(OptionalInt.of(3));
        assertThat(sample.device()).isEqualTo("nvidia3");
        assertThat(sample.hostname()).isEqualTo("node-17");
        assertThat(sample.model()).isEqualTo("NVIDIA H100 80GB HBM3");
        assertThat(sample.pciBusId()).isEqualTo("00000000:1B:00.0");
        assertThat(sample.labels()).containsEntry("job", "train \"a\"\\b");
    }

    @Test
    void gpu_isFoundInAnyCaseAndByPlace() {
        fleet.store(V, TEMP, 1, "2026-03-01T12:00:00Z").store(U, TEMP, 2, "2026-03-01T12:00:10Z");
        for (String id : List.of(U, U.toUpperCase(java.util.Locale.ROOT), "nvidia3:node-17")) {
            assertThat(fleet.queries().samples(minute(id).build()).rows())
                    .extracting(StoredSample::uuid)
                    .containsExactly(U);
        }
        for (String id : List.of("GPU-none", U + " ", "nvidia3:", ":", "nvidia4:node-17", "a\0b")) {
            assertThatExceptionOfType(UnknownGpuException.class)
                    .isThrownBy(() -> fleet.queries().samples(minute(id).build()))
                    .withMessage("no samples of GPU \"" + id + "\"");
        }
        fleet.store(V, TEMP, 3, "2026-03-01T12:00:10Z");
        assertThatExceptionOfType(InvalidQueryException.class)
                .isThrownBy(
                        () -> fleet.queries().samples(minute("nvidia3:node-17").build()))
                .withMessage("GPU \"nvidia3:node-17\" names 2 GPUs: " + U + ", " + V + "; use the UUID");
    }

    @Test
    void metric_thatIsNotKnownIsRefusedWithTheNearest() {
        fleet.store(U, TEMP, 1, "2026-03-01T12:00:00Z").store(U, "my_own_metric", 1, "2026-03-01T12:00:00Z");
        assertThat(values(minute(U).metric("my_own_metric").build())).containsExactly(1.0);
        assertThat(values(minute(U).metric("DCGM_FI_DEV_MEMORY_TEMP").build())).isEmpty();
        for (String name : List.of("GPU_TMP", "gpu_temp2", "DCGM_FI_DEV_GPU_TEMPP")) {
            assertThatExceptionOfType(InvalidQueryException.class)
                    .isThrownBy(() -> fleet.queries()
                            .samples(minute(U).metric(TEMP).metric(name).build()))
                    .withMessage("metric \"" + name + "\" is not known; did you mean " + TEMP + "?")
                    .satisfies(e -> assertThat(e.parameter()).isEqualTo("metric"));
        }
        assertThatExceptionOfType(InvalidQueryException.class)
                .isThrownBy(() -> fleet.queries()
                        .samples(minute(U).metric("my_own_metrics").build()))
                .withMessage("metric \"my_own_metrics\" is not known; did you mean my_own_metric?");
    }

    @Test
    void boundsOutsideOfTheCalendar_andWithinAMicrosecond() {
        fleet.store(U, TEMP, 1, "2026-03-01T12:00:00Z");
        assertThat(values(
                        SampleQuery.builder(U).from(Instant.MIN).to(Instant.MAX).build()))
                .containsExactly(1.0);
        Page<StoredSample> none = fleet.queries()
                .samples(SampleQuery.builder(U)
                        .from(NOON.plusNanos(1))
                        .to(NOON.plusNanos(999))
                        .withTotal()
                        .build());
        assertThat(none.rows()).isEmpty();
        assertThat(none.total()).hasValue(0);
        assertThatExceptionOfType(InvalidQueryException.class)
                .isThrownBy(() -> fleet.queries()
                        .samples(SampleQuery.builder(U).from(Instant.MAX).build()))
                .withMessage("end_time 2026-03-04T12:00:00Z is before start_time 9999-12-31T23:59:59.999999Z");
    }

    @Test
    void pages_ofTheWholeCalendar() {
        fleet.store(U, TEMP, 1, "2026-03-01T12:00:00Z").store(U, TEMP, 2, "2026-03-01T12:00:00.000001Z");
        SampleQuery all = SampleQuery.builder(U)
                .from(QueryTexts.startTime("0001-01-01T00:00:00Z"))
                .to(QueryTexts.endTime("9999-12-31T23:59:59.999999Z"))
                .limit(1)
                .build();
        assertThat(pages(all).stream().flatMap(List::stream).map(StoredSample::value))
                .containsExactly(2.0, 1.0);
    }
}
