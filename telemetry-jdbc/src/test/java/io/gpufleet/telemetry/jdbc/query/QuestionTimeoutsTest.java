package io.gpufleet.telemetry.jdbc.query;

import static io.gpufleet.telemetry.jdbc.query.StoredFleet.U;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.jdbc.Pools;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import io.gpufleet.telemetry.testkit.Await;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Questions that hang, or lose their connection, over a pool of two: the next ones find the pool as it was. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class QuestionTimeoutsTest {
    private static final Duration LIMIT = Duration.ofMillis(150);
    private static final String TEMP = "DCGM_FI_DEV_GPU_TEMP";

    /** Labels are read by questions for samples only. */
    private static final String HANGING_VIEW = "ALTER TABLE gpu_labels RENAME TO kept_labels; CREATE VIEW gpu_labels AS"
            + " SELECT * FROM kept_labels WHERE (SELECT true FROM pg_sleep(600))";

    private static final String BACKENDS = "SELECT pid, state FROM pg_stat_activity WHERE datname = current_database()"
            + " AND pid <> pg_backend_pid() AND application_name = 'pool' ORDER BY pid";

    private static final List<String> SETTINGS = List.of(
            "transaction_read_only",
            "default_transaction_read_only",
            "transaction_isolation",
            "statement_timeout",
            "lock_timeout",
            "idle_in_transaction_session_timeout",
            "search_path",
            "jit",
            "extra_float_digits",
            "TimeZone");

    @Parameter
    PostgresVersion version;

    private StoredFleet fleet;
    private HikariDataSource pool;

    @BeforeEach
    void open() throws SQLException {
        fleet = new StoredFleet(version);
        fleet.store(U, TEMP, 60, "2026-03-04T11:30:00Z");
        pool = pool(2);
    }

    private HikariDataSource pool(int size) throws SQLException {
        HikariDataSource opened = Pools.of(fleet.database(), size, settings -> {
            settings.setDataSource(null);
            settings.setJdbcUrl(fleet.database().url() + "&ApplicationName=pool");
            settings.setConnectionTimeout(250);
        });
        List<Connection> taken = new ArrayList<>();
        while (taken.size() < size) {
            taken.add(opened.getConnection());
        }
        for (Connection connection : taken) {
            connection.close();
        }
        return opened;
    }

    @AfterEach
    void close() {
        pool.close();
    }

    private GpuQueries queries(Duration limit) {
        return GpuQueries.builder(pool)
                .clock(Clock.fixed(StoredFleet.NOW, ZoneOffset.UTC))
                .timeout(limit)
                .build();
    }

    private static List<StoredSample> latest(GpuQueries queries) {
        return queries.latest(LatestQuery.ofGpu(U).build());
    }

    private List<String> backends() {
        return fleet.database().rows(BACKENDS);
    }

    /** Returns the settings of each connection of the pool. */
    private List<String> settings() throws SQLException {
        List<String> settings = new ArrayList<>();
        try (Connection one = pool.getConnection();
                Connection other = pool.getConnection()) {
            for (Connection connection : List.of(one, other)) {
                assertThat(connection.getAutoCommit()).isTrue();
                assertThat(connection.isReadOnly()).isFalse();
                for (String setting : SETTINGS) {
                    settings.add(setting + "=" + show(connection, setting));
                }
            }
        }
        settings.sort(null);
        return settings;
    }

    private static String show(Connection connection, String setting) throws SQLException {
        try (Statement statement = connection.createStatement();
                var row = statement.executeQuery("SHOW " + setting)) {
            row.next();
            return row.getString(1);
        }
    }

    private void assertTenHangAndFiftyAnswer() throws Exception {
        List<String> backends = backends();
        List<String> settings = settings();
        GpuQueries queries = queries(LIMIT);
        GpuQueries ordinary = queries(Duration.ofSeconds(10));
        ExecutorService callers = Executors.newFixedThreadPool(2);
        try {
            List<Future<List<StoredSample>>> hanging = new ArrayList<>();
            for (int n = 0; n < 10; n++) {
                hanging.add(callers.submit(() -> latest(queries)));
            }
            for (Future<List<StoredSample>> question : hanging) {
                assertThat(question)
                        .failsWithin(Duration.ofSeconds(30))
                        .withThrowableOfType(ExecutionException.class)
                        .withCauseInstanceOf(QueryTimeoutException.class)
                        .withMessageContaining("latest: ")
                        .withMessageContaining("150 ms");
            }
            for (int n = 0; n < 50; n++) {
                assertThat(callers.submit(() -> ordinary.gpus(GpuFilter.all()).rows()))
                        .succeedsWithin(Duration.ofSeconds(30))
                        .asInstanceOf(InstanceOfAssertFactories.LIST)
                        .hasSize(1);
            }
        } finally {
            callers.shutdownNow();
        }
        assertThat(backends()).isEqualTo(backends).hasSize(2).allMatch(row -> row.endsWith("|idle"));
        assertThat(settings()).isEqualTo(settings);
        assertThat(pool.getHikariPoolMXBean().getTotalConnections()).isEqualTo(2);
        assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
    }

    @Test
    void questionsBehindASlowView_leaveThePoolAsItWas() throws Exception {
        fleet.database().execute(HANGING_VIEW);
        assertTenHangAndFiftyAnswer();
    }

    @Test
    void questionsBehindALock_leaveThePoolAsItWas() throws Exception {
        try (Connection other = fleet.database().newConnections().getConnection();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("LOCK TABLE gpu_labels IN ACCESS EXCLUSIVE MODE");
            assertTenHangAndFiftyAnswer();
            other.rollback();
        }
        assertThat(latest(queries(Duration.ofSeconds(10)))).hasSize(1);
    }

    @Test
    void poolWithoutAFreeConnection_isATransientFailure() throws Exception {
        GpuQueries queries = queries(LIMIT);
        try (Connection one = pool.getConnection();
                Connection other = pool.getConnection()) {
            assertThat(List.of(one, other)).doesNotHaveDuplicates();
            SinkException failure = catchThrowableOfType(SinkException.class, () -> latest(queries));
            assertThat(failure.kind()).isEqualTo(SinkException.Kind.TRANSIENT);
            assertThat(failure).hasMessageStartingWith("latest: ");
        }
        assertThat(latest(queries(Duration.ofSeconds(10)))).hasSize(1);
    }

    /** Asks a question that hangs, and returns what it ends with after its backend was told something. */
    private Throwable failureAfter(String told) throws Exception {
        GpuQueries queries = queries(Duration.ofMinutes(5));
        CompletableFuture<List<StoredSample>> question = CompletableFuture.supplyAsync(() -> latest(queries));
        String active = BACKENDS.replace("ORDER BY pid", "AND state = 'active' AND wait_event = 'PgSleep'");
        Await.until(
                "the question hangs",
                Duration.ofSeconds(30),
                () -> fleet.database().rows(active),
                rows -> !rows.isEmpty());
        fleet.database().row("SELECT " + told + "(pid) FROM (" + active + ") AS a");
        return question.handle((rows, failure) -> failure.getCause()).get();
    }

    @Test
    void connectionThatIsCut_isReplaced() throws Exception {
        fleet.database().execute(HANGING_VIEW);
        Throwable failure = failureAfter("pg_terminate_backend");
        assertThat(failure)
                .isInstanceOfSatisfying(
                        SinkException.class, e -> assertThat(e.kind()).isEqualTo(SinkException.Kind.TRANSIENT));
        assertThat(queries(Duration.ofSeconds(10)).gpus(GpuFilter.all()).rows()).hasSize(1);
        assertThat(backends()).allMatch(row -> row.endsWith("|idle"));
        assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void readOnlyServer_answers(boolean isReadOnly) throws Exception {
        fleet.database().configure("default_transaction_read_only", isReadOnly ? "on" : "off");
        pool.close();
        pool = pool(2);
        List<String> settings = settings();
        GpuQueries queries = queries(Duration.ofSeconds(10));
        assertThat(latest(queries)).hasSize(1);
        assertThat(queries.samples(SampleQuery.builder(U).build()).rows()).hasSize(1);
        assertThat(settings()).isEqualTo(settings).contains("transaction_read_only=" + (isReadOnly ? "on" : "off"));
    }

    @Test
    void interruptedCaller_staysInterrupted() throws Exception {
        List<String> backends = backends();
        GpuQueries queries = queries(Duration.ofSeconds(10));
        Thread.currentThread().interrupt();
        try {
            latest(queries);
        } catch (SinkException e) {
            assertThat(e.kind()).isEqualTo(SinkException.Kind.TRANSIENT);
        }
        assertThat(Thread.interrupted()).isTrue();
        assertThat(latest(queries)).hasSize(1);
        assertThat(backends()).isEqualTo(backends).allMatch(row -> row.endsWith("|idle"));
    }
}
