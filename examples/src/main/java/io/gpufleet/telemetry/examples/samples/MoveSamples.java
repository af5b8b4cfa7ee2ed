package io.gpufleet.telemetry.examples.samples;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.joining;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.codec.SampleJsonDecoder;
import io.gpufleet.telemetry.examples.options.DatabaseOptions;
import io.gpufleet.telemetry.examples.options.DatabaseUrl;
import io.gpufleet.telemetry.examples.options.DatabaseUrlConverter;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.examples.options.GpuTableOptions;
import io.gpufleet.telemetry.examples.options.InstalledLayout;
import io.gpufleet.telemetry.examples.terminal.Text;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.gpu.SampleTables;
import io.gpufleet.telemetry.jdbc.gpu.SampleTables.Comparison;
import io.gpufleet.telemetry.jdbc.gpu.SampleTables.Counts;
import io.gpufleet.telemetry.jdbc.gpu.SampleTables.Moved;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Moves the samples of an old table into the database. Not thread-safe. */
@Command(
        name = "move",
        description = {
            "Moves the samples of an old table, with a row for each sample, into the database, each one once; also"
                    + " while an old consumer still writes. The old table is only read.",
            "A move that was ended goes on where it ended; once all is moved, another one reads only the hours that have"
                    + " got rows. It proves itself by GPU, metric and day for the days that are read and"
                    + " not proved yet.",
            "The tables must be there, of either layout: operator schema sql --gpu-samples prints them for psql. An index on"
                    + " the time of the old table is needed, unless it is small.",
            "Exit code 1 if samples or labels are lacking, or if hours still got rows."
        })
final class MoveSamples implements Callable<Integer> {
    private static final Duration PROGRESS = Duration.ofSeconds(5);
    /** One that reads, one that writes, and one that makes days. */
    private static final int CONNECTIONS = 3;

    @Parameters(paramLabel = "<table>", description = "The old table, as public.gpu_telemetry.")
    private String table = "";

    @Option(
            names = "--source-url",
            paramLabel = "<url>",
            defaultValue = "${env:TELEMETRY_SOURCE_URL}",
            converter = DatabaseUrlConverter.class,
            description = {
                "The database of the old table, with user and password, else from TELEMETRY_SOURCE_URL.",
                "Without one, the old table lies beside the new ones."
            })
    private @Nullable DatabaseUrl sourceUrl;

    @Option(
            names = "--source-name",
            paramLabel = "<name>",
            description = {
                "The name under which the progress is kept. Without one, it is the identifier of the server (or its"
                        + " address, for a user who may not call pg_control_system) with database, schema and table."
            })
    private @Nullable String sourceName;

    @Option(
            names = "--column",
            paramLabel = "<field>=<column>",
            converter = NamedColumn.Converter.class,
            description = {
                "The column of a field without a usual name, as value=reading. May be given several times.",
                "Fields: id, timestamp, metric_name, value, uuid, gpu_id, device, modelName, Hostname, container, pod,"
                        + " namespace, pci_bus_id, labels_raw. Any other name is that of a label, as rack=cabinet."
            })
    private List<NamedColumn> columns = new ArrayList<>();

    @Option(
            names = "--prefix",
            paramLabel = "<text>",
            description = "A further beginning of metrics that are moved, beside DCGM_ and dcgm_; others are rejected.")
    private List<String> prefixes = new ArrayList<>();

    @Option(names = "--compare", description = "Moves nothing, but proves all days, with a look at each old row.")
    private boolean compareOnly;

    @Mixin
    private final DatabaseOptions database = new DatabaseOptions();

    @Mixin
    private final GpuTableOptions gpuTables = new GpuTableOptions();

    @Spec
    private @Nullable CommandSpec command;

    private final long begun = System.nanoTime();
    private long lastProgress = begun;

    @Override
    public Integer call() throws SQLException {
        gpuTables.requireSamples();
        try (HikariDataSource target = pool(database.dataSource());
                HikariDataSource source = pool(source().orElseGet(database::dataSource))) {
            SampleTables tables = tables(target, source);
            boolean isRight = compareOnly ? tell(tables.compare(table)) : tell(tables.move(table));
            return isRight ? ExitCodes.OK : ExitCodes.NOT_SO;
        }
    }

    private static HikariDataSource pool(DataSource connections) {
        HikariConfig pool = new HikariConfig();
        pool.setDataSource(connections);
        pool.setMaximumPoolSize(CONNECTIONS);
        pool.setMinimumIdle(0);
        pool.setInitializationFailTimeout(-1);
        return new HikariDataSource(pool);
    }

