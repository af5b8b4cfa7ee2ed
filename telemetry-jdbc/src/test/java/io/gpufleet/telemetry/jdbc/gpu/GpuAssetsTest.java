package io.gpufleet.telemetry.jdbc.gpu;

import static io.gpufleet.telemetry.jdbc.gpu.AssetFixture.LINES;
import static io.gpufleet.telemetry.jdbc.gpu.AssetFixture.WHOLE;
import static io.gpufleet.telemetry.jdbc.gpu.AssetFixture.asset;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.gpu.GpuAsset;
import io.gpufleet.telemetry.gpu.GpuAssetChange;
import io.gpufleet.telemetry.gpu.MetricEvent;
import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.Feed;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import io.gpufleet.telemetry.jdbc.WatchedDataSource;
import io.gpufleet.telemetry.jdbc.gpu.GpuAssets.Imported;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The table of assets: what an import, the topic and an export make of it. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class GpuAssetsTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    @Parameter
    PostgresVersion version;

    private Database database;
    private GpuAssets assets;

    @BeforeEach
    void create() {
        database = AssetFixture.database(version);
        assets = GpuAssets.create(database.dataSource());
    }

    private Imported importLines(String... lines) {
        try {
            return assets.importFrom(
                    new ByteArrayInputStream(String.join("\n", lines).getBytes(UTF_8)), LINES);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> models() {
        return database.rows("SELECT gpu_uuid, model FROM gpu_assets ORDER BY 1");
    }

    private void makeOld() {
        database.execute("UPDATE gpu_assets SET created_at = '2020-01-01', updated_at = '2020-01-01'");
    }

    @Test
    void importFrom_insertsAndUpdatesAndLeavesEqualRowsUntouched() {
        assertThat(importLines("b H100", "a H100", "c H100")).isEqualTo(new Imported(3, 0, 0, 0, List.of()));
        makeOld();

        assertThat(importLines("d B200", "c B200", "a H100")).isEqualTo(new Imported(1, 1, 1, 0, List.of()));

        assertThat(models()).containsExactly("a|H100", "b|H100", "c|B200", "d|B200");
        assertThat(database.rows("SELECT gpu_uuid, extract(year FROM created_at) = 2020,"
                        + " extract(year FROM updated_at) = 2020 FROM gpu_assets ORDER BY 1"))
                .containsExactly("a|t|t", "b|t|t", "c|t|f", "d|f|f");
    }

    @Test
    void importFrom_keepsEveryFieldAndSeesEveryChange() throws IOException {
        assets.importFrom(new ByteArrayInputStream(new byte[0]), (source, values) -> values.accept(WHOLE));

        assertThat(assets.find(List.of("GPU-whole", "other"))).isEqualTo(Map.of("GPU-whole", WHOLE));
        assertThat(database.row("SELECT deployment_date, expected_eol, memory_gb, tags ->> 'team' FROM gpu_assets"))
                .isEqualTo("1969-12-31|9999-12-31|80|vis\"ion\\");
        List<GpuAsset> changes = List.of(
                changed(WHOLE, Map.of("team", "vision"), WHOLE.notes()),
                changed(WHOLE, Map.of(), ""),
                asset("GPU-whole", ""));
        for (GpuAsset change : changes) {
            assertThat(assets.importFrom(
                            new ByteArrayInputStream(new byte[0]), (source, values) -> values.accept(change)))
                    .isEqualTo(new Imported(0, 1, 0, 0, List.of()));
            assertThat(assets.find(List.of("GPU-whole"))).containsValue(change);
        }
        assertThat(database.row("SELECT model IS NULL, memory_gb IS NULL, tags, purchase_date IS NULL FROM gpu_assets"))
                .isEqualTo("t|t|{}|t");
    }

    private static GpuAsset changed(GpuAsset asset, Map<String, String> tags, String notes) {
        return new GpuAsset(
                asset.uuid(),
                asset.model(),
                asset.architecture(),
                asset.computeCapability(),
                asset.memoryGb(),
                asset.host(),
                asset.pciBusId(),
                asset.region(),
                asset.purchased(),
                asset.deployed(),
                asset.warrantyUntil(),
                asset.expectedEnd(),
                asset.slaTier(),
                asset.priority(),
                tags,
                notes);
    }

    @Test
    void importFrom_namesBadRowsAndStoresTheOthers(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("gpus.txt"), "a H100\nb\na B200\nc H100\nEND\nd H100");

        assertThat(assets.importFrom(file, LINES))
                .isEqualTo(new Imported(
                        2,
                        0,
                        0,
                        3,
                        List.of("\"b\" has no model", "GPU \"a\" stands twice; allowed: once", "the rest: the end")));
        assertThat(models()).containsExactly("a|H100", "c|H100");
        assertThat(importLines("x").refused()).isEqualTo(1);
    }

    @Test
    void importFrom_ofWhatIsNoFileOfAssetsChangesNothing(@TempDir Path directory) {
        assertThatExceptionOfType(CodecException.class)
                .isThrownBy(() -> importLines("END"))
                .withMessageStartingWith("the end");
        Path missing = directory.resolve("missing.csv");
        assertThatExceptionOfType(TelemetryException.class)
                .isThrownBy(() -> assets.importFrom(missing, LINES))
                .withMessageStartingWith("assets: cannot read " + missing);
    }

    @Test
    void importFrom_isAllOrNothing() {
        String lines =
                IntStream.range(0, 6_000).mapToObj(i -> "g" + i + " H100").collect(Collectors.joining("\n"));
        database.execute("ALTER TABLE gpu_assets ADD CHECK (gpu_uuid <> 'g999')");

        assertThatExceptionOfType(SinkException.class)
                .isThrownBy(() -> importLines(lines))
                .withMessageStartingWith("import of assets: ");
        assertThat(database.count("gpu_assets")).isZero();

        database.execute("ALTER TABLE gpu_assets DROP CONSTRAINT gpu_assets_gpu_uuid_check1");
        assertThat(importLines(lines).inserted()).isEqualTo(6_000);
    }

    @Test
    void forEach_handsOutAllInTheOrderOfTheirKeysAThousandAQuery() {
        importLines(IntStream.range(0, 2_001).mapToObj(i -> "g" + i + " H100").toArray(String[]::new));
        WatchedDataSource watched = new WatchedDataSource(database.dataSource());
        List<String> uuids = new ArrayList<>();

        GpuAssets.create(watched).forEach(asset -> uuids.add(asset.uuid()));

        assertThat(uuids).isEqualTo(database.rows("SELECT gpu_uuid FROM gpu_assets ORDER BY 1"));
        assertThat(watched.asked()).isEqualTo(3);
    }

    @Test
    void schema_isTheTablesOwn() throws IOException {
        database.execute("CREATE SCHEMA fleet");
        database.execute("CREATE TABLE fleet.gpu_assets (LIKE gpu_assets INCLUDING ALL)");
        GpuAssets ofSchema = GpuAssets.create(database.dataSource(), "fleet");

        ofSchema.importFrom(new ByteArrayInputStream("a H100".getBytes(UTF_8)), LINES);

        assertThat(database.count("fleet.gpu_assets")).isEqualTo(1);
        assertThat(models()).isEmpty();
        assertThat(ofSchema.find(List.of("a"))).hasSize(1);
        assertThatThrownBy(() -> GpuAssets.create(database.dataSource(), "a-b"))
                .hasMessageStartingWith("schema: \"a-b\" is not a name");
    }

    @Test
    void sink_writesTheNewestChangeOfEachGpuAndDeletes() {
        Feed<GpuAssetChange> feed = Feed.open(assets.sink().build(), Feed.P0);
        importLines("old A100", "kept A100", "back A100");
        makeOld();

        feed.add(GpuAssetChange.of(asset("a", "H100")), NOON)
                .add(GpuAssetChange.of(asset("b", "H100")), NOON)
                .add(GpuAssetChange.removal("a"), NOON)
                .add(GpuAssetChange.of(asset("b", "B200")), NOON)
                .add(GpuAssetChange.removal("old"), NOON)
                .add(GpuAssetChange.removal("never there"), NOON)
                .add(GpuAssetChange.of(asset("kept", "A100")), NOON)
                .add(GpuAssetChange.removal("back"), NOON)
                .add(GpuAssetChange.of(asset("back", "A30")), NOON)
                .write();

        assertThat(models()).containsExactly("b|B200", "back|A30", "kept|A100");
        assertThat(database.row("SELECT extract(year FROM updated_at) FROM gpu_assets WHERE gpu_uuid = 'kept'"))
                .isEqualTo("2020");
        feed.rewind();
        feed.add(GpuAssetChange.of(asset("b", "B200")), NOON).write();
        assertThat(models()).containsExactly("b|B200", "back|A30", "kept|A100");
    }

    @Test
    void sink_movesThePositionWithTheRowsOrNotAtAll() {
        Feed<GpuAssetChange> feed = Feed.open(assets.sink().build(), Feed.P0);
        importLines("a H100");
        GpuAsset impossible = new GpuAsset(
                "b",
                "",
                "",
                "",
                OptionalInt.of(-1),
                MetricEvent.Host.of(""),
                "",
                "",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                "",
                "",
                Map.of(),
                "");

        feed.add(GpuAssetChange.removal("a"), NOON).add(GpuAssetChange.of(impossible), NOON);
        assertThatExceptionOfType(SinkException.class)
                .isThrownBy(feed::write)
                .extracting(SinkException::kind)
                .isEqualTo(SinkException.Kind.DATA);
        assertThat(models()).containsExactly("a|H100");
        assertThat(database.row("SELECT next_offset FROM consumer_offsets")).isEqualTo("0");

        feed.add(GpuAssetChange.removal("a"), NOON).write();
        assertThat(models()).isEmpty();
        assertThat(database.row("SELECT next_offset FROM consumer_offsets")).isEqualTo("1");
    }
}
