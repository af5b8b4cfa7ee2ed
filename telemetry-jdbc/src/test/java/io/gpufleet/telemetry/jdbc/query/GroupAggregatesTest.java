package io.gpufleet.telemetry.jdbc.query;

import static io.gpufleet.telemetry.jdbc.query.StoredFleet.U;
import static io.gpufleet.telemetry.jdbc.query.StoredFleet.V;
import static io.gpufleet.telemetry.jdbc.query.StoredFleet.gpu;
import static io.gpufleet.telemetry.jdbc.query.StoredFleet.sample;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.gpu.Scope;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Aggregations of hosts, namespaces and the fleet, from rows and from compacted days. */
@ParameterizedClass
@ValueSource(booleans = {false, true})
final class GroupAggregatesTest {
    private static final String POWER = "DCGM_FI_DEV_POWER_USAGE";
    private static final String USED = "DCGM_FI_DEV_FB_USED";
    private static final String ACTIVE = "DCGM_FI_PROF_GR_ENGINE_ACTIVE";
    private static final String ENERGY = "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION";
    private static final String DAY = "2026-03-01T";

    private final StoredFleet fleet = new StoredFleet(PostgresVersion.POSTGRES_18);

    @Parameter
    boolean isCompacted;

    /** Stores the samples of a message. */
    private void store(GpuSample... message) {
        fleet.store(Scope.assign(List.of(message)));
    }

    private static GpuSample at(String time, GpuSubject.Builder subject, String metric, double value) {
        return sample(subject.build(), metric, value, DAY + time + "Z");
    }

    private static GpuSubject.Builder instance(int gi) {
        return gpu(U).migInstance(String.valueOf(gi));
    }

    private static GpuSubject.Builder pod(String uuid, String namespace, String pod) {
        return gpu(uuid).namespace(namespace).pod(pod).container("c");
    }

    private static AggregateQuery.Builder fleet(String metric, Aggregation aggregation) {
        return AggregateQuery.ofFleet(metric, aggregation);
    }

    private static AggregateQuery.Builder host(String host, String metric, Aggregation aggregation) {
        return AggregateQuery.ofHost(host, metric, aggregation);
    }

    private static AggregateQuery.Builder namespace(String namespace, String metric, Aggregation aggregation) {
        return AggregateQuery.ofNamespace(namespace, metric, aggregation);
    }

    /** Returns the value and number of samples of each row of the hour from 12:00 on, behind the bucket's beginning. */
    private List<String> answer(AggregateQuery.Builder query) {
        return rows(query).stream()
                .map(row -> row.start()
                                .map(start -> start.toString().substring(11, 16) + " ")
                                .orElse("")
                        + (row.value().isPresent() ? row.value().getAsDouble() : "null") + " " + row.samples())
                .toList();
    }

    private List<Aggregate> rows(AggregateQuery.Builder query) {
        if (isCompacted) {
            fleet.compact(LocalDate.parse("2026-03-01"));
            assertThat(fleet.database().count("gpu_sample")).isZero();
        }
        return fleet.queries()
                .aggregate(query.from(Instant.parse(DAY + "12:00:00Z"))
                        .to(Instant.parse(DAY + "13:00:00Z"))
                        .build());
    }

    @Test
    void migInstances_areOneGpu() {
        store(
                at("12:00:00", instance(7), POWER, 112.25),
                at("12:00:00", instance(8), POWER, 106.5),
                at("12:00:00", instance(5), POWER, 112.25),
                at("12:00:00", instance(7), USED, 6),
                at("12:00:00", instance(8), USED, 4384),
                at("12:00:00", instance(5), USED, 13),
                at("12:00:00", instance(7), ACTIVE, 0),
                at("12:00:00", instance(8), ACTIVE, 0.4085),
                at("12:00:00", instance(5), ACTIVE, 0.25));
        assertThat(answer(fleet(POWER, Aggregation.SUM))).containsExactly("112.25 1");
        assertThat(answer(fleet(USED, Aggregation.SUM))).containsExactly("4403.0 1");
        assertThat(answer(host("node-17", USED, Aggregation.MAX))).containsExactly("4403.0 1");
        assertThat(answer(fleet(ACTIVE, Aggregation.AVG))).isEmpty();
    }

