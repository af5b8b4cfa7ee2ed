package io.gpufleet.telemetry.jdbc;

import static io.gpufleet.telemetry.jdbc.Heartbeats.NOON;
import static io.gpufleet.telemetry.jdbc.Heartbeats.device;
import static io.gpufleet.telemetry.jdbc.Heartbeats.heartbeat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.SinkContext;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.SinkException.Kind;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.TelemetryListener;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyManager;
import org.postgresql.core.BaseConnection;

final class SinkFailureTest {
    private static final PostgresTable<Delivery<Heartbeat>> GUARDED = PostgresTable.<Delivery<Heartbeat>>builder(
                    "guarded")
            .key("n", ColumnType.BIGINT, Delivery::offset)
            .keep("load", ColumnType.INTEGER, d -> d.value().systemInfo().cpuUsage())
            .build();

    private Database database;
    private WatchedDataSource dataSource;

    @BeforeEach
    void create() {
        database = PostgresVersion.POSTGRES_18.database();
        database.execute("CREATE TABLE guarded (n bigint PRIMARY KEY, load integer, CHECK (load <> 13))");
        dataSource = new WatchedDataSource(database.newConnections());
    }

    @Test
    void write_ofARowThatItsTableRefusesIsADataError() {
        Feed<Heartbeat> feed = open(sink -> sink.insertOnce(GUARDED));
        feed.add(heartbeat(1, 12), NOON).add(heartbeat(1, 13), NOON.plusSeconds(1));
        assertThat(failure(feed, Kind.DATA))
                .hasMessage("table \"guarded\": new row for relation \"guarded\" violates check constraint"
                        + " \"guarded_load_check\" (SQLSTATE 23514)");
        assertNothingWritten();
        assertThat(dataSource.ends()).endsWith("rollback", "close");
    }

    @Test
    void write_ofARowThatBreaksAnotherKeyIsADataError() {
        database.execute("CREATE UNIQUE INDEX one_load ON guarded (load)");
        Feed<Heartbeat> feed = open(sink -> sink.insertOnce(GUARDED));
        feed.add(heartbeat(1, 12), NOON).add(heartbeat(1, 12), NOON.plusSeconds(1));
        assertThat(failure(feed, Kind.DATA)).hasMessageContaining("one_load").hasMessageNotContaining("(12)");
    }

    @Test
    void write_ofARowThatOnlyTheCommitRefusesIsADataError() {
        database.execute("ALTER TABLE guarded ADD UNIQUE (load) DEFERRABLE INITIALLY DEFERRED");
        Feed<Heartbeat> feed = open(sink -> sink.insertOnce(GUARDED));
        feed.add(heartbeat(1, 12), NOON).add(heartbeat(1, 12), NOON.plusSeconds(1));
        assertThat(failure(feed, Kind.DATA)).hasMessageStartingWith("commit: ");
        assertNothingWritten();
    }

    @Test
    void write_ofAFoldThatItsTableRefusesIsFatal() {
        database.execute("ALTER TABLE client_daily_stats ADD CHECK (sum_cpu_usage <> 13)");
        Feed<Heartbeat> feed = open(sink -> {});
        feed.add(heartbeat(1, 13), NOON);
        assertThat(failure(feed, Kind.FATAL)).hasMessageContaining("table \"client_daily_stats\": ");
        assertNothingWritten();
    }

    @Test
    void write_ofAStateThatItsTableRefusesIsFatal() {
        database.execute("ALTER TABLE device_info ADD CHECK (device_temp <> 13)");
        Feed<Heartbeat> feed = open(sink -> {});
        feed.add(heartbeat(1, 13, device(13)), NOON);
        assertThat(failure(feed, Kind.FATAL)).hasMessageContaining("table \"system_info\" and table \"device_info\": ");
    }

    @Test
    void write_ofADeadLetterThatItsTableRefusesIsFatal() {
        database.execute("ALTER TABLE dead_letters ADD CHECK (stage <> 'decode')");
        Feed<Heartbeat> feed = open(sink -> {});
        feed.add(feed.record().value(new byte[] {77}), "broken");
        assertThat(failure(feed, Kind.FATAL))
                .hasMessage("dead letters: new row for relation \"dead_letters\" violates check constraint"
                        + " \"dead_letters_stage_check\" (SQLSTATE 23514)");
    }

