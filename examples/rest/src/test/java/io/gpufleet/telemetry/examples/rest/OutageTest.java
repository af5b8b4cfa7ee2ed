package io.gpufleet.telemetry.examples.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.PostgresDatabase;
import io.gpufleet.telemetry.testkit.PostgresServer;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The service while its database is away, hangs, or answers too slowly; the server is its own. */
final class OutageTest {
    private static final int CLIENTS = 200;
    /** The time of the clients before, in, and after the outage; {@code -Doutage.seconds=20} makes a minute of it. */
    private static final Duration PHASE = Duration.ofSeconds(Integer.getInteger("outage.seconds", 1));

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String GPUS = "/api/v1/gpus";

    private static PostgresServer server;
    private static PostgresDatabase database;
    private static StoredFleet fleet;

    @BeforeAll
    static void store() {
        server = PostgresServer.builder().start();
        database = server.newDatabase();
        fleet = StoredFleet.create(database).store(StoredFleet.U, "DCGM_FI_DEV_GPU_TEMP", 50, "2026-03-01T12:00:00Z");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void start() {
        if (!server.isRunning()) {
            server.start();
        }
    }

    private static RunningApi api(String... options) {
        List<String> all = new ArrayList<>(List.of("--rate=1000000", "--burst=1000000"));
        all.addAll(List.of(options));
        return RunningApi.start("127.0.0.1:1", fleet, database, all.toArray(String[]::new));
    }

    @Test
    void databaseThatIsAway_isTold_andComesBack() throws Exception {
        Set<String> before = threads();
        try (RunningApi api = api()) {
            Queue<Answer> answers = new ConcurrentLinkedQueue<>();
            CountDownLatch end = new CountDownLatch(1);
            ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
            List<Future<?>> runs = new ArrayList<>();
            for (int client = 0; client < CLIENTS; client++) {
                runs.add(clients.submit(() -> ask(api.calls(), answers, end)));
            }
            during(PHASE);
            server.stop();
            during(PHASE);
            Await.until("an answer tells of it", LIMIT, () -> count(answers, 503) > 0);
            isUnready(api);
            server.start();
            Await.until(
                    "answers are good again", LIMIT, () -> api.calls().get(GPUS).status() == 200);
            during(PHASE);
            end.countDown();
            clients.shutdown();
            for (Future<?> run : runs) {
                run.get();
            }
            assertThat(answers).allMatch(answer -> Set.of(200, 503).contains(answer.status()));
            answers.stream().filter(answer -> answer.status() == 503).forEach(OutageTest::isClear);
            HikariDataSource pool = api.bean(HikariDataSource.class);
            Await.until(
                    "no connection is in use",
                    LIMIT,
                    () -> pool.getHikariPoolMXBean().getActiveConnections() == 0);
            assertThat(api.strangers().get("/ready").status()).isEqualTo(200);
        }
        Await.until("no session is left", LIMIT, () -> sessions() == 0);
        Await.until("no thread is left", LIMIT, () -> {
            Set<String> left = threads();
            left.removeAll(before);
            return left.isEmpty();
        });
    }

    private static void ask(Calls calls, Queue<Answer> answers, CountDownLatch end) {
        while (end.getCount() > 0) {
            answers.add(calls.get(GPUS));
        }
    }

    /** The time for which the clients ask: the load of a while is the test, no event ends it. */
    private static void during(Duration time) throws InterruptedException {
        new CountDownLatch(1).await(time.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static long count(Queue<Answer> answers, int status) {
        return answers.stream().filter(answer -> answer.status() == status).count();
    }

    private static Set<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.matches("(http-nio|telemetry|Catalina|container-).*"))
                .collect(Collectors.toSet());
    }

    private static void isClear(Answer answer) {
        String detail = answer.problem(503).path("detail").asString();
        assertThat(answer.header("Retry-After")).isEqualTo("2");
        assertThat(detail).matches("database did not answer; the question was given up after [0-9]+ ms");
        tellsNothing(answer);
    }

    private static void tellsNothing(Answer answer) {
        assertThat(answer.text())
                .doesNotContain("127.0.0.1", "localhost", "jdbc", "postgres", "Exception", "SELECT", "5432");
        assertThat(answer.text()).doesNotContain(Integer.toString(server.port()), database.name(), RunningApi.KEY);
    }

    private static void isUnready(RunningApi api) throws IOException {
        long start = System.nanoTime();
        Answer ready = api.strangers().get("/ready");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
        assertThat(ready.problem(503).path("reasons").size()).isEqualTo(1);
        tellsNothing(ready);
        Contract.read().check("get", "/ready", ready);
        assertThat(api.strangers().get("/health").status()).isEqualTo(200);
    }

    @Test
    void databaseThatHangs_isTold_andComesBack() throws Exception {
        try (RunningApi api = api("--query-timeout=1s")) {
            api.calls().get(GPUS).good();
            server.suspend();
            try {
                isUnready(api);
                isClear(api.calls().get(GPUS));
            } finally {
                server.resume();
            }
            Await.until(
                    "answers are good again", LIMIT, () -> api.calls().get(GPUS).status() == 200);
            Await.until(
                    "the service is ready again",
                    LIMIT,
                    () -> api.strangers().get("/ready").status() == 200);
        }
    }

    @Test
    void questionThatTakesTooLong_leavesNothingBehind() throws Exception {
        try (RunningApi api = api("--query-timeout=500ms", "--connections=2");
                Connection other = database.dataSource().getConnection();
                Statement statement = other.createStatement()) {
            api.calls().get("/api/v1/hosts").good();
            other.setAutoCommit(false);
            statement.execute("LOCK TABLE gpu_metric IN ACCESS EXCLUSIVE MODE");
            for (int question = 0; question < 10; question++) {
                Answer answer = api.calls().get("/api/v1/gpus/" + StoredFleet.U + "/telemetry");
                assertThat(answer.problem(503).path("detail").asString())
                        .isEqualTo("samples: cancelled after 500 ms, its limit");
                assertThat(answer.header("Retry-After")).isEqualTo("2");
                tellsNothing(answer);
            }
            for (int question = 0; question < 50; question++) {
                api.calls().get("/api/v1/hosts").good();
            }
            try (ResultSet rows =
                    statement.executeQuery("SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                            + " AND datname = current_database() AND state <> 'idle'")) {
                rows.next();
                assertThat(rows.getInt(1)).isZero();
            }
        }
    }

    private static int sessions() throws SQLException {
        try (Connection connection = server.dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT count(*) FROM pg_stat_activity WHERE datname = '" + database.name() + "'")) {
            rows.next();
            return rows.getInt(1);
        }
    }
}