    @Test
    void wholeGpu_wins() {
        store(
                at("12:00:00", instance(7), POWER, 112.25),
                at("12:00:00", gpu(U), POWER, 100),
                at("12:00:00", instance(7), USED, 6),
                at("12:00:00", instance(8), USED, 4384),
                at("12:00:00", gpu(U), USED, 4000),
                at("12:00:00", instance(8), ACTIVE, 0.5),
                at("12:00:00", gpu(U), ACTIVE, 0.25));
        assertThat(answer(fleet(POWER, Aggregation.SUM))).containsExactly("100.0 1");
        assertThat(answer(fleet(USED, Aggregation.SUM))).containsExactly("4000.0 1");
        assertThat(answer(fleet(ACTIVE, Aggregation.SUM))).containsExactly("0.25 1");
    }

    @Test
    void podsOfOneGpu_areOneGpu() {
        store(
                at("12:00:00", pod(U, "ml", "a").vgpu("0"), POWER, 200),
                at("12:00:00", pod(U, "ml", "b").vgpu("1"), POWER, 200),
                at("12:00:00", pod(U, "web", "c").vgpu("2"), POWER, 200));
        assertThat(answer(fleet(POWER, Aggregation.SUM))).containsExactly("200.0 1");
        assertThat(answer(host("node-17", POWER, Aggregation.SUM))).containsExactly("200.0 1");
        assertThat(answer(namespace("ml", POWER, Aggregation.SUM))).containsExactly("200.0 1");
        assertThat(answer(namespace("web", POWER, Aggregation.SUM))).containsExactly("200.0 1");
        assertThat(answer(namespace("none", POWER, Aggregation.SUM))).isEmpty();
    }

    @Test
    void copies_doNotWeigh() {
        store(
                at("12:00:00", gpu(U), POWER, 60),
                at("12:00:00", pod(U, "ml", "a"), POWER, 61),
                at("12:00:00", pod(U, "ml", "b"), POWER, 62),
                at("12:00:00", gpu(V), POWER, 70));
        assertThat(answer(fleet(POWER, Aggregation.AVG))).containsExactly("65.0 2");
        assertThat(answer(fleet(POWER, Aggregation.MAX))).containsExactly("70.0 2");
        assertThat(answer(namespace("ml", POWER, Aggregation.COUNT))).containsExactly("1.0 1");
    }

    @Test
    void linksAndOtherSeries_haveNoPart() {
        store(
                at("12:00:00", gpu(U).nvlink("3"), "my_metric", 5),
                at("12:00:00", gpu(U).discriminator("xid", "79"), "my_metric", 6));
        assertThat(answer(fleet("my_metric", Aggregation.COUNT))).isEmpty();
    }

    @Test
    void memoryOfANamespace_isThatOfItsInstances() {
        store(
                at("12:00:00", instance(7).namespace("ml").pod("a"), USED, 6),
                at("12:00:00", instance(8).namespace("ml").pod("b"), USED, 4384),
                at("12:00:00", instance(5).namespace("web").pod("c"), USED, 13));
        assertThat(answer(namespace("ml", USED, Aggregation.SUM))).containsExactly("4390.0 1");
        assertThat(answer(namespace("web", USED, Aggregation.SUM))).containsExactly("13.0 1");
    }

    /** The host is that of the time of the sample. */
    @Test
    void gpuThatMoves_countsWhereItWas() {
        store(at("12:00:00", gpu(U).host("n1"), POWER, 100));
        store(at("12:10:00", gpu(U).host("n2"), POWER, 300), at("12:10:00", gpu(V).host("n2"), POWER, 50));
        assertThat(answer(host("n1", POWER, Aggregation.SUM))).containsExactly("100.0 1");
        assertThat(answer(host("n2", POWER, Aggregation.SUM))).containsExactly("350.0 2");
        assertThat(answer(fleet(POWER, Aggregation.SUM))).containsExactly("450.0 3");
        assertThat(answer(fleet(POWER, Aggregation.LAST))).containsExactly("300.0 3");
    }