    @Test
    void write_whereATriggerDropsRowsIsNoSilentLoss() {
        Feed<Heartbeat> feed = Feed.open(
                PostgresSink.<Heartbeat>builder(dataSource).insertOnce(GUARDED).build(), Feed.P0);
        feed.add(heartbeat(1, 1), NOON).write();
        trigger("guarded", "IF NEW.load = 99 THEN RETURN NULL; END IF; RETURN NEW");
        feed.add(heartbeat(1, 99), NOON.plusSeconds(1));
        assertThat(failure(feed, Kind.FATAL_PERHAPS_DATA))
                .hasMessageContaining("0 of 1 rows")
                .hasMessageContaining("trigger");
        // After a collision, another statement inserts for a hundred batches.
        feed.rewind();
        feed.add(heartbeat(1, 1), NOON).add(heartbeat(1, 99), NOON.plusSeconds(1));
        assertThat(failure(feed, Kind.FATAL_PERHAPS_DATA))
                .hasMessageContaining("1 of 2 rows")
                .hasMessageContaining("trigger");
        feed.add(heartbeat(1, 1), NOON)
                .add(heartbeat(1, 2), NOON.plusSeconds(1))
                .write();
        assertThat(database.rows("SELECT n, load FROM guarded ORDER BY 1")).containsExactly("0|1", "1|2");
    }

    @Test
    void write_whereATriggerDropsStatisticsIsFatal() {
        trigger("client_daily_stats", "RETURN NULL");
        Feed<Heartbeat> feed = open(sink -> {});
        feed.add(heartbeat(1, 1), NOON);
        assertThat(failure(feed, Kind.FATAL)).hasMessageContaining("0 of 1 rows were merged");
        assertNothingWritten();
    }

    @Test
    void write_ofARowThatATriggerRefusesIsPerhapsADataError() {
        trigger("guarded", "RAISE EXCEPTION ''load % is closed'', NEW.load; RETURN NEW");
        Feed<Heartbeat> feed = open(sink -> sink.insertOnce(GUARDED));
        feed.add(heartbeat(1, 7), NOON);
        assertThat(failure(feed, Kind.FATAL_PERHAPS_DATA))
                .hasMessage("table \"guarded\": load 7 is closed (SQLSTATE P0001)");
        assertNothingWritten();
    }

    @Test
    void write_ofStatisticsThatATriggerRefusesIsFatal() {
        trigger("client_daily_stats", "RAISE EXCEPTION ''closed''; RETURN NEW");
        Feed<Heartbeat> feed = open(sink -> {});
        feed.add(heartbeat(1, 7), NOON);
        failure(feed, Kind.FATAL);
    }

    private void trigger(String table, String body) {
        database.execute("CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN " + body + "; END';"
                + " CREATE TRIGGER t BEFORE INSERT ON " + table + " FOR EACH ROW EXECUTE FUNCTION look()");
    }

    @Test
    void open_withoutTablesIsFatalAndSaysWhatToDo() {
        PostgresSink<Heartbeat> sink =
                HeartbeatSink.create(PostgresVersion.POSTGRES_18.emptyDatabase().dataSource());
        SinkException failure = catchThrowableOfType(
                SinkException.class, () -> sink.open(SinkContext.of("g", TelemetryListener.none())));
        assertThat(failure.kind()).isEqualTo(Kind.FATAL);
        assertThat(failure)
                .hasMessageContaining("table \"consumer_offsets\" is missing; ")
                .hasMessageContaining("table \"heartbeat\" is missing")
                .hasMessageContaining("Install the telemetry tables with TelemetrySchema");
    }

    @Test
    void open_namesWhatIsOfAnotherShape() {
        database.execute("ALTER TABLE guarded ALTER load TYPE bigint, DROP CONSTRAINT guarded_pkey,"
                + " ADD more text NOT NULL");
        SinkException failure = catchThrowableOfType(SinkException.class, () -> open(sink -> sink.insertOnce(GUARDED)));
        assertThat(failure)
                .hasMessageContaining("column \"guarded\".\"load\" is bigint, not integer")
                .hasMessageContaining(
                        "table \"guarded\" has no primary key or unique index of exactly (n), all of them NOT NULL and of a"
                                + " deterministic collation")
                .hasMessageContaining("\"guarded\".\"more\" is not declared here, is NOT NULL and has no default");
    }

