package io.gpufleet.telemetry.jdbc;

import static io.gpufleet.telemetry.jdbc.Heartbeats.NOON;
import static io.gpufleet.telemetry.jdbc.Heartbeats.heartbeat;
import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.RetryPolicy;
import io.gpufleet.telemetry.Validator;
import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatInvariant;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.faults.PostgresProxy;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** A replay whose commit is lost, or the reply to it, applies each letter once, and counts it once. */
final class LostReplyReplayTest {
    private static final BincodeHeartbeatCodec CODEC = BincodeHeartbeatCodec.fixed();
    private static final int LETTERS = 12;

    private Database database;
    private PostgresProxy proxy;

    @BeforeEach
    void setLettersAside() {
        database = PostgresVersion.POSTGRES_18.database();
        database.execute("CREATE TABLE applied (n bigint)");
        proxy = PostgresProxy.start(PostgresVersion.POSTGRES_18.server().port());
        Feed<Heartbeat> feed = Feed.open(HeartbeatSink.create(database.dataSource()), Feed.P0);
        for (int i = 0; i < LETTERS; i++) {
            feed.add(
                    feed.record()
                            .timestampMillis(NOON.plusSeconds(i).toEpochMilli())
                            .value(CODEC.encode(heartbeat(1, i))),
                    "a defect");
        }
        feed.write();
    }

    @AfterEach
    void close() {
        proxy.close();
    }

    private DataSource throughTheProxy() {
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setUrl(database.url().replaceFirst(":\\d+/", ":" + proxy.port() + "/"));
        return dataSource;
    }

    /** Loses the next message once the letters are in the transaction. */
    private PostgresSink<Heartbeat> sink(Runnable inTheFirstTransaction) {
        AtomicInteger calls = new AtomicInteger();
        return HeartbeatSink.builder(database.dataSource())
                .inTransaction((connection, batch) -> {
                    try (Statement statement = connection.createStatement()) {
                        for (Delivery<Heartbeat> delivery : batch.deliveries()) {
                            statement.execute("INSERT INTO applied VALUES (" + delivery.offset() + ")");
                        }
                    }
                    if (calls.getAndIncrement() == 0) {
                        inTheFirstTransaction.run();
                    }
                })
                .build();
    }

    private static DeadLetterReplayer.Builder<Heartbeat> replayer(DataSource dataSource) {
        return DeadLetterReplayer.<Heartbeat>builder(dataSource, "g")
                .batchSize(5)
                .retry(RetryPolicy.builder()
                        .initialBackoff(Duration.ofMillis(1))
                        .maxBackoff(Duration.ofMillis(1))
                        .build());
    }

    private static ReplayResult replay(DataSource dataSource, PostgresSink<Heartbeat> sink) {
        return replayer(dataSource).build().through(sink, CODEC, Validator.acceptAll());
    }

    private void assertAppliedOnce(ReplayResult result) {
        assertThat(database.row("SELECT count(*), count(DISTINCT n) FROM applied"))
                .isEqualTo(LETTERS + "|" + LETTERS);
        assertThat(database.count("heartbeat")).isEqualTo(LETTERS);
        assertThat(database.count("dead_letters WHERE replayed_at IS NOT NULL")).isEqualTo(LETTERS);
        assertThat(result).isEqualTo(new ReplayResult(LETTERS, 0, 0, List.of(), List.of()));
        assertThat(HeartbeatInvariant.check(database.dataSource())).matches(HeartbeatInvariant.Result::holds);
    }

    @Test
    void through_afterACommitWhoseReplyWasLost() {
        ReplayResult result = replay(throughTheProxy(), sink(() -> proxy.loseCommitReplies(1)));
        assertThat(proxy.lostCommitReplies()).isEqualTo(1);
        assertAppliedOnce(result);
    }

    @Test
    void through_afterACommitThatWasLost() {
        ReplayResult result = replay(throughTheProxy(), sink(() -> proxy.loseCommits(1)));
        assertThat(proxy.lostCommits()).isEqualTo(1);
        assertAppliedOnce(result);
    }

    /** The server commits while the replayer already retries, and waits for the letters. */
    @Test
    void through_whileACommitIsStillToHappen() {
        LateCommit late = new LateCommit(database);
        ReplayResult result = replay(late.dataSource(), sink(late::loseNext));
        late.committed.join();
        assertAppliedOnce(result);
    }

    @Test
    void to_doesNotSendAgainWhatWasMarked() {
        AtomicInteger sent = new AtomicInteger();

        ReplayResult result = replayer(throughTheProxy()).build().to(letters -> {
            if (sent.getAndAdd(letters.size()) == 0) {
                proxy.loseCommitReplies(1);
            }
        });

        assertThat(proxy.lostCommitReplies()).isEqualTo(1);
        assertThat(sent).hasValue(LETTERS);
        assertThat(result).isEqualTo(new ReplayResult(LETTERS, 0, 0, List.of(), List.of()));
    }

    /**
     * Connections of which one commits only after a session waits for its locks, and reports before that it is broken.
     */
    private static final class LateCommit {
        private final Database database;
        private volatile CompletableFuture<Void> committed = new CompletableFuture<>();
        private volatile boolean due;

        private LateCommit(Database database) {
            this.database = database;
        }

        void loseNext() {
            due = true;
        }

        DataSource dataSource() {
            return (DataSource) proxy(DataSource.class, database.dataSource(), true);
        }

        private Object proxy(Class<?> type, Object target, boolean wraps) {
            boolean[] lost = {false};
            return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                if (method.getName().equals("commit") && due) {
                    due = false;
                    lost[0] = true;
                    commitLater((Connection) target);
                    throw new SQLException("the reply was lost", "08006");
                }
                if (lost[0]) {
                    throw new SQLException("the connection is broken", "08006");
                }
                try {
                    Object result = method.invoke(target, arguments);
                    return wraps && result instanceof Connection ? proxy(Connection.class, result, false) : result;
                } catch (InvocationTargetException e) {
                    throw e.getCause();
                }
            });
        }

        private void commitLater(Connection connection) {
            committed = CompletableFuture.runAsync(() -> {
                Await.until(
                        "a session waits",
                        Duration.ofSeconds(30),
                        () -> database.count("pg_stat_activity WHERE datname = current_database()"
                                        + " AND wait_event_type = 'Lock'")
                                > 0);
                commit(connection);
            });
        }

        private static void commit(Connection connection) {
            try (connection) {
                connection.commit();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
