package io.gpufleet.telemetry.integration.moving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.codec.SampleJsonDecoder;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.gpu.GpuSampleSink;
import io.gpufleet.telemetry.jdbc.gpu.SampleTables;
import io.gpufleet.telemetry.jdbc.gpu.SampleTables.Counts;
import io.gpufleet.telemetry.jdbc.gpu.SampleTables.Moved;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.ForkedJvm;
import io.gpufleet.telemetry.testkit.PostgresDatabase;
import io.gpufleet.telemetry.testkit.ReusedConnections;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Old tables of samples, moved with their faults. */
@TelemetryStackTest
final class SampleTablesIT {
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private static final String OLD_TABLE = """
            CREATE TABLE public.gpu_telemetry (id bigint PRIMARY KEY, ts timestamptz, metric_name text, gpu_id integer,
                device text, uuid text, model_name text, hostname text, container text, pod text, namespace text,
                metric_value double precision, labels_raw jsonb, created_at timestamptz NOT NULL DEFAULT now());
            CREATE INDEX ON public.gpu_telemetry (ts DESC)""";

    private static final String INSERT =
            "INSERT INTO public.gpu_telemetry (id, ts, metric_name, uuid, hostname," + " metric_value) ";

    /** An hour of each of ten days, two metrics of two GPUs: a tenth of the rows three times, once with 1 more. */
    private static final String TEN_DAYS = INSERT + """
            SELECT 10 * (4 * n + s) + copy,
                timestamptz '2026-10-01 00:00:00+00' + n / 144 * interval '1 day' + n % 144 * interval '10 s',
                CASE WHEN s < 2 THEN 'DCGM_FI_DEV_POWER_USAGE' ELSE 'DCGM_FI_DEV_GPU_TEMP' END, 'GPU-' || s % 2, 'n1',
                n % 90 + CASE WHEN copy = 2 THEN 1 ELSE 0 END
            FROM generate_series(0, 1439) AS n, generate_series(0, 3) AS s,
                generate_series(0, CASE WHEN n % 10 = 0 THEN 2 ELSE 0 END) AS copy""";

    /** Rows that are no samples: of no value, of no GPU, and of a day before the first one that is kept. */
    private static final String OTHERS = INSERT + """
            SELECT 1000000 + 3 * n + kind, timestamptz '2026-10-02 00:00:03+00' + n * interval '1 hour'
                    - CASE WHEN kind = 2 THEN interval '5 days' ELSE interval '0' END,
                'DCGM_FI_DEV_POWER_USAGE', CASE WHEN kind = 1 THEN '' ELSE 'GPU-0' END, 'n1',
                CASE WHEN kind = 0 THEN 'NaN'::float8 ELSE 70 END
            FROM generate_series(0, 4) AS n, generate_series(0, 2) AS kind""";

    private static final String STORED =
            "SELECT uuid, metric_name, ts, metric_value, hostname FROM telemetry.gpu_telemetry ORDER BY 1, 2, 3";

    private static Database installed(PostgresDatabase made) {
        Database database = new Database(made);
        TelemetrySchema.builder(database.source())
                .schema("telemetry")
                .gpuSamples()
                .build()
                .install();
        return database;
    }

    private static Database withOldTable(PostgresVersion version, TelemetryStack stack) {
        Database database = installed(version.newDatabase(stack));
        database.execute(OLD_TABLE);
        return database;
    }

    private static SampleTables.Builder tables(Database database) {
        DataSource source = ReusedConnections.source(database.url());
        return SampleTables.builder(
                        source,
                        GpuSampleSink.builder(source).schema("telemetry").build(),
                        SampleJsonDecoder.create())
                .schema("telemetry");
    }

    private static Moved move(Database database) {
        return tables(database).build().move("public.gpu_telemetry");
    }

    private static void fillTenDays(Database database) {
        database.execute(TEN_DAYS);
        database.execute(OTHERS);
        database.execute("UPDATE telemetry.gpu_sample_retention SET kept_from = DATE '2026-10-01'");
    }