    @Test
    void write_toATableThatIsGoneIsFatalAndSaysWhatToDo() {
        Feed<Heartbeat> feed = open(sink -> sink.insertOnce(GUARDED));
        database.execute("DROP TABLE guarded");
        feed.add(heartbeat(1, 1), NOON);
        assertThat(failure(feed, Kind.FATAL))
                .hasMessageContaining("relation \"guarded\" does not exist")
                .hasMessageContaining("TelemetrySchema");
    }

    @Test
    void write_toAReadOnlyServerIsTransientAndGivesTheConnectionUp() {
        Feed<Heartbeat> feed = open(sink -> {});
        database.execute("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on',"
                + " current_database()); END $$");
        feed.add(heartbeat(1, 1), NOON);
        dataSource.ends();
        assertThat(failure(feed, Kind.TRANSIENT)).hasMessageContaining("SQLSTATE 25006");
        assertThat(dataSource.ends()).containsExactly("abort", "close");
    }

    @Test
    void write_withAPlanThatIsStaleIsTransientAndSucceedsNext() {
        TransactionHook<Heartbeat> hook = (connection, batch) -> {
            try (var statement = connection.prepareStatement("SELECT * FROM guarded")) {
                statement.executeQuery().close();
            }
        };
        try (var pool = Pools.of(database, 1)) {
            Feed<Heartbeat> feed =
                    Feed.open(HeartbeatSink.builder(pool).inTransaction(hook).build(), Feed.P0);
            for (int i = 0; i < 10; i++) {
                feed.add(heartbeat(1, 1), NOON.plusSeconds(i)).write();
            }
            database.execute("ALTER TABLE guarded ADD more integer");
            feed.add(heartbeat(1, 2), NOON.plusSeconds(10));
            assertThat(failure(feed, Kind.TRANSIENT)).hasMessageContaining("cached plan must not change");
            feed.add(heartbeat(1, 2), NOON.plusSeconds(10)).write();
        }
    }

    @Test
    void write_whoseSessionIsTerminatedIsTransient() {
        Feed<Heartbeat> feed = open(sink -> sink.inTransaction((connection, batch) -> {
            try (Statement statement = connection.createStatement()) {
                statement.execute("SELECT pg_terminate_backend(pg_backend_pid())");
            }
        }));
        feed.add(heartbeat(1, 1), NOON);
        failure(feed, Kind.TRANSIENT);
        assertNothingWritten();
    }

    @Test
    void connect_toNothingIsTransient() {
        PostgresSink<Heartbeat> sink =
                HeartbeatSink.create(new Database("jdbc:postgresql://127.0.0.1:1/none").dataSource());
        SinkException failure = catchThrowableOfType(
                SinkException.class, () -> sink.open(SinkContext.of("g", TelemetryListener.none())));
        assertThat(failure.kind()).isEqualTo(Kind.TRANSIENT);
    }

    @Test
    void connect_toAnUnknownDatabaseIsFatal() {
        PostgresSink<Heartbeat> sink =
                HeartbeatSink.create(new Database(database.url().replaceAll("/test_\\d+", "/none")).dataSource());
        SinkException failure = catchThrowableOfType(
                SinkException.class, () -> sink.open(SinkContext.of("g", TelemetryListener.none())));
        assertThat(failure.kind()).isEqualTo(Kind.FATAL);
        assertThat(failure).hasMessageContaining("3D000");
    }

    @Test
    void connect_toAnExhaustedPoolIsTransient() throws Exception {
        try (var pool = Pools.of(database, 1)) {
            Feed<Heartbeat> feed = Feed.open(HeartbeatSink.create(pool), Feed.P0);
            feed.add(heartbeat(1, 1), NOON);
            try (Connection taken = pool.getConnection()) {
                assertThat(taken.isClosed()).isFalse();
                assertThat(failure(feed, Kind.TRANSIENT)).hasMessageContaining("not available");
            }
        }
    }

