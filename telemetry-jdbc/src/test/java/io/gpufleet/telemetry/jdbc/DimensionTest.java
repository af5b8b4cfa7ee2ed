package io.gpufleet.telemetry.jdbc;

import static io.gpufleet.telemetry.jdbc.Heartbeats.NOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.Aggregator;
import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.RefusedException;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.SinkException.Kind;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.testkit.Await;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Rows that other tables refer to by generated numbers. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class DimensionTest {
    private static final String DDL = """
            CREATE TABLE gpu (gpu_no integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, uuid text NOT NULL UNIQUE,
                host text);
            CREATE TABLE sample (gpu_no integer NOT NULL REFERENCES gpu, n bigint NOT NULL, other_no integer,
                PRIMARY KEY (gpu_no, n))""";
    private static final String SAMPLES =
            "SELECT g.uuid, s.n FROM sample AS s JOIN gpu AS g USING (gpu_no) ORDER BY n, uuid";
    private static final String LAST_NUMBER = "SELECT last_value FROM gpu_gpu_no_seq";
    private static final int WRITERS = 4;

    record Gpu(String uuid, String host) {}

    private static final Dimension<Gpu> GPU = Dimension.of(
            PostgresTable.<Gpu>builder("gpu")
                    .key("uuid", ColumnType.TEXT, Gpu::uuid)
                    .keep("host", ColumnType.TEXT, Gpu::host)
                    .build(),
            "gpu_no",
            ColumnType.INTEGER);

    private static final PostgresTable<Delivery<Gpu>> SAMPLE = PostgresTable.<Delivery<Gpu>>builder("sample")
            .key("gpu_no", GPU.number(), Delivery::value)
            .key("n", ColumnType.BIGINT, Delivery::offset)
            .build();

    @Parameter
    PostgresVersion version;

    private Database database;
    private final Replaced source = new Replaced();

    /** A database that can be replaced by another one, as in a failover, with a record of its statements. */
    private static final class Replaced extends WrappedDataSource {
        private volatile Database database;
        private final List<String> prepared = new CopyOnWriteArrayList<>();

        Replaced() {
            super(new PGSimpleDataSource());
        }

        @Override
        public Connection getConnection() throws SQLException {
            Connection connection = database.dataSource().getConnection();
            return (Connection) Proxy.newProxyInstance(
                    getClass().getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                        if (method.getName().equals("prepareStatement")) {
                            prepared.add((String) arguments[0]);
                        }
                        try {
                            return method.invoke(connection, arguments);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    });
        }

        /** Returns the statements about GPUs since the last call, by their first word. */
        List<String> aboutGpus() {
            List<String> words = prepared.stream()
                    .filter(sql -> sql.contains("\"gpu\""))
                    .map(sql -> sql.split(" ", 3))
                    .map(words3 -> words3[0] + " " + words3[1])
                    .toList();
            prepared.clear();
            return words;
        }
    }

    private static final List<String> FOUND_BY_KEY = List.of("SELECT u.telemetry_place,");
    private static final List<String> CONFIRMED = List.of("SELECT count(*)");

    @BeforeEach
    void create() {
        database = version.database();
        database.execute(DDL);
        database.execute("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off',"
                + " current_database()); END $$");
        source.database = database;
    }

    private PostgresSink.Builder<Gpu> sink() {
        return sink(source);
    }

    private static PostgresSink.Builder<Gpu> sink(DataSource of) {
        return PostgresSink.<Gpu>builder(of)
                .insertMissing(GPU, delivery -> Stream.of(delivery.value()))
                .insertOnce(SAMPLE);
    }

    private static void add(Feed<Gpu> feed, String... uuids) {
        for (String uuid : uuids) {
            feed.add(new Gpu(uuid, "host of " + uuid), NOON);
        }
    }

    private static void write(Feed<Gpu> feed, String... uuids) {
        add(feed, uuids);
        feed.write();
    }

    @Test
    void rows_areInsertedOnceInTheOrderOfTheirKeysAndReferredToByNumber() {
        write(Feed.open(sink().build(), Feed.P0), "b", "a", "b", "c");

        assertThat(database.rows("SELECT * FROM gpu ORDER BY gpu_no"))
                .containsExactly("1|a|host of a", "2|b|host of b", "3|c|host of c");
        assertThat(database.rows(SAMPLES)).containsExactly("b|0", "a|1", "b|2", "c|3");
    }

    @Test
    void knownKeys_drawNoNumber() {
        String[] known = {"e", "d", "c", "b", "a"};
        write(Feed.open(sink().build(), Feed.P0), known);
        String last = database.row(LAST_NUMBER);
        try (HikariDataSource pool = Pools.of(database, 3)) {
            for (int group = 0; group < 2; group++) {
                Feed<Gpu> feed = Feed.open(sink(pool).build(), Feed.P1, "group " + group);
                for (int batch = 0; batch < 500; batch++) {
                    write(feed, known);
                }
            }
        }
        assertThat(database.row(LAST_NUMBER)).isEqualTo(last).isEqualTo("5");
        assertThat(database.count("sample"))
                .as("the offsets of all groups are the same")
                .isEqualTo(2_500);

        database.execute("INSERT INTO gpu (uuid) VALUES ('a'), ('b') ON CONFLICT DO NOTHING");
        assertThat(database.row(LAST_NUMBER)).as("what an upsert does").isEqualTo("7");
    }

    @Test
    void rememberedNumbers_costOneStatement() {
        Feed<Gpu> feed = Feed.open(sink().build(), Feed.P0);
        write(feed, "a", "b");
        source.aboutGpus();

        write(feed, "b", "a");
        assertThat(source.aboutGpus()).isEqualTo(CONFIRMED);
        write(Feed.open(sink().build(), Feed.P1), "b", "a");
        assertThat(source.aboutGpus()).isEqualTo(FOUND_BY_KEY);
    }

    /** The sequence continues, but uncommitted rows of a transaction are gone. */
    @Test
    void numbers_areRememberedWhenTheyAreCommitted() {
        AtomicBoolean fails = new AtomicBoolean(true);
        Feed<Gpu> feed = Feed.open(
                sink().inTransaction((connection, batch) -> {
                            if (fails.get()) {
                                throw new SQLException("no", "57014");
                            }
                        })
                        .build(),
                Feed.P0);
        add(feed, "a");
        assertThat(catchThrowableOfType(SinkException.class, feed::write)).isNotNull();
        assertThat(database.count("gpu")).isZero();
        source.aboutGpus();

        fails.set(false);
        write(feed, "a");
        assertThat(source.aboutGpus()).startsWith("SELECT u.telemetry_place,").doesNotContainAnyElementsOf(CONFIRMED);
        assertThat(database.rows(SAMPLES)).containsExactly("a|0");
    }

    /** An older copy of the database has lost a row, and has given its number to another. */
    @Test
    void numberThatAnotherRowHas_isNotUsed() {
        Feed<Gpu> feed = Feed.open(sink().build(), Feed.P0);
        write(feed, "a", "b");
        database.execute("DELETE FROM sample; DELETE FROM gpu WHERE uuid = 'b';"
                + " INSERT INTO gpu OVERRIDING SYSTEM VALUE VALUES (2, 'c')");

        write(feed, "b", "a", "c");

        assertThat(database.rows(SAMPLES)).containsExactly("b|2", "a|3", "c|4");
        assertThat(database.row("SELECT gpu_no FROM gpu WHERE uuid = 'b'")).isEqualTo("3");
    }

    @Test
    void databaseInPlaceOfAnother_hasItsOwnNumbers() {
        PostgresSink<Gpu> sink = sink().build();
        write(Feed.open(sink, Feed.P0), "a", "b");
        Database other = version.database();
        other.execute(DDL.replace(" REFERENCES gpu", ""));
        other.execute("INSERT INTO gpu (uuid) VALUES ('b')");
        source.database = other;

        write(Feed.open(sink, Feed.P0), "a", "b");

        assertThat(other.rows(SAMPLES)).containsExactly("a|0", "b|1");
    }

    @Test
    void writersOfTheSameNewKeys_getTheSameNumbersAndDoNotDeadlock() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
        try {
            List<Callable<Void>> writers = new ArrayList<>();
            for (int writer = 0; writer < WRITERS; writer++) {
                Feed<Gpu> feed = Feed.open(sink().build(), Feed.partition(writer), "group " + writer);
                boolean backwards = writer % 2 == 1;
                writers.add(() -> writeNewKeys(feed, backwards));
            }
            for (Future<Void> writer : threads.invokeAll(writers)) {
                writer.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(database.count("gpu")).isEqualTo(20 * 50);
        assertThat(database.rows(SAMPLES)).as("in each order").hasSize(2 * 20 * 50);
        assertThat(database.row("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"))
                .isEqualTo("0");
    }

    private static Void writeNewKeys(Feed<Gpu> feed, boolean backwards) {
        for (int batch = 0; batch < 20; batch++) {
            for (int i = 0; i < 50; i++) {
                add(feed, "gpu " + batch + "/" + (backwards ? 49 - i : i));
            }
            feed.write();
        }
        return null;
    }

    /** A row with its own number meets two indexes, and the first of them is that of the number. */
    @Test
    void writersOfTheSameNewKeyWithItsOwnNumber_waitForEachOther() throws Exception {
        Feed<Gpu> feed = Feed.open(withOwnNumber(7), Feed.P0);
        add(feed, "a");
        ExecutorService threads = Executors.newFixedThreadPool(1);
        try (Connection other = database.dataSource().getConnection();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("INSERT INTO gpu VALUES (7, 'a')");
            Future<?> writing = threads.submit(feed::write);
            Await.until(
                    "the writer waits for the other transaction",
                    Duration.ofSeconds(20),
                    () -> database.row("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                                    + " AND wait_event_type = 'Lock'")
                            .equals("1"));
            other.commit();
            writing.get();
        } finally {
            threads.shutdownNow();
        }
        assertThat(database.rows(SAMPLES)).containsExactly("a|0");
    }

    @Test
    void ownNumberThatAnotherRowHas_isNoRecordsFault() {
        Feed<Gpu> feed = Feed.open(withOwnNumber(7), Feed.P0);
        database.execute("INSERT INTO gpu VALUES (7, 'x')");
        add(feed, "a");
        assertThat(catchThrowableOfType(SinkException.class, feed::write))
                .hasMessageContaining("1 rows are missing")
                .hasMessageContaining("another row with the number that a row brings along")
                .extracting(SinkException::kind)
                .isEqualTo(Kind.FATAL_PERHAPS_DATA);
    }

    private PostgresSink<Gpu> withOwnNumber(int number) {
        database.execute("ALTER TABLE gpu ALTER gpu_no SET GENERATED BY DEFAULT");
        Dimension<Gpu> numbered = GPU.withNumbers(gpu -> number);
        return PostgresSink.<Gpu>builder(source)
                .insertMissing(numbered, delivery -> Stream.of(delivery.value()))
                .insertOnce(PostgresTable.<Delivery<Gpu>>builder("sample")
                        .key("gpu_no", numbered.number(), Delivery::value)
                        .key("n", ColumnType.BIGINT, Delivery::offset)
                        .build())
                .build();
    }

    /** A table that is folded by number draws none, and a column may refer to no row. */
    @Test
    void foldAndKeptColumn_referByNumber() {
        database.execute("CREATE TABLE gpu_day (gpu_no integer PRIMARY KEY, n bigint)");
        PostgresTable<Delivery<Gpu>> kept = PostgresTable.<Delivery<Gpu>>builder("sample")
                .key("gpu_no", GPU.number(), Delivery::value)
                .key("n", ColumnType.BIGINT, Delivery::offset)
                .keep("other_no", GPU.number(), d -> d.value().uuid().equals("a") ? null : d.value())
                .build();
        Feed<Gpu> feed = Feed.open(
                PostgresSink.<Gpu>builder(source)
                        .insertMissing(GPU, d -> Stream.of(d.value()))
                        .insertOnce(kept)
                        .fold(
                                new ByGpu(),
                                PostgresTable.<Gpu>builder("gpu_day")
                                        .key("gpu_no", GPU.number(), gpu -> gpu)
                                        .sum("n", ColumnType.BIGINT, gpu -> 1L)
                                        .build())
                        .build(),
                Feed.P0);
        write(feed, "a", "b");
        write(feed, "b");

        assertThat(database.rows("SELECT * FROM gpu_day ORDER BY gpu_no")).containsExactly("1|1", "2|2");
        assertThat(database.rows("SELECT gpu_no, other_no FROM sample ORDER BY n"))
                .containsExactly("1|null", "2|2", "2|2");
        assertThat(database.row(LAST_NUMBER)).isEqualTo("2");
    }

    private static final class ByGpu implements Aggregator<Gpu, String, Gpu> {
        @Override
        public void fold(Delivery<Gpu> delivery, BiConsumer<? super String, ? super Gpu> results) {
            results.accept(delivery.value().uuid(), delivery.value());
        }

        @Override
        public Gpu merge(Gpu left, Gpu right) {
            return left;
        }
    }

    @Test
    void dimension_refersToAnother() {
        database.execute("CREATE TABLE link (link_no bigint GENERATED BY DEFAULT AS IDENTITY UNIQUE NOT NULL,"
                + " gpu_no integer, n smallint, PRIMARY KEY (gpu_no, n));"
                + " CREATE TABLE reading (link_no bigint, n bigint, PRIMARY KEY (link_no, n))");
        Dimension<Gpu> link = Dimension.of(
                PostgresTable.<Gpu>builder("link")
                        .key("gpu_no", GPU.number(), gpu -> gpu)
                        .key("n", ColumnType.SMALLINT, gpu -> 7)
                        .build(),
                "link_no",
                ColumnType.BIGINT);
        Feed<Gpu> feed = Feed.open(
                PostgresSink.<Gpu>builder(source)
                        .insertMissing(GPU, d -> Stream.of(d.value()))
                        .insertMissing(link, d -> Stream.of(d.value()))
                        .insertOnce(PostgresTable.<Delivery<Gpu>>builder("reading")
                                .key("link_no", link.number(), Delivery::value)
                                .key("n", ColumnType.BIGINT, Delivery::offset)
                                .build())
                        .build(),
                Feed.P0);
        write(feed, "b", "a");
        write(feed, "a", "c");

        assertThat(database.rows("SELECT uuid, r.n FROM reading AS r JOIN link USING (link_no) JOIN gpu USING (gpu_no)"
                        + " ORDER BY r.n"))
                .containsExactly("b|0", "a|1", "a|2", "c|3");
    }

    /** The refused values of one record are found, and the others keep their numbers. */
    @Test
    void valuesOfARecord_areRefusedOneByOne() {
        database.execute("ALTER TABLE gpu ADD CHECK (uuid <> 'bad')");
        PostgresSink<Gpu> sink = Feed.open(sink().build(), Feed.P0).sink();
        SourceRecord source =
                SourceRecord.builder(Feed.P0, 0).value(new byte[] {1}).build();
        Batch.Builder<Gpu> building = Batch.<Gpu>builder().open(Feed.P0, Feed.TOPIC_ID, 0);
        List<String> uuids = List.of("d", "bad", "c");
        IntStream.range(0, 3)
                .forEach(i -> building.add(Delivery.of(new Gpu(uuids.get(i), ""), Instant.EPOCH, source, i)));
        Batch<Gpu> batch = building.build();
        assertThat(sink.isIdempotent()).isTrue();
        RefusedException refused = catchThrowableOfType(RefusedException.class, () -> sink.write(batch));
        assertThat(refused.deadLetters()).hasSize(1);

        database.execute("ALTER TABLE sample DROP CONSTRAINT sample_pkey, ADD PRIMARY KEY (gpu_no)");
        PostgresSink<Gpu> byGpu = PostgresSink.<Gpu>builder(database.dataSource())
                .insertMissing(GPU, delivery -> Stream.of(delivery.value()))
                .insertOnce(PostgresTable.<Delivery<Gpu>>builder("sample")
                        .key("gpu_no", GPU.number(), Delivery::value)
                        .keep("n", ColumnType.BIGINT, Delivery::offset)
                        .build())
                .build();
        Feed.open(byGpu, Feed.P0);
        byGpu.write(batch.refuse(refused.deadLetters()));
        assertThat(database.rows(SAMPLES)).containsExactly("c|0", "d|0");
    }

    private SinkException failure(Function<Delivery<Gpu>, Stream<Gpu>> rows, String uuid) {
        Feed<Gpu> feed = Feed.open(
                PostgresSink.<Gpu>builder(source)
                        .insertMissing(GPU, rows)
                        .insertOnce(SAMPLE)
                        .build(),
                Feed.P0);
        add(feed, uuid);
        return catchThrowableOfType(SinkException.class, feed::write);
    }

    @Test
    void rowThatCannotBeTaken_isItsRecordsFault() {
        assertThat(failure(d -> Stream.of(d.value()), "a\ud83d"))
                .hasMessageContaining("table \"gpu\": column \"uuid\" cannot be stored as text")
                .extracting(SinkException::kind)
                .isEqualTo(Kind.DATA);
        assertThat(failure(d -> Stream.of(d.value()), "a\0"))
                .hasMessageContaining("table \"gpu\": ")
                .extracting(SinkException::kind)
                .isEqualTo(Kind.DATA);
        assertThat(failure(d -> Stream.of(new Gpu(null, "")), "a"))
                .hasMessageContaining("null value in column \"uuid\"")
                .extracting(SinkException::kind)
                .isEqualTo(Kind.DATA);
        assertThat(failure(
                        d -> {
                            throw new IllegalStateException("no GPU");
                        },
                        "a"))
                .hasMessageContaining("table \"gpu\": java.lang.IllegalStateException: no GPU")
                .extracting(SinkException::kind)
                .isEqualTo(Kind.DATA);
        assertThat(failure(d -> Stream.empty(), "a"))
                .hasMessageContaining("No number of table \"gpu\" for a row that a column refers to")
                .extracting(SinkException::kind)
                .isEqualTo(Kind.DATA);
        assertThat(database.count("gpu")).isZero();
    }

    @Test
    void sequenceBehindItsTable_isNoRecordsFault() {
        database.execute("INSERT INTO gpu OVERRIDING SYSTEM VALUE VALUES (1, 'x')");
        assertThat(failure(d -> Stream.of(d.value()), "a"))
                .hasMessageContaining("\"gpu_pkey\"")
                .hasMessageContaining("advance it with setval")
                .extracting(SinkException::kind)
                .isEqualTo(Kind.FATAL);
    }

    @Test
    void rowsThatVanish_areNotTakenForInserted() {
        database.execute("CREATE RULE nothing AS ON INSERT TO gpu DO INSTEAD NOTHING");
        assertThat(failure(d -> Stream.of(d.value()), "a"))
                .hasMessageContaining("1 rows are missing after their insert");
    }

    @Test
    void open_refusesAColumnThatNumbersNothing() {
        for (String declared : List.of(
                "gpu_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, uuid text NOT NULL UNIQUE",
                "gpu_no serial, uuid text PRIMARY KEY",
                "uuid text PRIMARY KEY")) {
            assertThat(failureToOpen(declared))
                    .as(declared)
                    .hasMessageContaining("Column \"gpu\".\"gpu_no\" does not number the rows")
                    .hasMessageContaining("integer GENERATED ALWAYS AS IDENTITY");
        }
        assertThat(failureToOpen("gpu_no integer PRIMARY KEY, uuid text NOT NULL UNIQUE"))
                .hasMessageContaining("column \"gpu\".\"gpu_no\" is not declared here, is NOT NULL and has no default");
        database.execute("DROP TABLE gpu; CREATE TABLE gpu (gpu_no serial UNIQUE, uuid text PRIMARY KEY, host text)");
        write(Feed.open(sink().build(), Feed.P0), "a");
        assertThat(database.rows(SAMPLES)).containsExactly("a|0");
    }

    private SinkException failureToOpen(String declared) {
        database.execute("DROP TABLE gpu CASCADE; CREATE TABLE gpu (" + declared + ", host text)");
        return catchThrowableOfType(SinkException.class, () -> Feed.open(sink().build(), Feed.P0));
    }

    @Test
    void declarations_areChecked() {
        PostgresTable<String> byText = PostgresTable.<String>builder("t")
                .key("a", ColumnType.TEXT, s -> s)
                .build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Dimension.of(byText, "n", ColumnType.FLOAT8))
                .withMessage("type: double precision is not an integer type; declare bigint, integer or smallint");
        assertThatIllegalArgumentException().isThrownBy(() -> Dimension.of(byText, "n", ColumnType.NUMERIC));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Dimension.of(byText, "a", ColumnType.BIGINT))
                .withMessage("table \"t\" declares \"a\", which the database generates; leave it out");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Dimension.of(
                        PostgresTable.<byte[]>builder("t")
                                .key("a", ColumnType.BYTEA, b -> b)
                                .build(),
                        "n",
                        ColumnType.BIGINT))
                .withMessageStartingWith("table \"t\": key \"a\" is bytea, which may be read back in another form");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Dimension.of(
                        PostgresTable.<String>builder("t")
                                .key("a", ColumnType.TEXT, s -> s)
                                .max("b", ColumnType.TEXT, s -> s)
                                .build(),
                        "n",
                        ColumnType.BIGINT))
                .withMessage("table \"t\" merges columns; declare them with key or keep");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PostgresTable.<Gpu>builder("t").max("a", GPU.number(), gpu -> gpu))
                .withMessageContaining("column \"a\" is integer, a number of table \"gpu\", which cannot be");
    }

    @Test
    void build_refusesARowThatNoStepBeforeInserts() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        PostgresSink.<Gpu>builder(source).insertOnce(SAMPLE).build())
                .withMessage("table \"sample\": column \"gpu_no\" refers to table \"gpu\" by \"gpu_no\", whose rows no"
                        + " earlier step inserts; declare insertMissing for it first");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PostgresSink.<Gpu>builder(source)
                        .insertOnce(SAMPLE)
                        .insertMissing(GPU, d -> Stream.of(d.value()))
                        .build());
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        sink().insertMissing(GPU, d -> Stream.of(d.value())).build())
                .withMessageContaining("is inserted twice");
    }
}
