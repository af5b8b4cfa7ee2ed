package io.gpufleet.telemetry.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.entry;

import io.gpufleet.telemetry.Delivery;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WorkloadLabelsTest {
    private static final GpuMetric UTIL = GpuMetric.named("DCGM_FI_DEV_GPU_UTIL");

    private static Delivery<GpuSample> delivery(GpuSubject subject) {
        return Samples.delivery(GpuSample.of(Samples.NOON, UTIL, 7, subject), Samples.NOON);
    }

    private static Map<String, String> labels(WorkloadLabels enricher, GpuSubject.Builder subject) {
        return enricher.enrich(List.of(delivery(subject.build())))
                .get(0)
                .value()
                .subject()
                .labels();
    }

    @Test
    void enrich_makesTheClustersJobTheJob() {
        Map<String, String> labels =
                labels(WorkloadLabels.standard(), Samples.gpu().label("a", "b").label("hpc_job", "4711"));

        assertThat(labels).containsExactly(entry("a", "b"), entry("job", "4711"));
    }

    @Test
    void enrich_keepsTheJobOfTheScrape() {
        Map<String, String> labels = labels(
                WorkloadLabels.standard(), Samples.gpu().label("job", "dcgm").label("hpc_job", "4711"));

        assertThat(labels).containsOnly(entry("job", "4711"), entry("scrape_job", "dcgm"));
    }

    @Test
    void enrich_takesTheFirstOfSeveralLabels() {
        WorkloadLabels enricher = WorkloadLabels.builder()
                .job("slurm_job", "hpc_job")
                .user("slurm_user")
                .project("slurm_account", "team")
                .build();

        assertThat(labels(
                        enricher,
                        Samples.gpu()
                                .label("hpc_job", "1")
                                .label("slurm_job", "2")
                                .label("slurm_user", "ada")
                                .label("team", "vision")))
                .containsOnly(
                        entry("hpc_job", "1"), entry("job", "2"), entry("user", "ada"), entry("project", "vision"));
        assertThat(labels(WorkloadLabels.builder().job().build(), Samples.gpu().label("hpc_job", "1")))
                .containsOnly(entry("hpc_job", "1"));
    }

    @Test
    void enrich_keepsAllElseOfASample() {
        GpuSubject subject = Samples.gpu()
                .migInstance("7")
                .migProfile("1g.5gb")
                .index(3)
                .device("nvidia3")
                .pciBusId("00000000:18:00.0")
                .model("H100")
                .host("n1")
                .namespace("ml")
                .pod("train-0")
                .container("main")
                .vgpu("2")
                .discriminator("xid", "79")
                .label("hpc_job", "4711")
                .build();
        GpuSample sample = new GpuSample(Samples.NOON, UTIL, 7, subject, Scope.WORKLOAD, Set.of(QualityFlag.LATE));
        Delivery<GpuSample> before = Samples.delivery(sample, Samples.NOON);

        Delivery<GpuSample> after =
                WorkloadLabels.standard().enrich(List.of(before)).get(0);

        assertThat(after.source()).isSameAs(before.source());
        assertThat(after.value().key()).isEqualTo(sample.key());
        assertThat(after.value().scope()).isEqualTo(sample.scope());
        assertThat(after.value().quality()).isEqualTo(sample.quality());
        assertThat(after.value().value()).isEqualTo(7);
        assertThat(after.value().subject())
                .usingRecursiveComparison()
                .ignoringFields("labels")
                .isEqualTo(subject);
        assertThat(after.value().subject()).isNotEqualTo(subject);
    }

    @Test
    void enrich_leavesSamplesWithoutSuchLabels_andSharesSubjects() {
        GpuSubject plain = Samples.gpu().label("a", "b").build();
        GpuSubject job = Samples.gpu().label("hpc_job", "1").build();
        Delivery<GpuSample> unchanged = delivery(plain);

        List<Delivery<GpuSample>> enriched =
                WorkloadLabels.standard().enrich(List.of(unchanged, delivery(job), delivery(job)));

        assertThat(enriched.get(0)).isSameAs(unchanged);
        assertThat(enriched.get(1).value().subject())
                .isSameAs(enriched.get(2).value().subject());
    }

    @Test
    void builder_refusesALabelThatIsNone() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WorkloadLabels.builder().user("user"))
                .withMessage("labels: \"user\" cannot become user; allowed: the name of another label");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WorkloadLabels.builder().project(" "))
                .withMessageStartingWith("labels: \" \" cannot become project");
    }
}
