package io.gpufleet.telemetry.jdbc.gpu;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Compaction behind a pooler in transaction mode. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class CompactionPoolerTest {
    private static final String SETTINGS =
            "SELECT name || ' = ' || setting FROM pg_settings WHERE source = 'session' AND name !~ '^(application_name|transaction_)'";

    @Parameter
    PostgresVersion version;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private Database database;
    private CompactionFixture samples;
    private SharedSessions pooler;

    @BeforeEach
    void create() throws SQLException {
        samples = new CompactionFixture(version.gpuDatabase(GpuLayout.NUMBERED))
                .with(CompactionFixture.DAY)
                .insert(2, "2026-03-01 11:50+00", 120);
        database = samples.database();
        pooler = new SharedSessions(database.newConnections(), 3);
    }

    @AfterEach
    void close() throws SQLException {
        threads.shutdownNow();
        pooler.close();
    }

    private CompactionJob.DayResult run() throws Exception {
        CompactionJob job =
                samples.job(pooler).lockTimeout(Duration.ofMillis(300)).build();
        return threads.submit(job::runOnce).get(30, SECONDS).days().get(0);
    }

    @Test
    void runOnce_leavesNoSettingInASession() throws Exception {
        List<List<String>> before = settings();
        assertThat(run().waiting()).isEmpty();
        assertThat(settings()).isEqualTo(before);
    }

    private List<List<String>> settings() throws SQLException {
        List<List<String>> all = new ArrayList<>();
        for (Connection session : pooler.sessions()) {
            try (Statement statement = session.createStatement();
                    ResultSet rows = statement.executeQuery(SETTINGS)) {
                List<String> settings = new ArrayList<>();
                while (rows.next()) {
                    settings.add(rows.getString(1));
                }
                all.add(settings);
            }
        }
        return all;
    }

    @Test
    void runOnce_waitsForNoLockWithoutALimit() throws Exception {
        try (Connection other = database.newConnections().getConnection();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("LOCK TABLE gpu_sample_20260301 IN SHARE UPDATE EXCLUSIVE MODE");
            CompactionJob.DayResult day = run();
            assertThat(day.samples()).isEqualTo(720);
            assertThat(day.waiting())
                    .hasValueSatisfying(reason -> assertThat(reason).contains("55P03", "; held by pid "));
            other.rollback();
        }
        assertThat(run().waiting()).isEmpty();
    }
}