    @Test
    void write_waitsForALockInBoundedTime() throws Exception {
        Feed<Heartbeat> feed = open(sink -> sink.lockTimeout(Duration.ofMillis(50)));
        try (Connection other = database.dataSource().getConnection();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("SELECT * FROM consumer_offsets FOR UPDATE");
            feed.add(heartbeat(1, 1), NOON);
            assertThat(failure(feed, Kind.TRANSIENT)).hasMessageContaining("55P03");
            other.rollback();
        }
        feed.add(heartbeat(1, 1), NOON).write();
    }

    @Test
    void write_thatTakesTooLongIsPerhapsTooLarge() {
        Feed<Heartbeat> feed =
                open(sink -> sink.statementTimeout(Duration.ofSeconds(1)).inTransaction((connection, batch) -> {
                    try (Statement statement = connection.createStatement()) {
                        statement.execute("SELECT count(*) FROM generate_series(1, 10000000000)");
                    }
                }));
        feed.add(heartbeat(1, 1), NOON);
        failure(feed, Kind.TRANSIENT_PERHAPS_TOO_LARGE);
        assertNothingWritten();
    }

    @Test
    void hook_writesWithTheBatchOrNotAtAll() {
        Feed<Heartbeat> feed = open(sink -> sink.inTransaction((connection, batch) -> {
            insert(connection, batch.deliveries().size(), 1);
            if (batch.deliveries().size() == 2) {
                throw new IllegalArgumentException("two");
            }
        }));
        feed.add(heartbeat(1, 1), NOON).add(heartbeat(2, 1), NOON);
        assertThat(catchThrowable(feed::write)).isExactlyInstanceOf(IllegalArgumentException.class);
        assertNothingWritten();
        feed.add(heartbeat(1, 1), NOON).write();
        assertThat(database.rows("SELECT n FROM guarded")).containsExactly("1");
    }

    @Test
    void hook_seesDuplicatesToo() {
        Feed<Heartbeat> feed = open(sink -> sink.inTransaction((connection, batch) -> insert(
                connection, batch.ranges().get(0).from(), batch.deliveries().size())));
        feed.add(heartbeat(1, 1), NOON).write();
        feed.add(heartbeat(1, 1), NOON).add(heartbeat(1, 1), NOON).write();
        assertThat(database.rows("SELECT n, load FROM guarded ORDER BY 1")).containsExactly("0|1", "1|2");
    }

    @Test
    void hook_thatThrowsAnErrorLeavesNothingBehind() {
        try (var pool = Pools.of(database, 1)) {
            Feed<Heartbeat> feed = Feed.open(
                    HeartbeatSink.builder(pool)
                            .inTransaction((connection, batch) -> {
                                if (batch.deliveries().size() == 2) {
                                    throw new AssertionError("two");
                                }
                            })
                            .build(),
                    Feed.P0);
            feed.add(heartbeat(1, 1), NOON).add(heartbeat(2, 1), NOON);
            assertThat(catchThrowable(feed::write)).isExactlyInstanceOf(AssertionError.class);
            assertNothingWritten();
            feed.add(heartbeat(1, 1), NOON).write();
        }
    }

    @Test
    void hook_thatTheDatabaseRefusesIsADataError() {
        Feed<Heartbeat> feed = open(sink -> sink.inTransaction((connection, batch) -> insert(connection, 1, 13)));
        feed.add(heartbeat(1, 1), NOON);
        assertThat(failure(feed, Kind.DATA)).hasMessageStartingWith("the host's SQL in the transaction: ");
    }

    @Test
    void hook_thatUsesALibraryFailsAsItsSqlDoes() {
        Feed<Heartbeat> feed = open(sink -> sink.inTransaction((connection, batch) ->
                Jdbi.create(connection).useHandle(handle -> handle.execute("INSERT INTO guarded VALUES (1, 13)"))));
        feed.add(heartbeat(1, 1), NOON);
        failure(feed, Kind.DATA);
    }

    @Test
    void hook_cannotEndTheTransaction() {
        List<TransactionHook<Heartbeat>> hooks = List.of(
                (connection, batch) -> connection.commit(),
                (connection, batch) -> connection.rollback(),
                (connection, batch) -> connection.setAutoCommit(true),
                (connection, batch) -> connection.close());
        for (TransactionHook<Heartbeat> hook : hooks) {
            Feed<Heartbeat> feed = open(sink -> sink.inTransaction(hook));
            feed.add(heartbeat(1, 1), NOON);
            assertThatIllegalStateException().isThrownBy(feed::write).withMessageContaining("not allowed in a hook");
        }
        assertNothingWritten();
    }

