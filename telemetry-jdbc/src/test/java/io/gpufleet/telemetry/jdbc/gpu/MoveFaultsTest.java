package io.gpufleet.telemetry.jdbc.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.RetryPolicy;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.codec.SampleJsonDecoder;
import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import io.gpufleet.telemetry.jdbc.gpu.SampleTables.Comparison;
import io.gpufleet.telemetry.jdbc.gpu.SampleTables.Counts;
import io.gpufleet.telemetry.jdbc.gpu.SampleTables.Moved;
import io.gpufleet.telemetry.testkit.faults.PostgresProxy;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** Moves with rows that the database refuses, and whose databases fail for a time. */
final class MoveFaultsTest {
    private static final String NOON = "TIMESTAMPTZ '2026-10-01 12:00:00+00'";
    private static final String BUSY = "RAISE EXCEPTION 'busy' USING ERRCODE = '40001'";

    private Database database;

    @BeforeEach
    void open() {
        database = PostgresVersion.POSTGRES_18.gpuDatabase(GpuLayout.NUMBERED);
        database.execute(
                "CREATE TABLE old (id bigint PRIMARY KEY, ts timestamptz, metric text, uuid text, value float8)");
    }

    private static SampleTables.Builder tables(DataSource source) {
        return SampleTables.builder(source, GpuSampleSink.create(source), SampleJsonDecoder.create())
                .chunkRows(100)
                .retry(RetryPolicy.builder()
                        .initialBackoff(Duration.ofMillis(1))
                        .maxBackoff(Duration.ofMillis(1))
                        .build());
    }

    private SampleTables.Builder tables() {
        return tables(database.dataSource());
    }

    private void fill(int from, int to, String begin) {
        database.execute("INSERT INTO old SELECT n, " + begin + " + n * interval '1 s', 'DCGM_FI_DEV_POWER_USAGE',"
                + " 'GPU-a', n FROM generate_series(" + from + ", " + (to - 1) + ") AS n");
    }

    private static Counts counts(long stored, long rejected) {
        return new Counts(stored, 0, 0, 0, rejected, 0);
    }

    private void assertNothingIsLeft(Moved moved) {
        Moved again = tables().build().move("old");
        assertThat(again.run()).isEqualTo(Counts.NONE);
        assertThat(again.total()).isEqualTo(moved.total());
        assertThat(again.comparison().compared()).isZero();
    }

    @Test
    void move_provesTheRestIfADayIsTooFarAhead() {
        fill(0, 250, NOON);
        fill(250, 252, "date_trunc('day', now()) + interval '30 days'");
        Moved moved = tables().build().move("old");
        assertThat(moved.total()).isEqualTo(counts(250, 2));
        assertThat(moved.comparison().holds()).isTrue();
        assertThat(moved.comparison().refused()).isEqualTo(2);
        assertThat(moved.comparison().refusals())
                .isEqualTo(moved.reasons())
                .anyMatch(reason -> reason.matches("id 251: .* is more than 7 days ahead of the database's clock"));
        assertNothingIsLeft(moved);
        Comparison all = tables().build().compare("old");
        assertThat(all.holds()).isTrue();
        assertThat(all.refusals()).isEqualTo(moved.reasons());
    }

    @Test
    void move_keepsEveryBitInADatabaseWithShortNumbers() {
        database.configure("extra_float_digits", -10);
        fill(0, 3, NOON);
        database.execute("UPDATE old SET value = (value + 1) / 7");
        tables(database.newConnections()).build().move("old");
        assertThat(database.row("SELECT count(*) FROM gpu_sample AS s JOIN old ON s.metric_value = old.value"))
                .isEqualTo("3");
    }

