package io.gpufleet.telemetry.jdbc.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.codec.SampleJsonDecoder;
import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import io.gpufleet.telemetry.jdbc.gpu.SampleTables.Counts;
import io.gpufleet.telemetry.jdbc.gpu.SampleTables.Moved;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Moves after earlier ones whose progress must not stand for them. */
final class MovedAgainTest {
    private static final String OLD_TABLE =
            "CREATE TABLE old (id bigint, ts timestamptz, metric text, uuid text, value float8)";

    private Database database;

    @BeforeEach
    void open() {
        database = PostgresVersion.POSTGRES_18.gpuDatabase(GpuLayout.NUMBERED);
        database.execute(OLD_TABLE);
    }

    private SampleTables.Builder tables() {
        return SampleTables.builder(
                database.dataSource(), GpuSampleSink.create(database.dataSource()), SampleJsonDecoder.create());
    }

    private Moved move(Database source) {
        return tables().source(source.dataSource()).build().move("old");
    }

    /** Fills a table with a row a day, from 1 October on. */
    private static void fill(Database source, int days, String id, String uuid) {
        source.execute("INSERT INTO old SELECT " + id + ", timestamptz '2026-10-01 12:00:00+00' + n * interval '1 day',"
                + " 'DCGM_FI_DEV_GPU_TEMP', '" + uuid + "', 41 FROM generate_series(0, " + (days - 1) + ") AS n");
    }

    private static Counts stored(long samples) {
        return new Counts(samples, 0, 0, 0, 0, 0);
    }

    @Test
    void move_readsATableThatWasEmptiedAndFilledWithTheSameIds() {
        fill(database, 3, "n", "GPU-a");
        assertThat(move(database).run()).isEqualTo(stored(3));
        database.execute("TRUNCATE old");
        fill(database, 3, "n", "GPU-b");
        assertThat(move(database).run()).isEqualTo(stored(3));
        database.execute("UPDATE old SET value = 42");
        assertThat(move(database).run()).isEqualTo(new Counts(0, 0, 3, 0, 0, 0));
        assertThat(move(database).run().read()).isZero();
    }

    @Test
    void move_readsRowsWhoseIdsAreAllTheSame() {
        fill(database, 1, "7", "GPU-a");
        fill(database, 1, "7", "GPU-b");
        assertThat(move(database).run()).isEqualTo(stored(2));
        database.execute("UPDATE old SET uuid = 'GPU-c'");
        assertThat(move(database).run()).isEqualTo(new Counts(1, 1, 0, 0, 0, 0));
    }

    @Test
    void move_keepsTheProgressOfEachServerWithTheSameDatabaseAndTable() {
        Database newest = twin(PostgresVersion.POSTGRES_18);
        Database oldest = twin(PostgresVersion.POSTGRES_14);
        fill(newest, 3, "n", "GPU-a");
        fill(oldest, 3, "n", "GPU-a");
        assertThat(move(newest).total()).isEqualTo(stored(3));
        assertThat(move(oldest).total()).isEqualTo(new Counts(0, 3, 0, 0, 0, 0));
        fill(oldest, 3, "n", "GPU-b");
        assertThat(move(oldest).run()).isEqualTo(new Counts(3, 3, 0, 0, 0, 0));
        assertThat(move(newest).run().read()).isZero();
        assertThat(move(newest).total()).isEqualTo(stored(3));
        assertThat(database.count("sample_table_moves")).isEqualTo(6);
    }

    private static Database twin(PostgresVersion version) {
        Database any = version.emptyDatabase();
        any.execute("CREATE DATABASE moved_twin");
        Database twin = new Database(any.url().replaceFirst("/[^/?]+\\?", "/moved_twin?"));
        twin.execute(OLD_TABLE);
        return twin;
    }

    @Test
    void move_provesTheDaysThatAnEndedOneHasRead() {
        fill(database, 5, "n", "GPU-a");
        SampleTables ended = tables().progress(MovedAgainTest::endAfterThree).build();
        assertThatThrownBy(() -> ended.move("old")).isInstanceOf(CancellationException.class);
        database.execute("DELETE FROM gpu_sample WHERE ts < '2026-10-02'");
        Moved moved = move(database);
        assertThat(moved.comparison().compared()).isEqualTo(5);
        assertThat(moved.comparison().holds()).isTrue();
        assertThat(moved.run()).isEqualTo(stored(3));
        assertThat(database.count("gpu_sample")).isEqualTo(5);
        assertThat(move(database).comparison().compared()).isZero();
        database.execute("INSERT INTO old SELECT 9, ts + interval '1 s', metric, uuid, value FROM old WHERE id = 4");
        assertThat(move(database).comparison().compared()).isEqualTo(1);
    }

    private static void endAfterThree(Counts counts) {
        if (counts.read() == 3) {
            throw new CancellationException("ended");
        }
    }
}