    private Optional<DataSource> source() {
        DatabaseUrl url = sourceUrl;
        if (url == null) {
            return Optional.empty();
        }
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(url.jdbcUrl());
        url.user().ifPresent(source::setUser);
        url.password().ifPresent(source::setPassword);
        return Optional.of(source);
    }

    private SampleTables tables(DataSource target, DataSource source) throws SQLException {
        PostgresSink.Builder<GpuSample> sink = gpuTables.sink(target, InstalledLayout.of(target, database.schema()));
        database.schema().ifPresent(sink::schema);
        SampleJsonDecoder.Builder decoder = SampleJsonDecoder.builder();
        prefixes.forEach(decoder::prefix);
        SampleTables.Builder builder = SampleTables.builder(target, sink.build(), decoder.build())
                .source(source)
                .progress(this::showProgress);
        database.schema().ifPresent(builder::schema);
        Optional.ofNullable(sourceName).ifPresent(builder::sourceName);
        columns.forEach(named -> builder.column(named.field(), named.column()));
        return builder.build();
    }

    private boolean tell(Moved moved) {
        moved.reasons().stream()
                .filter(reason -> !moved.comparison().refusals().contains(reason))
                .forEach(this::complain);
        print(words(moved.total()));
        double seconds = Duration.ofNanos(System.nanoTime() - begun).toMillis() / 1_000.0;
        print(Text.count(moved.run().read(), "row", "rows") + " of them read now, in "
                + String.format(
                        Locale.ROOT,
                        "%.1f s, %,.0f rows/s",
                        seconds,
                        moved.run().read() / Math.max(seconds, 0.001)));
        if (moved.openHours() > 0) {
            complain(Text.count(moved.openHours(), "hour", "hours")
                    + " got rows all the time; the next move reads them");
        }
        return tell(moved.comparison()) && moved.openHours() == 0;
    }

    private boolean tell(Comparison comparison) {
        comparison.refusals().forEach(this::complain);
        comparison.differences().forEach(difference -> complain(difference.toString()));
        print(words(comparison));
        if (compareOnly && comparison.lacking() > 0) {
            complain("to move what is lacking: " + readAgain(comparison) + " in psql, then "
                    + requireNonNull(command, "command").qualifiedName() + " without --compare");
        }
        return comparison.holds();
    }

    private String words(Comparison comparison) {
        String refused = comparison.refused() == 0
                ? ""
                : ", besides " + Text.count(comparison.refused(), "refused row", "refused rows");
        if (comparison.compared() == 0) {
            return "not compared, since "
                    + (compareOnly
                            ? "no samples are of days that are kept"
                            : "all days that were read are proved; --compare compares them all")
                    + refused;
        }
        return Text.count(comparison.compared(), "GPU, metric and day", "GPUs, metrics and days") + " compared, "
                + Text.count(comparison.lacking(), "lacks samples", "lack samples") + ", "
                + Text.count(comparison.relabelled(), "lacks labels", "lack labels") + refused;
    }

    /** Returns the statement after which a move reads the days again that lack samples. */
    private String readAgain(Comparison comparison) {
        String days = comparison.differences().stream()
                .filter(difference -> difference.stored() < difference.old())
                .map(difference -> "'" + difference.day() + "'")
                .distinct()
                .collect(joining(", "));
        String schema = database.schema()
                .map(name -> '"' + name.replace("\"", "\"\"") + "\".")
                .orElse("");
        return "UPDATE " + schema + "sample_table_moves SET source_rows = -1, proved = false WHERE (hour AT TIME ZONE"
                + " 'UTC')::date IN (" + days + ")";
    }

    private static String words(Counts counts) {
        return Text.count(counts.read(), "row", "rows") + " read = "
                + Text.count(counts.stored()) + " stored + "
                + Text.count(counts.duplicates(), "duplicate", "duplicates") + " + "
                + Text.count(counts.conflicts(), "conflict", "conflicts") + " + "
                + Text.count(counts.noValue()) + " without a value + "
                + Text.count(counts.rejected()) + " rejected + "
                + Text.count(counts.beyondRetention()) + " beyond retention";
    }

    private void showProgress(Counts counts) {
        long now = System.nanoTime();
        if (now - lastProgress >= PROGRESS.toNanos()) {
            lastProgress = now;
            complain(Text.count(counts.read(), "row", "rows") + " so far");
        }
    }

    private void print(String words) {
        var out = requireNonNull(command, "command").commandLine().getOut();
        out.println(table + ": " + words);
        out.flush();
    }

    private void complain(String words) {
        CommandSpec spec = requireNonNull(command, "command");
        var errors = spec.commandLine().getErr();
        errors.println(spec.qualifiedName() + ": " + table + ": " + words);
        errors.flush();
    }
}
