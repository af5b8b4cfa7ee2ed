package io.gpufleet.telemetry.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GpuSubjectTest {

    @Test
    void series_isEmptyForAWholeGpu() {
        GpuSubject subject = Samples.gpu()
                .host("n1")
                .device("nvidia0")
                .index(0)
                .model("NVIDIA H100 80GB HBM3")
                .pciBusId("00000000:18:00.0")
                .migProfile("")
                .label("err_code", "31")
                .label("DCGM_FI_DRIVER_VERSION", "535.129.03")
                .build();

        assertThat(subject.series()).isEmpty();
        assertThat(subject.seriesKey()).isZero();
        assertThat(subject.instance()).isEmpty();
        assertThat(subject.isMigInstance()).isFalse();
        assertThat(subject).hasToString(Samples.UUID);
    }

    @Test
    void series_isSortedByName() {
        GpuSubject subject = Samples.gpu()
                .vgpu("0")
                .pod("a")
                .namespace("ml")
                .container("c")
                .discriminator("xid", "31")
                .discriminator("window_size_in_ms", "300000")
                .discriminator("clock_event", "gpu_idle")
                .discriminator("health_watch", "PCIE")
                .discriminator("peer_gpu", "1")
                .discriminator("nvswitch", "nvswitch0")
                .nvlink("3")
                .migInstance("7")
                .build();

        assertThat(subject.series())
                .isEqualTo("clock_event=gpu_idle;container=c;gi=7;health_watch=PCIE;namespace=ml;nvlink=3;"
                        + "nvswitch=nvswitch0;peer_gpu=1;pod=a;vgpu=0;window_size_in_ms=300000;xid=31");
        assertThat(subject).hasToString(Samples.UUID + "[" + subject.series() + "]");
        assertThat(subject.discriminators())
                .containsOnlyKeys("clock_event", "health_watch", "nvswitch", "peer_gpu", "window_size_in_ms", "xid");
    }

    /** The first eight bytes, big endian, of the SHA-256 of the series: computed with another implementation. */
    @ParameterizedTest
    @CsvSource({
        "a, pod=a, 2346779977408038612",
        "a;b=c\\d, pod=a\\;b\\=c\\\\d, 3861561800232146347",
        "żółw, pod=żółw, -7678870831730982803",
        "train-0, pod=train-0, 3834839379173478859"
    })
    void seriesKey_isTheHashOfTheSeries(String pod, String series, long key) {
        GpuSubject subject = Samples.gpu().pod(pod).build();

        assertThat(subject.series()).isEqualTo(series);
        assertThat(subject.seriesKey()).isEqualTo(key);
    }

    @Test
    void seriesKey_ofInstanceLinkAndWorkloadIsStable() {
        assertThat(Samples.gpu().migInstance("7").build().seriesKey()).isEqualTo(2766308356327308534L);
        assertThat(Samples.gpu().nvlink("3").build().seriesKey()).isEqualTo(-7915819896033627459L);
        assertThat(Samples.gpu()
                        .container("c")
                        .namespace("ml")
                        .pod("a")
                        .vgpu("0")
                        .build()
                        .seriesKey())
                .isEqualTo(-2985825469322424762L);
        assertThat(Samples.gpu()
                        .discriminator("window_size_in_ms", "300000")
                        .discriminator("xid", "31")
                        .build()
                        .seriesKey())
                .isEqualTo(4467293025545487853L);
    }

    @Test
    void series_leavesOutWhatIsNoIdentity() {
        GpuSubject before = Samples.gpu().migInstance("7").build();
        GpuSubject after = Samples.gpu()
                .migInstance("7")
                .migProfile("1g.5gb")
                .host("n2")
                .index(3)
                .device("nvidia3")
                .model("A100")
                .pciBusId("1")
                .label("err_msg", "x")
                .label("pod_uid", "y")
                .build();

        assertThat(after.series()).isEqualTo(before.series());
        assertThat(after).isNotEqualTo(before);
    }

    /** Any two different sets of parts have different texts, whatever is in them. */
    @Test
    void series_canBeReadBack() {
        Random random = new Random(7);
        String letters = "ab;=\\ \n\u0142\ud83d\ude00";
        for (int i = 0; i < 2_000; i++) {
            SortedMap<String, String> parts = new TreeMap<>();
            GpuSubject.Builder subject = Samples.gpu();
            put(parts, "pod", text(random, letters), subject::pod);
            put(parts, "namespace", text(random, letters), subject::namespace);
            put(parts, "gi", text(random, letters), subject::migInstance);
            put(parts, "xid", text(random, letters), value -> {
                subject.discriminator("xid", value);
                return subject;
            });

            assertThat(read(subject.build().series())).isEqualTo(parts);
        }
    }

    private interface Setter {
        GpuSubject.Builder set(String value);
    }

    private static void put(Map<String, String> parts, String name, String value, Setter setter) {
        setter.set(value);
        if (!value.isEmpty()) {
            parts.put(name, value);
        }
    }

    private static String text(Random random, String letters) {
        StringBuilder text = new StringBuilder();
        int length = random.nextInt(5);
        for (int i = 0; i < length; i++) {
            text.append(letters.charAt(random.nextInt(letters.length())));
        }
        return text.toString();
    }

    private static SortedMap<String, String> read(String series) {
        SortedMap<String, String> parts = new TreeMap<>();
        StringBuilder part = new StringBuilder();
        String name = "";
        for (int i = 0; i < series.length(); i++) {
            char letter = series.charAt(i);
            if (letter == '\\') {
                part.append(series.charAt(++i));
            } else if (letter == '=') {
                name = part.toString();
                part.setLength(0);
            } else if (letter == ';') {
                parts.put(name, part.toString());
                part.setLength(0);
            } else {
                part.append(letter);
            }
        }
        if (!series.isEmpty()) {
            parts.put(name, part.toString());
        }
        return parts;
    }

    @Test
    void instance_namesMigInstanceOrLink() {
        assertThat(Samples.gpu().migInstance("7").build().instance()).isEqualTo("gi:7");
        assertThat(Samples.gpu().nvlink("3").build().instance()).isEqualTo("nvlink:3");
        assertThat(Samples.gpu().nvlink("3").migInstance("7").build().instance())
                .isEqualTo("nvlink:3");
        assertThat(Samples.gpu().migInstance("7").build().isMigInstance()).isTrue();
    }

    @Test
    void attributes_areAsGiven() {
        GpuSubject subject = Samples.gpu()
                .index(3)
                .device("nvidia3")
                .pciBusId("00000000:18:00.0")
                .model("H100")
                .migProfile("1g.5gb")
                .host("n1")
                .namespace("ml")
                .pod("p")
                .container("c")
                .vgpu("2")
                .label("job", "dgx")
                .label("a", "b")
                .label("empty", "")
                .build();

        assertThat(subject.uuid()).isEqualTo(Samples.UUID);
        assertThat(subject.index()).hasValue(3);
        assertThat(List.of(
                        subject.device(),
                        subject.pciBusId(),
                        subject.model(),
                        subject.migProfile(),
                        subject.host(),
                        subject.namespace(),
                        subject.pod(),
                        subject.container(),
                        subject.vgpu()))
                .containsExactly("nvidia3", "00000000:18:00.0", "H100", "1g.5gb", "n1", "ml", "p", "c", "2");
        assertThat(subject.labels()).containsExactly(Map.entry("job", "dgx"), Map.entry("a", "b"));
        assertThatThrownBy(() -> subject.labels().clear()).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> subject.discriminators().put("a", "b"))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void attributes_areAbsentByDefault() {
        GpuSubject subject = Samples.gpu().discriminator("xid", "").build();

        assertThat(subject.index()).isEmpty();
        assertThat(subject.labels()).isEmpty();
        assertThat(subject.discriminators()).isEmpty();
        assertThat(subject.device() + subject.pciBusId() + subject.model() + subject.migProfile() + subject.host())
                .isEmpty();
    }

    @Test
    void subjects_areEqualIfAllTheirPartsAre() {
        GpuSubject subject = full(builder -> builder).build();

        assertThat(subject)
                .isEqualTo(full(builder -> builder).build())
                .hasSameHashCodeAs(full(builder -> builder).build())
                .isNotEqualTo("x")
                .isNotEqualTo(GpuSubject.builder("other").build());
        List<UnaryOperator<GpuSubject.Builder>> changes = List.of(
                b -> b.index(1),
                b -> b.device("x"),
                b -> b.pciBusId("x"),
                b -> b.model("x"),
                b -> b.migProfile("x"),
                b -> b.host("x"),
                b -> b.pod("x"),
                b -> b.label("x", "y"));
        assertThat(changes)
                .allSatisfy(change -> assertThat(full(change).build()).isNotEqualTo(subject));
        assertThat(List.of(
                        subject,
                        GpuSubject.builder("other").build(),
                        full(b -> b.pod("x")).build()))
                .extracting(Object::hashCode)
                .doesNotHaveDuplicates();
        assertThat(Samples.gpu().label("a", "1").label("b", "2").build())
                .isNotEqualTo(Samples.gpu().label("b", "2").label("a", "1").build());
    }

    private static GpuSubject.Builder full(UnaryOperator<GpuSubject.Builder> change) {
        return change.apply(Samples.gpu().index(0).device("nvidia0").host("n1").label("a", "b"));
    }

    @Test
    void builder_refusesWhatIsNoSubject() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GpuSubject.builder(" "))
                .withMessage("uuid: \" \" is blank");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Samples.gpu().index(-1))
                .withMessage("index: -1 is not 0 or more");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Samples.gpu().discriminator("pod", "a"))
                .withMessage("name: \"pod\" is not one of [clock_event, health_watch, nvswitch, peer_gpu, "
                        + "window_size_in_ms, xid]");
        assertThat(GpuSubject.isDiscriminator("xid")).isTrue();
        assertThat(GpuSubject.isDiscriminator("pod")).isFalse();
    }
}