    /** More than the sink itself finds in one batch. */
    @Test
    void move_provesTheRestIfTheTableRefusesValues() {
        database.execute("ALTER TABLE gpu_sample ADD CHECK (metric_value::integer % 3 <> 0)");
        fill(0, 600, NOON);
        Moved moved = tables().chunkRows(400).build().move("old");
        assertThat(moved.total()).isEqualTo(counts(400, 200));
        assertThat(moved.comparison().holds()).isTrue();
        assertThat(moved.comparison().refused()).isEqualTo(200);
        assertThat(moved.reasons()).hasSize(200).first().asString().matches("id 0: .*violates check constraint.*");
        assertNothingIsLeft(moved);
    }

    @Test
    void compare_missesASampleThatWasNotRefused() {
        database.execute("ALTER TABLE gpu_sample ADD CHECK (metric_value <> 7)");
        fill(0, 10, NOON);
        assertThat(tables().build().move("old").total()).isEqualTo(counts(9, 1));
        database.execute("DELETE FROM gpu_sample WHERE metric_value = 8");
        Comparison all = tables().build().compare("old");
        assertThat(all.lacking()).isEqualTo(1);
        assertThat(all.differences().get(0))
                .hasToString("GPU-a DCGM_FI_DEV_POWER_USAGE 2026-10-01: 9 samples in the" + " old table, 8 stored");
    }

    @Test
    void move_takesARefusedRowOnceTheTableDoes() {
        database.execute("ALTER TABLE gpu_sample ADD CONSTRAINT odd CHECK (metric_value <> 7)");
        fill(0, 10, NOON);
        tables().build().move("old");
        database.execute("ALTER TABLE gpu_sample DROP CONSTRAINT odd");
        database.execute("UPDATE sample_table_moves SET source_rows = -1 WHERE refused <> '{}'");
        Moved moved = tables().build().move("old");
        assertThat(moved.total()).isEqualTo(counts(10, 0));
        assertThat(moved.comparison().refused()).isZero();
    }

    @Test
    void move_endsIfTheFailureMayBeThatOfEachRow() {
        database.execute(
                "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$");
        fill(0, 10, NOON);
        database.execute("CREATE TRIGGER fail BEFORE INSERT ON gpu_metric FOR EACH ROW EXECUTE FUNCTION fail()");
        SampleTables tables = tables().build();
        assertThatThrownBy(() -> tables.move("old"))
                .isInstanceOf(SinkException.class)
                .hasMessageMatching("id 0: .*: no .*");
        assertThat(database.count("sample_table_moves")).isZero();
    }

    /** Makes commits fail, once some rows are stored: so many of them. */
    private void failBehind(int rows, int times, String fault) {
        database.execute("CREATE SEQUENCE failed");
        database.execute("CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                + " IF nextval('failed') <= " + times + " THEN " + fault + "; END IF; RETURN NULL; END $$");
        database.execute("CREATE CONSTRAINT TRIGGER fail AFTER INSERT OR UPDATE ON sample_table_moves"
                + " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.rows_read > " + rows
                + ") EXECUTE FUNCTION fail()");
    }

    private void assertWholeAfterOneMove(Moved moved) {
        assertThat(moved.run()).isEqualTo(counts(350, 0));
        assertThat(moved.total()).isEqualTo(moved.run());
        assertThat(moved.comparison().holds()).isTrue();
        assertThat(database.row("SELECT count(*), count(DISTINCT metric_value) FROM gpu_sample"))
                .isEqualTo("350|350");
    }

    @Test
    void move_triesAgainWhileTheDatabaseFailsForATime() {
        fill(0, 350, NOON);
        failBehind(100, 3, BUSY);
        assertWholeAfterOneMove(tables().build().move("old"));
        assertThat(database.row("SELECT last_value > 3 FROM failed")).isEqualTo("t");
    }

    @Test
    void move_outlastsEndedSessions() {
        fill(0, 350, NOON);
        failBehind(200, 2, "PERFORM pg_terminate_backend(pg_backend_pid())");
        assertWholeAfterOneMove(tables().build().move("old"));
    }

    /** Ends all other sessions, that of the rows among them, in the middle of the hour, and again in the proof. */
    @Test
    void move_outlastsTheEndOfTheSessionThatReads() {
        fill(0, 350, NOON);
        AtomicInteger chunks = new AtomicInteger();
        Moved moved = tables(database.newConnections())
                .progress(counts -> {
                    if (chunks.getAndIncrement() < 2) {
                        database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname ="
                                + " current_database() AND pid <> pg_backend_pid()");
                    }
                })
                .build()
                .move("old");
        assertWholeAfterOneMove(moved);
        assertThat(chunks).hasValue(4);
    }