    /** Every way back to the connection leads to the refusing one. */
    @Test
    void hook_cannotEndTheTransactionByAnotherConnection() {
        List<TransactionHook<Heartbeat>> hooks = List.of(
                (connection, batch) ->
                        connection.createStatement().getConnection().commit(),
                (connection, batch) ->
                        connection.prepareStatement("SELECT 1").getConnection().rollback(),
                (connection, batch) ->
                        connection.prepareCall("SELECT 1").getConnection().setAutoCommit(true),
                (connection, batch) -> connection.getMetaData().getConnection().commit(),
                (connection, batch) -> connection
                        .getMetaData()
                        .getTableTypes()
                        .getStatement()
                        .getConnection()
                        .commit(),
                (connection, batch) -> connection
                        .createStatement()
                        .executeQuery("SELECT 1")
                        .getStatement()
                        .getConnection()
                        .close(),
                (connection, batch) -> connection.unwrap(Connection.class).commit(),
                (connection, batch) -> connection.unwrap(BaseConnection.class).commit(),
                (connection, batch) -> connection
                        .createStatement()
                        .unwrap(Statement.class)
                        .getConnection()
                        .commit(),
                (connection, batch) -> Jdbi.create(connection).useHandle(Handle::commit));
        for (TransactionHook<Heartbeat> hook : hooks) {
            Feed<Heartbeat> feed = open(sink -> sink.inTransaction(hook));
            feed.add(heartbeat(1, 1), NOON);
            assertThatThrownBy(feed::write).hasStackTraceContaining("not allowed in a hook");
        }
        assertNothingWritten();
    }

    /** SQL bypasses the connection; then the consumer must stop. */
    @Test
    void hook_thatEndsTheTransactionBySqlEndsTheConsumer() {
        for (String end :
                List.of("COMMIT", "ROLLBACK", "COMMIT; BEGIN", "ROLLBACK AND CHAIN", "END; CREATE TABLE x ()")) {
            Feed<Heartbeat> feed = open(sink -> sink.inTransaction((connection, batch) -> {
                try (Statement statement = connection.createStatement()) {
                    statement.execute(end);
                }
            }));
            feed.rewind();
            feed.add(heartbeat(1, 1), NOON);
            assertThatThrownBy(feed::write)
                    .as(end)
                    .isExactlyInstanceOf(TelemetryException.class)
                    .hasMessageContaining("has ended the transaction");
            database.execute("UPDATE consumer_offsets SET next_offset = 0");
        }
    }

    @Test
    void hook_mayCopyAndUseSavepoints() {
        Feed<Heartbeat> feed = open(sink -> sink.inTransaction((connection, batch) -> {
            Savepoint before = connection.setSavepoint();
            insert(connection, 1, 1);
            connection.rollback(before);
            copy(connection.unwrap(PGConnection.class).getCopyAPI(), "2\t2\n");
            copy(new CopyManager(connection.unwrap(BaseConnection.class)), "3\t3\n");
        }));
        feed.add(heartbeat(1, 1), NOON).write();
        assertThat(database.rows("SELECT n FROM guarded ORDER BY 1")).containsExactly("2", "3");
    }

    private static void copy(CopyManager copies, String rows) throws SQLException {
        CopyIn copy = copies.copyIn("COPY guarded FROM STDIN");
        copy.writeToCopy(rows.getBytes(StandardCharsets.US_ASCII), 0, rows.length());
        copy.endCopy();
    }

    /** A failure that the hook swallows fails all later statements. */
    @Test
    void hook_thatSwallowsAFailureFailsAsItsSqlDid() {
        Feed<Heartbeat> feed = open(sink -> sink.inTransaction((connection, batch) -> {
            try {
                insert(connection, 1, 13);
            } catch (SQLException e) {
                assertThat(e.getSQLState()).isEqualTo("23514");
            }
        }));
        feed.add(heartbeat(1, 1), NOON);
        assertThat(failure(feed, Kind.DATA)).hasMessageContaining("guarded_load_check");
    }