    @ParameterizedTest
    @EnumSource
    void move_tellsWhatBecameOfEachRow(PostgresVersion version, TelemetryStack stack) {
        Database database = withOldTable(version, stack);
        fillTenDays(database);
        Moved moved = move(database);
        assertThat(moved.total()).isEqualTo(new Counts(5_760, 576, 576, 5, 5, 5));
        assertThat(moved.run()).isEqualTo(moved.total());
        assertThat(moved.total().read()).isEqualTo(database.number("SELECT count(*) FROM public.gpu_telemetry"));
        assertThat(moved.reasons())
                .hasSize(5)
                .allSatisfy(reason -> assertThat(reason).matches("id 10000\\d\\d: .*no UUID"));
        assertThat(moved.comparison().holds()).isTrue();
        assertThat(moved.comparison().differences()).isEmpty();
        assertThat(moved.comparison().compared()).isEqualTo(40);
        assertThat(moved.openHours()).isZero();
        assertThat(
                        database.number(
                                "SELECT count(*) FROM telemetry.gpu_telemetry WHERE metric_value"
                                        + " = (((ts AT TIME ZONE 'UTC')::date - date '2026-10-01') * 144 + extract(epoch FROM ts)::bigint % 86400 / 10) % 90"))
                .isEqualTo(5_760);
        assertThat(database.number("SELECT count(*) FROM telemetry.dead_letters"))
                .isZero();
        assertThat(database.number("SELECT count(*) FROM telemetry.consumer_offsets"))
                .isZero();
    }

    @ParameterizedTest
    @EnumSource
    void move_killedAfterAThird_endsAsIfItHadNotBeenKilled(PostgresVersion version, TelemetryStack stack)
            throws SQLException {
        Database undisturbed = withOldTable(version, stack);
        fillTenDays(undisturbed);
        Moved whole = move(undisturbed);
        PostgresDatabase made = version.newDatabase(stack);
        Database database = installed(made);
        database.execute(OLD_TABLE);
        fillTenDays(database);
        killAfter(whole.total().read() / 3, database, made.jdbcUrl());
        long before = database.number("SELECT sum(rows_read) FROM telemetry.sample_table_moves");
        assertThat(before).isBetween(whole.total().read() / 4, whole.total().read() / 3);
        Moved rest = move(database);
        assertThat(rest.run().read()).isEqualTo(whole.total().read() - before);
        assertThat(rest.total()).isEqualTo(whole.total());
        assertThat(rest.comparison().holds()).isTrue();
        assertThat(rest.comparison().compared()).isEqualTo(40);
        assertThat(database.rows(STORED)).isEqualTo(undisturbed.rows(STORED));
        List<String> progress = database.rows("SELECT * FROM telemetry.sample_table_moves ORDER BY hour");
        Moved third = move(database);
        assertThat(third.run().read()).isZero();
        assertThat(third.total()).isEqualTo(whole.total());
        assertThat(database.rows(STORED)).isEqualTo(undisturbed.rows(STORED));
        assertThat(database.rows("SELECT * FROM telemetry.sample_table_moves ORDER BY hour"))
                .isEqualTo(progress);
    }

