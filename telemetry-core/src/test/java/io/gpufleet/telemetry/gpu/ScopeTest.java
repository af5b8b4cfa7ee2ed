package io.gpufleet.telemetry.gpu;

import static io.gpufleet.telemetry.gpu.Samples.gpu;
import static io.gpufleet.telemetry.gpu.Samples.sample;
import static io.gpufleet.telemetry.gpu.Scope.LINK;
import static io.gpufleet.telemetry.gpu.Scope.MIG_INSTANCE;
import static io.gpufleet.telemetry.gpu.Scope.SERIES;
import static io.gpufleet.telemetry.gpu.Scope.WHOLE_GPU;
import static io.gpufleet.telemetry.gpu.Scope.WORKLOAD;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ScopeTest {
    private static final GpuMetric XID_COUNT = GpuMetric.named("DCGM_EXP_XID_ERRORS_COUNT");

    private static GpuSample power(GpuSubject.Builder subject) {
        return sample(GpuMetric.POWER_USAGE, 200, subject);
    }

    private static List<Scope> scopes(GpuSample... samples) {
        return Scope.assign(List.of(samples)).stream().map(GpuSample::scope).toList();
    }

    @Test
    void assign_givesASingleRowItsOwnScope() {
        assertThat(scopes(power(gpu()))).containsExactly(WHOLE_GPU);
        assertThat(scopes(power(gpu().pod("a").namespace("ml")))).containsExactly(WHOLE_GPU);
        assertThat(scopes(power(gpu().migInstance("7").pod("a")))).containsExactly(MIG_INSTANCE);
        assertThat(scopes(power(gpu().nvlink("3")))).containsExactly(LINK);
        assertThat(scopes(sample(XID_COUNT, 2, gpu().discriminator("xid", "31"))))
                .containsExactly(SERIES);
        assertThat(scopes(power(gpu().vgpu("0")))).containsExactly(WORKLOAD);
    }

    @Test
    void assign_letsTheRowWithoutAPodBeTheGpus() {
        assertThat(scopes(power(gpu().pod("a")), power(gpu()), power(gpu().pod("b"))))
                .containsExactly(WORKLOAD, WHOLE_GPU, WORKLOAD);
        assertThat(scopes(
                        power(gpu().migInstance("7")),
                        power(gpu().migInstance("7").pod("a"))))
                .containsExactly(MIG_INSTANCE, WORKLOAD);
    }

    @Test
    void assign_findsNoRowOfTheGpuAmongPods() {
        assertThat(scopes(
                        power(gpu().namespace("ml").pod("a").container("c").vgpu("0")),
                        power(gpu().namespace("ml").pod("b").container("c").vgpu("1"))))
                .containsExactly(WORKLOAD, WORKLOAD);
        assertThat(scopes(power(gpu().pod("a")), power(gpu().pod("b")))).containsExactly(WORKLOAD, WORKLOAD);
    }

    @Test
    void assign_comparesRowsOfOneReadingOnly() {
        assertThat(scopes(power(gpu().pod("a")), sample(GpuMetric.GPU_TEMP, 40, gpu())))
                .containsExactly(WHOLE_GPU, WHOLE_GPU);
        assertThat(scopes(
                        power(gpu().pod("a")),
                        GpuSample.of(Samples.NOON.plusSeconds(1), GpuMetric.POWER_USAGE, 1, gpu().build())))
                .containsExactly(WHOLE_GPU, WHOLE_GPU);
        assertThat(scopes(power(gpu().pod("a")), power(GpuSubject.builder("other"))))
                .containsExactly(WHOLE_GPU, WHOLE_GPU);
        assertThat(scopes(
                        power(gpu().migInstance("7").pod("a")),
                        power(gpu().migInstance("8").pod("b"))))
                .containsExactly(MIG_INSTANCE, MIG_INSTANCE);
        assertThat(scopes(
                        sample(XID_COUNT, 2, gpu().discriminator("xid", "31").pod("a")),
                        sample(XID_COUNT, 1, gpu().discriminator("xid", "45").pod("a"))))
                .containsExactly(SERIES, SERIES);
    }

    @Test
    void assign_countsARepeatedRowOnce() {
        assertThat(scopes(power(gpu().pod("a")), power(gpu().pod("a").label("job", "x"))))
                .containsExactly(WHOLE_GPU, WHOLE_GPU);
    }

    @Test
    void assign_givesOneRowToTheGpuWhereSeveralHaveNoPod() {
        assertThat(scopes(power(gpu().namespace("ml")), power(gpu()), power(gpu().container("c"))))
                .containsExactly(WORKLOAD, WHOLE_GPU, WORKLOAD);
        assertThat(scopes(power(gpu().namespace("ml")), power(gpu().pod("a")))).containsExactly(WHOLE_GPU, WORKLOAD);
        assertThat(scopes(power(gpu().namespace("ml")), power(gpu().container("c"))))
                .containsExactly(WORKLOAD, WORKLOAD);
        assertThat(scopes(power(gpu().vgpu("0")), power(gpu().pod("a")))).containsExactly(WORKLOAD, WORKLOAD);
    }

    @Test
    void assign_keepsOrderAndSamples() {
        GpuSample first = power(gpu());
        GpuSample second = sample(GpuMetric.GPU_TEMP, 40, gpu());

        assertThat(Scope.assign(List.of(first, second))).containsExactly(first, second);
        assertThat(Scope.assign(List.of(first, second)).get(0)).isSameAs(first);
        assertThat(Scope.assign(List.of())).isEmpty();
    }

    /** The order of the rows does not matter, and no reading belongs to the GPU twice. */
    @Test
    void assign_isIndependentOfTheOrder() {
        Random random = new Random(11);
        for (int i = 0; i < 500; i++) {
            List<GpuSample> samples = randomSamples(random);
            Map<GpuSample, Scope> expected = byKey(Scope.assign(samples));

            Collections.shuffle(samples, random);
            List<GpuSample> shuffled = Scope.assign(samples);

            assertThat(byKey(shuffled)).isEqualTo(expected);
            assertThat(shuffled.stream()
                            .filter(sample -> sample.scope() == WHOLE_GPU)
                            .map(GpuSample::key)
                            .distinct())
                    .hasSizeLessThanOrEqualTo(2);
        }
    }

    /** With keys that cannot be compared, each look-up walks over all of one hash: 32,768 of them take a minute. */
    @Test
    @Timeout(20)
    void assign_isFastForTextsOfOneHash() {
        List<GpuSample> samples = new ArrayList<>();
        for (String text : Samples.colliding(15)) {
            samples.add(sample(GpuMetric.GPU_TEMP, 40, GpuSubject.builder(text)));
        }
        for (String text : Samples.colliding(10)) {
            samples.add(sample(GpuMetric.named(text), 40, gpu().pod("a")));
            samples.add(sample(GpuMetric.named(text), 40, gpu().pod("b")));
        }

        assertThat(Scope.assign(samples)).hasSameSizeAs(samples);
    }

    private static List<GpuSample> randomSamples(Random random) {
        List<GpuSample> samples = new ArrayList<>();
        int count = 1 + random.nextInt(6);
        for (int i = 0; i < count; i++) {
            GpuSubject.Builder subject = gpu().pod(pick(random, "", "a", "b"))
                    .namespace(pick(random, "", "ml"))
                    .vgpu(pick(random, "", "", "0"));
            GpuMetric metric = random.nextBoolean() ? GpuMetric.GPU_TEMP : GpuMetric.POWER_USAGE;
            samples.add(sample(metric, i, subject));
        }
        return samples;
    }

    private static String pick(Random random, String... texts) {
        return texts[random.nextInt(texts.length)];
    }

    private static Map<GpuSample, Scope> byKey(List<GpuSample> samples) {
        Map<GpuSample, Scope> scopes = new HashMap<>();
        samples.forEach(sample -> scopes.put(sample.withScope(SERIES), sample.scope()));
        return scopes;
    }
}