    @Test
    void rollback_thatFailsGivesTheConnectionUp() {
        Feed<Heartbeat> feed = open(sink -> sink.insertOnce(GUARDED));
        dataSource.failAfter("rollback");
        dataSource.ends();
        feed.add(heartbeat(1, 13), NOON);
        assertThat(failure(feed, Kind.DATA).getSuppressed()).hasSize(1);
        assertThat(dataSource.ends()).startsWith("rollback", "abort");
    }

    @Test
    void close_thatFailsAfterTheCommitDoesNotUndoIt() {
        Feed<Heartbeat> feed = open(sink -> {});
        dataSource.failAfter("close");
        feed.add(heartbeat(1, 1), NOON).write();
        assertThat(database.count("heartbeat")).isEqualTo(1);
    }

    @Test
    void commit_whoseReplyIsLostIsTransientAndMayHaveHappened() {
        Feed<Heartbeat> feed = open(sink -> {});
        dataSource.failAfter("commit");
        feed.add(heartbeat(1, 1), NOON);
        assertThat(failure(feed, Kind.TRANSIENT)).hasMessageStartingWith("commit: ");
        assertThat(database.row("SELECT next_offset FROM consumer_offsets")).isEqualTo("1");
    }

    @Test
    void listener_thatThrowsDoesNotUndoTheWrite() {
        PostgresSink<Heartbeat> sink = HeartbeatSink.create(database.dataSource());
        Feed<Heartbeat> feed = Feed.open(sink, Feed.P0);
        sink.open(SinkContext.of("g", event -> {
            throw new IllegalStateException("listener");
        }));
        feed.add(heartbeat(1, 1), NOON).add(heartbeat(1, 1), NOON).write();
        assertThat(database.row("SELECT next_offset FROM consumer_offsets")).isEqualTo("2");
    }

    @Test
    void connections_areUsedAndLeftAsTheyShould() throws Exception {
        try (var pool = Pools.of(database, 1, settings -> {
            settings.setAutoCommit(false);
            settings.setTransactionIsolation("TRANSACTION_SERIALIZABLE");
        })) {
            Feed<Heartbeat> feed = Feed.open(
                    HeartbeatSink.builder(pool)
                            .inTransaction((connection, batch) -> {
                                try (Statement statement = connection.createStatement();
                                        var row = statement.executeQuery(
                                                "SELECT current_setting('transaction_isolation')"
                                                        + " || current_setting('lock_timeout')"
                                                        + " || current_setting('statement_timeout')"
                                                        + " || current_setting('idle_in_transaction_session_timeout')")) {
                                    row.next();
                                    assertThat(row.getString(1)).isEqualTo("read committed10s30s20s");
                                }
                            })
                            .build(),
                    Feed.P0);
            feed.add(heartbeat(1, 1), NOON).write();
            try (Connection connection = pool.getConnection();
                    Statement statement = connection.createStatement();
                    var row = statement.executeQuery("SELECT current_setting('transaction_isolation')"
                            + " || current_setting('lock_timeout')")) {
                row.next();
                assertThat(row.getString(1)).isEqualTo("serializable0");
                assertThat(connection.getAutoCommit()).isFalse();
                assertThat(connection.getNetworkTimeout()).isZero();
                connection.rollback();
            }
        }
    }

    private static void insert(Connection connection, long n, int load) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO guarded VALUES (" + n + ", " + load + ")");
        }
    }

    private Feed<Heartbeat> open(Consumer<PostgresSink.Builder<Heartbeat>> options) {
        PostgresSink.Builder<Heartbeat> builder = HeartbeatSink.builder(dataSource);
        options.accept(builder);
        return Feed.open(builder.build(), Feed.P0);
    }

    private static SinkException failure(Feed<Heartbeat> feed, Kind kind) {
        SinkException failure = catchThrowableOfType(SinkException.class, feed::write);
        assertThat(failure).isNotNull();
        assertThat(failure.kind()).as(failure.toString()).isEqualTo(kind);
        return failure;
    }

    private void assertNothingWritten() {
        assertThat(database.row("SELECT next_offset FROM consumer_offsets")).isEqualTo("0");
        for (String table : List.of("heartbeat", "client_daily_stats", "system_info", "guarded")) {
            assertThat(database.count(table)).as(table).isZero();
        }
    }
}