    /** Kills a move in the middle of the transaction that would move a position behind some rows. */
    private static void killAfter(long rows, Database database, String url) throws SQLException {
        database.execute("CREATE FUNCTION telemetry.hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                + " IF (SELECT sum(rows_read) FROM telemetry.sample_table_moves) > " + rows
                + " THEN PERFORM pg_advisory_xact_lock_shared(7); END IF; RETURN NULL; END $$");
        database.execute("CREATE TRIGGER hold AFTER INSERT OR UPDATE ON telemetry.sample_table_moves"
                + " FOR EACH ROW EXECUTE FUNCTION telemetry.hold()");
        try (Connection holder = database.source().getConnection();
                Statement statement = holder.createStatement();
                ForkedJvm jvm = ForkedJvm.builder(MoveMain.class).arguments(url).start()) {
            statement.execute("SELECT pg_advisory_lock(7)");
            Await.until(
                    "the move waits within a transaction",
                    LIMIT,
                    () -> database.number("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
                            == 1);
            jvm.kill();
            jvm.awaitExit(LIMIT);
            statement.execute("SELECT pg_advisory_unlock(7)");
        }
        database.execute("DROP FUNCTION telemetry.hold() CASCADE");
        Await.until(
                "the transaction of the killed move is gone",
                LIMIT,
                () -> database.number("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                                + " AND state LIKE 'idle in transaction%'")
                        == 0);
    }

    @Test
    void move_findsARowWhoseIdIsSmallerAndCommitsLater(TelemetryStack stack) throws SQLException {
        Database database = withOldTable(PostgresVersion.POSTGRES_18, stack);
        try (Connection first = database.source().getConnection();
                Statement insert = first.createStatement()) {
            first.setAutoCommit(false);
            insert.execute(row(100, "2026-10-01 12:00:00+00"));
            database.execute(row(101, "2026-10-01 12:00:01+00"));
            AtomicInteger calls = new AtomicInteger();
            Moved moved = tables(database)
                    .progress(counts -> commitOnce(first, calls))
                    .build()
                    .move("gpu_telemetry");
            assertThat(moved.total()).isEqualTo(new Counts(2, 0, 0, 0, 0, 0));
            assertThat(moved.run()).isEqualTo(new Counts(2, 1, 0, 0, 0, 0));
            assertThat(moved.comparison().holds()).isTrue();
            insert.execute(row(99, "2026-10-01 12:00:02+00"));
            database.execute(row(102, "2026-10-02 12:00:00+00"));
            move(database);
            first.commit();
            first.setAutoCommit(true);
        }
        Moved last = move(database);
        assertThat(last.total()).isEqualTo(new Counts(4, 0, 0, 0, 0, 0));
        assertThat(database.number("SELECT count(*) FROM telemetry.gpu_sample")).isEqualTo(4);
    }

    private static String row(int id, String time) {
        return INSERT + "VALUES (" + id + ", '" + time + "', 'DCGM_FI_DEV_GPU_TEMP', 'GPU-a', 'n1', 41)";
    }

    private static void commitOnce(Connection connection, AtomicInteger calls) {
        try {
            if (calls.getAndIncrement() == 0) {
                connection.commit();
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Scrapes of 247 GPUs and ten metrics, each written twice; one is added during each of the first passes. */
    @Test
    void move_followsAnOldConsumerThatStillWrites(TelemetryStack stack) {
        Database database = withOldTable(PostgresVersion.POSTGRES_18, stack);
        AtomicInteger scrapes = new AtomicInteger();
        scrape(database, scrapes.getAndIncrement());
        Moved moved = tables(database)
                .progress(counts -> {
                    if (scrapes.get() < 4) {
                        scrape(database, scrapes.getAndIncrement());
                    }
                })
                .build()
                .move("gpu_telemetry");
        assertThat(moved.total()).isEqualTo(new Counts(4 * 2_470, 4 * 2_470, 0, 0, 0, 0));
        assertThat(moved.openHours()).isZero();
        assertThat(moved.comparison().holds()).isTrue();
        assertThat(moved.comparison().compared()).isEqualTo(2_470);
    }

    private static void scrape(Database database, int number) {
        database.execute(INSERT + "SELECT " + (100 - number) + " * 10000 + 20 * g + 2 * m + copy, timestamptz"
                + " '2026-10-01 12:00:00+00' + " + number + " * interval '30 s' + m * interval '1 s',"
                + " 'DCGM_FI_PROF_METRIC_' || m, 'GPU-' || g, 'n' || g / 8, g % 7 FROM generate_series(0, 246) AS g,"
                + " generate_series(0, 9) AS m, generate_series(0, 1) AS copy");
    }

    @Test
    void move_namesTheGpuMetricAndDayThatStayLacking(TelemetryStack stack) {
        Database database = withOldTable(PostgresVersion.POSTGRES_18, stack);
        fillTenDays(database);
        database.execute("CREATE FUNCTION telemetry.lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM"
                + " telemetry.gpu_sample WHERE ts = '2026-10-05 00:10:00+00'; RETURN NULL; END $$");
        database.execute("CREATE TRIGGER lose AFTER INSERT OR UPDATE ON telemetry.sample_table_moves"
                + " FOR EACH STATEMENT EXECUTE FUNCTION telemetry.lose()");
        Moved moved = move(database);
        assertThat(moved.comparison().lacking()).isEqualTo(4);
        assertThat(moved.comparison().differences().get(0))
                .hasToString("GPU-0 DCGM_FI_DEV_GPU_TEMP 2026-10-05: 144 samples in the old table, 143 stored")
                .returns(LocalDate.of(2026, 10, 5), SampleTables.Difference::day);
        database.execute("DROP FUNCTION telemetry.lose() CASCADE");
        assertThat(tables(database).build().compare("gpu_telemetry").lacking()).isEqualTo(4);
    }

    @ParameterizedTest
    @EnumSource
    void move_readsPartitionsOfHoursAndOfTheRest(PostgresVersion version, TelemetryStack stack) {
        Database database = installed(version.newDatabase(stack));
        database.execute("""
                CREATE SCHEMA old;
                CREATE TABLE old.samples (id uuid DEFAULT gen_random_uuid(), "timestamp" timestamp, metric text,
                    gpu_id text, "GPU_UUID" uuid, "modelName" text, "Hostname" text, pod text, value numeric,
                    labels text) PARTITION BY RANGE ("timestamp");
                CREATE TABLE old.samples_12 PARTITION OF old.samples
                    FOR VALUES FROM ('2026-10-01 12:00:00') TO ('2026-10-01 13:00:00');
                CREATE TABLE old.samples_13 PARTITION OF old.samples
                    FOR VALUES FROM ('2026-10-01 13:00:00') TO ('2026-10-01 14:00:00');
                CREATE TABLE old.samples_rest PARTITION OF old.samples DEFAULT;
                INSERT INTO old.samples ("timestamp", metric, gpu_id, "GPU_UUID", "modelName", "Hostname", value, labels)
                SELECT t, 'DCGM_FI_DEV_POWER_USAGE', '3', uuid '00000000-0000-0000-0000-00000000000a', 'H100', 'n1', 70.25,
                    'GPU_I_ID="7",job="dgx"'
                FROM generate_series(timestamp '2026-10-01 11:30', timestamp '2026-10-01 15:15', interval '15 minutes') AS t
                UNION ALL SELECT t, 'DCGM_FI_DEV_POWER_USAGE', '3', '00000000-0000-0000-0000-00000000000a', 'H100',
                    'n1', 70.25, NULL
                FROM unnest(array[NULL, 'infinity', '-infinity', '4000-01-01 BC']::timestamp[]) AS t""");
        Moved moved = tables(database).build().move("old.samples");
        assertThat(moved.total()).isEqualTo(new Counts(16, 0, 0, 0, 4, 0));
        assertThat(moved.reasons())
                .hasSize(4)
                .allSatisfy(reason -> assertThat(reason).contains("is not a time"));
        assertThat(moved.comparison().holds()).isTrue();
        assertThat(tables(database).build().move("old.samples").run().read()).isZero();
        assertThat(database.rows("SELECT count(*), min(ts AT TIME ZONE 'UTC'), max(ts AT TIME ZONE 'UTC'), uuid,"
                        + " gpu_id, model_name, hostname, metric_value, instance, labels_raw ->> 'job' FROM"
                        + " telemetry.gpu_telemetry GROUP BY 4, 5, 6, 7, 8, 9, 10"))
                .containsExactly("16 2026-10-01 11:30:00 2026-10-01 15:15:00"
                        + " 00000000-0000-0000-0000-00000000000a 3 H100 n1 70.25 gi:7 dgx");
    }

    @Test
    void move_namesTheColumnThatIsMissing(TelemetryStack stack) {
        Database database = withOldTable(PostgresVersion.POSTGRES_18, stack);
        assertThatThrownBy(() -> tables(database).build().move("nothing"))
                .isInstanceOf(TelemetryException.class)
                .hasMessage("table nothing is not there, or not in the search path");
        database.execute("ALTER TABLE public.gpu_telemetry RENAME COLUMN metric_value TO reading");
        assertThatThrownBy(() -> move(database))
                .isInstanceOf(TelemetryException.class)
                .hasMessageStartingWith(
                        "table public.gpu_telemetry has no column metric_value or value; it has id, ts");
        database.execute(row(1, "2026-10-01 12:00:00+00").replace("metric_value", "reading"));
        assertThat(tables(database)
                        .column("value", "reading")
                        .column("rack", "device")
                        .build()
                        .move("gpu_telemetry")
                        .total()
                        .stored())
                .isEqualTo(1);
        assertThatThrownBy(() ->
                        tables(database).column("value", "missing").build().move("gpu_telemetry"))
                .hasMessageStartingWith("table gpu_telemetry has no column missing");
        database.execute("ALTER TABLE public.gpu_telemetry ALTER COLUMN ts TYPE text");
        assertThatThrownBy(() ->
                        tables(database).column("value", "reading").build().move("gpu_telemetry"))
                .hasMessageEndingWith("column ts is of type text, allowed are timestamp with time zone and timestamp"
                        + " without time zone (of UTC)");
    }
}