    @Test
    void move_endsAfterItsAttemptsAndGoesOnLater() {
        fill(0, 350, NOON);
        failBehind(100, 3, BUSY);
        SampleTables tables = tables().maxAttempts(3).build();
        assertThatThrownBy(() -> tables.move("old"))
                .isInstanceOf(SinkException.class)
                .hasMessageMatching("table .*public.old: move ends after 3 attempts: .*busy.*");
        assertThat(database.count("gpu_sample")).isEqualTo(100);
        Moved rest = tables.move("old");
        assertThat(rest.run()).isEqualTo(counts(250, 0));
        assertThat(rest.total()).isEqualTo(counts(350, 0));
    }

    /** A failure now and then, in each hour more of them than attempts, is none that lasts. */
    @Test
    void move_countsItsAttemptsFromItsLastProgress() {
        fill(0, 350, NOON);
        database.execute("CREATE SEQUENCE failed");
        database.execute("CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                + " IF nextval('failed') % 2 = 1 THEN " + BUSY + "; END IF; RETURN NULL; END $$");
        database.execute("CREATE CONSTRAINT TRIGGER fail AFTER INSERT OR UPDATE OF rows_read ON sample_table_moves"
                + " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fail()");
        Moved moved = tables().maxAttempts(2).build().move("old");
        assertThat(moved.run()).isEqualTo(counts(350, 0));
    }

    @Test
    void move_failsAtOnceIfTheDatabaseCannotBeReached() {
        PGSimpleDataSource nowhere = new PGSimpleDataSource();
        nowhere.setUrl("jdbc:postgresql://127.0.0.1:1/nowhere");
        SampleTables tables = tables(nowhere)
                .retry(RetryPolicy.builder()
                        .initialBackoff(Duration.ofHours(1))
                        .maxBackoff(Duration.ofHours(1))
                        .build())
                .build();
        assertThatThrownBy(() -> tables.move("old")).isInstanceOf(SinkException.class);
    }

    private Moved moveThroughAProxy(Consumer<PostgresProxy> losing, long behind) throws IOException {
        try (PostgresProxy proxy =
                PostgresProxy.start(PostgresVersion.POSTGRES_18.server().port())) {
            PGSimpleDataSource source = new PGSimpleDataSource();
            source.setUrl(database.url().replaceFirst(":\\d+/", ":" + proxy.port() + "/"));
            Moved moved = tables(source)
                    .source(database.dataSource())
                    .progress(counts -> {
                        if (counts.read() == behind) {
                            losing.accept(proxy);
                        }
                    })
                    .build()
                    .move("old");
            assertThat(proxy.lostCommits() + proxy.lostCommitReplies()).isEqualTo(1);
            return moved;
        }
    }

    @Test
    void move_findsOutFromThePositionWhatALostReplySaid() throws IOException {
        for (long behind : new long[] {100, 300}) {
            open();
            fill(0, 350, NOON);
            assertWholeAfterOneMove(moveThroughAProxy(proxy -> proxy.loseCommitReplies(1), behind));
        }
    }

    @Test
    void move_repeatsACommitThatWasLost() throws IOException {
        for (long behind : new long[] {100, 300}) {
            open();
            fill(0, 350, NOON);
            assertWholeAfterOneMove(moveThroughAProxy(proxy -> proxy.loseCommits(1), behind));
        }
    }
}
