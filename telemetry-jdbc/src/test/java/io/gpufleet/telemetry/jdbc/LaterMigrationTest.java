package io.gpufleet.telemetry.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.testkit.ForkedJvm;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** A later release with one more migration on its class path, in a JVM of its own. */
@ParameterizedClass
@ValueSource(booleans = {false, true})
final class LaterMigrationTest {
    private static final String DIRECTORY = "io/gpufleet/telemetry/jdbc/migration/heartbeats/common";
    private static final String KEY =
            "SELECT count(*) FROM pg_index WHERE indrelid = 'heartbeat'::regclass" + " AND indisprimary";
    private static final String LATER =
            "SELECT count(*) FROM pg_attribute WHERE attrelid = 'heartbeat'::regclass" + " AND attname = 'note'";

    @Parameter
    boolean partitionedByDay;

    @TempDir
    Path later;

    private Database database;

    @BeforeEach
    void createMigration() throws IOException {
        database = PostgresVersion.POSTGRES_18.emptyDatabase();
        Path directory = Files.createDirectories(later.resolve(DIRECTORY));
        Files.writeString(
                directory.resolve("V5__note.sql"), "ALTER TABLE heartbeat ADD COLUMN IF NOT EXISTS note text;");
    }

    private TelemetrySchema.Builder schema() {
        return schema(database, partitionedByDay);
    }

    private static TelemetrySchema.Builder schema(Database database, boolean partitionedByDay) {
        TelemetrySchema.Builder schema =
                TelemetrySchema.builder(database.dataSource()).heartbeats();
        return partitionedByDay ? schema.partitionedByDay() : schema;
    }

    @Test
    void install_upgradesTheTablesOfAnEarlierRelease() {
        schema().build().install();
        Feed.open(HeartbeatSink.create(database.dataSource()), Feed.P0)
                .add(Heartbeats.heartbeat(1, 1), Heartbeats.NOON)
                .write();

        installLaterRelease(true);

        assertThat(database.row("SELECT cpu_usage, note FROM heartbeat")).isEqualTo("1|null");
        schema().build().install();
    }

    /** With its own version below the later one's, the migration that drops the key would be out of order. */
    @Test
    void install_withoutKeyAfterALaterMigrationTakesTheKey() {
        schema().build().install();
        installLaterRelease(true);
        assertThat(database.row(LATER)).isEqualTo("1");
        assertThat(database.row(KEY)).isEqualTo("1");

        installLaterRelease(false);

        assertThat(database.row(KEY)).isEqualTo("0");
        assertHistory("1", "1.1", "5", "-");
        schema().withoutHeartbeatKey().build().install();
    }

    @Test
    void install_ofALaterMigrationAfterTheKeyWasTaken() {
        schema().withoutHeartbeatKey().build().install();
        installLaterRelease(false);

        assertThat(database.row(LATER)).isEqualTo("1");
        assertHistory("1", "1.1", "-", "5");
    }

    @Test
    void install_ofALaterReleaseWithoutKeyFromTheStart() {
        installLaterRelease(false);
        assertThat(database.row(LATER)).isEqualTo("1");
        assertThat(database.row(KEY)).isEqualTo("0");
    }

    private void assertHistory(String... versions) {
        assertThat(database.rows("SELECT coalesce(version, '-') FROM telemetry_heartbeats_history WHERE type = 'SQL'"
                        + " ORDER BY installed_rank"))
                .containsExactly(versions);
    }

    private void installLaterRelease(boolean keyed) {
        try (ForkedJvm jvm = ForkedJvm.builder(LaterRelease.class)
                .classPath(System.getProperty("java.class.path") + File.pathSeparator + later)
                .jvmArguments("-Dorg.slf4j.simpleLogger.defaultLogLevel=error")
                .arguments(database.url(), Boolean.toString(partitionedByDay), Boolean.toString(keyed))
                .start()) {
            assertThat(jvm.awaitExit(Duration.ofSeconds(60)))
                    .as(jvm.errors().toString())
                    .isZero();
            assertThat(jvm.output()).isEqualTo(List.of("installed"));
        }
    }

    /** The main class of a service of the later release. */
    static final class LaterRelease {
        private LaterRelease() {}

        public static void main(String... arguments) {
            TelemetrySchema.Builder schema = schema(new Database(arguments[0]), Boolean.parseBoolean(arguments[1]));
            if (!Boolean.parseBoolean(arguments[2])) {
                schema.withoutHeartbeatKey();
            }
            schema.build().install();
            System.out.println("installed");
        }
    }
}
