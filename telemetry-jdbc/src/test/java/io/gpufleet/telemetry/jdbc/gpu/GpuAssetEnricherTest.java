package io.gpufleet.telemetry.jdbc.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.gpu.GpuAsset;
import io.gpufleet.telemetry.gpu.MetricEvent;
import io.gpufleet.telemetry.jdbc.CapturedLog;
import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.Feed;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import io.gpufleet.telemetry.jdbc.WatchedDataSource;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Events completed by the assets of their GPUs, with a clock and a background that tests turn. */
final class GpuAssetEnricherTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    private final Deque<Runnable> background = new ArrayDeque<>();
    private Database database;
    private WatchedDataSource watched;
    private GpuAssetEnricher enricher;
    private long nanos;

    @BeforeEach
    void create() {
        database = AssetFixture.database(PostgresVersion.POSTGRES_18);
        database.execute(
                "INSERT INTO gpu_assets (gpu_uuid, model) SELECT 'g' || n, 'H100' FROM generate_series(0, 99) AS n");
        watched = new WatchedDataSource(database.dataSource());
        enricher = builder().build();
    }

    private GpuAssetEnricher.Builder builder() {
        return GpuAssetEnricher.builder(GpuAssets.create(watched))
                .clock(Clock.fixed(NOON, ZoneOffset.UTC))
                .ticker(() -> nanos)
                .executor(background::add);
    }

    private void pass(long seconds) {
        nanos += Duration.ofSeconds(seconds).toNanos();
    }

    private static Delivery<MetricEvent> event(String uuid) {
        MetricEvent event = MetricEvent.builder(MetricEvent.Gpu.of(uuid), MetricEvent.Host.of("n1"))
                .time(NOON)
                .build();
        return Delivery.of(event, NOON, SourceRecord.builder(Feed.P0, 0).build());
    }

    private List<MetricEvent> enrich(String... uuids) {
        return enricher
                .enrich(Arrays.stream(uuids).map(GpuAssetEnricherTest::event).toList())
                .stream()
                .map(Delivery::value)
                .toList();
    }

    /** Returns the model of each GPU's asset; "none" for no asset, "?" for no answer. */
    private List<String> models(String... uuids) {
        return enrich(uuids).stream()
                .map(event -> event.quality()
                        .assetFound()
                        .map(found -> event.asset().map(GpuAsset::model).orElse("none"))
                        .orElse("?"))
                .toList();
    }

    @Test
    void enrich_fillsAssetAndQuality() {
        List<MetricEvent> events = enrich("g1", "unknown", "g1");

        assertThat(events).extracting(event -> event.gpu().uuid()).containsExactly("g1", "unknown", "g1");
        assertThat(events.get(0).asset()).map(GpuAsset::model).contains("H100");
        assertThat(events.get(0).quality())
                .isEqualTo(MetricEvent.Quality.NONE.enriched(NOON, GpuAssetEnricher.VERSION, true));
        assertThat(events.get(0).quality().assetFound()).contains(true);
        assertThat(events.get(0).quality().enrichmentTime()).contains(NOON);
        assertThat(events.get(1).asset()).isEmpty();
        assertThat(events.get(1).quality().assetFound()).contains(false);
        assertThat(events.get(2)).isEqualTo(events.get(0));
        assertThat(enricher.notLookedUp()).isZero();
    }

    @Test
    void enrich_ofAnyBatchesCostsOneQueryForEachBatchWithMisses() {
        SplittableRandom random = new SplittableRandom(7);
        List<String> seen = new ArrayList<>();
        int expected = 0;
        for (int batch = 0; batch < 40; batch++) {
            String[] uuids = random.ints(25, 0, 110).mapToObj(n -> "g" + n).toArray(String[]::new);
            expected += seen.containsAll(List.of(uuids)) ? 0 : 1;
            Collections.addAll(seen, uuids);

            assertThat(models(uuids))
                    .isEqualTo(Arrays.stream(uuids)
                            .map(uuid -> Integer.parseInt(uuid.substring(1)) < 100 ? "H100" : "none")
                            .toList());
            assertThat(watched.asked()).isEqualTo(expected);
        }
        assertThat(expected).isBetween(3, 39);
        assertThat(background).isEmpty();
    }

    @Test
    void enrich_seesANewAssetAfterAMinute() {
        assertThat(models("new")).containsExactly("none");
        database.execute("INSERT INTO gpu_assets (gpu_uuid, model) VALUES ('new', 'B200')");
        pass(59);
        assertThat(models("new")).containsExactly("none");
        assertThat(watched.asked()).isEqualTo(1);

        pass(1);
        assertThat(models("new")).containsExactly("B200");
        assertThat(watched.asked()).isEqualTo(2);
    }

    @Test
    void enrich_readsOldAssetsAgainInTheBackgroundByOneQuery() {
        String[] all = IntStream.range(0, 100).mapToObj(n -> "g" + n).toArray(String[]::new);
        enrich(all);
        database.execute("UPDATE gpu_assets SET model = 'B200'");
        pass(299);
        assertThat(models(all)).containsOnly("H100");
        assertThat(background).isEmpty();

        pass(1);
        assertThat(models(all)).containsOnly("H100");
        assertThat(models("g1")).containsExactly("H100");
        assertThat(background).hasSize(1);
        assertThat(watched.asked()).isEqualTo(1);

        background.remove().run();
        assertThat(watched.asked()).isEqualTo(2);
        assertThat(models(all)).containsOnly("B200");
        pass(299);
        assertThat(models(all)).containsOnly("B200");
        assertThat(background).isEmpty();
        assertThat(watched.asked()).isEqualTo(2);
    }

    @Test
    void enrich_forgetsAnAssetThatIsGone() {
        enrich("g1");
        database.execute("DELETE FROM gpu_assets");
        pass(300);
        assertThat(models("g1")).containsExactly("H100");
        background.remove().run();
        assertThat(models("g1")).containsExactly("none");

        database.execute("INSERT INTO gpu_assets (gpu_uuid, model) VALUES ('g1', 'B200')");
        pass(60);
        assertThat(models("g1")).containsExactly("B200");
    }

    @Test
    void failedLookUp_isNoAnswerAndNotRemembered() {
        enrich("g1", "unknown");
        database.execute("ALTER TABLE gpu_assets RENAME TO away");
        try (CapturedLog log = new CapturedLog(GpuAssetEnricher.class)) {
            List<MetricEvent> events = enrich("g1", "g2", "unknown", "g2");

            assertThat(events.get(1)).isEqualTo(event("g2").value());
            assertThat(models("g1", "g2", "unknown")).containsExactly("H100", "?", "none");
            assertThat(enricher.notLookedUp()).isEqualTo(3);
            assertThat(log.linesWith(
                            "Assets cannot be looked up; events of GPUs that are not remembered go on without"))
                    .hasSize(1);
        }
        database.execute("ALTER TABLE away RENAME TO gpu_assets");

        assertThat(models("g1", "g2")).containsExactly("H100", "H100");
        assertThat(enricher.notLookedUp()).isEqualTo(3);
    }

    @Test
    void failedRefresh_keepsTheAssetFor5MinutesMore() {
        enrich("g1");
        database.execute("ALTER TABLE gpu_assets RENAME TO away");
        pass(300);
        for (int i = 0; i < 3; i++) {
            assertThat(models("g1")).containsExactly("H100");
            background.remove().run();
        }
        pass(300);

        assertThat(models("g1")).containsExactly("?");
    }

    @Test
    void rejectedRefresh_isTriedAgainWithTheNextBatch() {
        List<Runnable> taken = new ArrayList<>();
        enricher = builder()
                .executor(task -> {
                    taken.add(task);
                    if (taken.size() == 1) {
                        throw new RejectedExecutionException();
                    }
                })
                .build();
        enrich("g1");
        pass(300);

        assertThat(models("g1")).containsExactly("H100");
        assertThat(models("g1")).containsExactly("H100");
        assertThat(taken).hasSize(2);
    }

    @Test
    void retryFailedLookUps_makesTheBatchWait() {
        WatchedDataSource failing = new WatchedDataSource(database.dataSource());
        failing.failAfter("prepareStatement");
        enricher = GpuAssetEnricher.builder(GpuAssets.create(failing))
                .retryFailedLookUps()
                .build();

        assertThatExceptionOfType(SinkException.class)
                .isThrownBy(() -> enrich("g1"))
                .extracting(SinkException::kind)
                .isEqualTo(SinkException.Kind.TRANSIENT);
        assertThat(enricher.notLookedUp()).isZero();
    }

    @Test
    void maximumGpus_boundsOnlyWhatIsRemembered() {
        enricher = builder().maximumGpus(1).executor(Runnable::run).build();
        for (int i = 0; i < 3; i++) {
            assertThat(models("g1", "g2", "none")).containsExactly("H100", "H100", "none");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().maximumGpus(0))
                .withMessage("maximumGpus: 0 is not 1 or more");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().knownFor(Duration.ZERO))
                .withMessageStartingWith("knownFor: PT0S");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().unknownFor(Duration.ZERO))
                .withMessageStartingWith("unknownFor: PT0S");
    }

    @Test
    void event_withoutAUuidStaysAsItIs() {
        assertThat(enrich("").get(0).quality().assetFound()).isEqualTo(Optional.empty());
        assertThat(watched.asked()).isZero();
    }
}