    @Test
    void increases_addUp() {
        store(at("12:00:00", pod(U, "ml", "a"), ENERGY, 1000), at("12:00:00", gpu(V), ENERGY, 50));
        store(at("12:01:00", pod(U, "ml", "a"), ENERGY, 4000), at("12:02:00", gpu(V), ENERGY, 170));
        store(at("12:02:00", pod(U, "web", "b"), ENERGY, 4500));
        store(at("12:03:00", pod(U, "ml", "a"), ENERGY, 200));
        assertThat(answer(fleet(ENERGY, Aggregation.INCREASE))).containsExactly("3820.0 6");
        assertThat(answer(fleet(ENERGY, Aggregation.INCREASE).bucket(Duration.ofMinutes(2))))
                .containsExactly("12:00 3000.0 3", "12:02 820.0 3");
        assertThat(answer(namespace("ml", ENERGY, Aggregation.INCREASE))).containsExactly("3200.0 3");
        assertThat(answer(namespace("web", ENERGY, Aggregation.INCREASE))).containsExactly("500.0 1");
        assertThat(answer(fleet(ENERGY, Aggregation.RATE)))
                .as("3700 in 180 s, and 120 in 120 s")
                .containsExactly((3700 / 180.0 + 1) + " 6");
        assertThat(answer(namespace("ml", ENERGY, Aggregation.RATE)))
                .as("3200 in two minutes")
                .containsExactly((3200 / 120.0) + " 3");
    }

    @Test
    void heldTime_endsWhenTheGpuLeavesTheNamespace() {
        store(at("12:00:00", pod(U, "ml", "a"), POWER, 100), at("12:00:00", pod(V, "ml", "v"), POWER, 400));
        store(at("12:01:00", pod(U, "web", "b"), POWER, 900));
        assertThat(answer(namespace("ml", POWER, Aggregation.AVG))).containsExactly("250.0 2");
        assertThat(answer(namespace("ml", POWER, Aggregation.AVG).timeWeighted()))
                .as("100 for one minute, 400 for five")
                .containsExactly("350.0 2");
        assertThat(answer(fleet(POWER, Aggregation.AVG).timeWeighted().bucket(Duration.ofMinutes(1))))
                .containsExactly("12:00 250.0 2", "12:01 650.0 1");
    }

    @Test
    void rows_nameTheGroup() {
        store(at("12:00:00", pod(U, "ml", "a"), POWER, 100));
        List<Aggregate> answers = Arrays.asList(
                rows(host("node-17", POWER, Aggregation.MAX)).get(0),
                rows(namespace("ml", POWER, Aggregation.MAX)).get(0),
                rows(fleet(POWER, Aggregation.MAX)).get(0),
                rows(AggregateQuery.builder(U, POWER, Aggregation.MAX)).get(0));
        assertThat(answers)
                .extracting(row -> row.uuid() + "|" + row.device() + "|" + row.hostname() + "|" + row.namespace() + "|"
                        + row.instance())
                .containsExactly("||node-17||", "|||ml|", "||||", U + "|nvidia3|node-17||");
        assertThat(rows(host("none", POWER, Aggregation.MAX))).isEmpty();
    }

    @Test
    void group_hasNoParts() {
        assertRefused(
                fleet(POWER, Aggregation.MAX).instance("gi:7"),
                "instance",
                "instance is allowed for a GPU, not for a group, was gi:7");
        assertRefused(
                host("node-17", POWER, Aggregation.MAX).scope(Scope.LINK),
                "scope",
                "scope is allowed for a GPU, not for a group, was LINK");
        assertRefused(
                fleet(POWER, Aggregation.MAX).timeWeighted(),
                "aggregation",
                "aggregation max cannot be weighted by time; allowed: avg");
        assertThatExceptionOfType(InvalidQueryException.class)
                .isThrownBy(() -> namespace("", POWER, Aggregation.MAX))
                .withMessage("namespace must not be empty");
        assertThatExceptionOfType(InvalidQueryException.class)
                .isThrownBy(() -> host("no\0de", POWER, Aggregation.MAX))
                .withMessage("host must not contain the character U+0000");
    }

    private static void assertRefused(AggregateQuery.Builder query, String parameter, String message) {
        assertThatExceptionOfType(InvalidQueryException.class)
                .isThrownBy(query::build)
                .withMessage(message)
                .satisfies(e -> assertThat(e.parameter()).isEqualTo(parameter));
    }
}
