package io.gpufleet.telemetry.examples.samples;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.examples.options.DatabaseOptions;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.examples.options.GpuTableOptions;
import io.gpufleet.telemetry.examples.options.GroupName;
import io.gpufleet.telemetry.examples.options.InstalledLayout;
import io.gpufleet.telemetry.examples.options.OptionNames;
import io.gpufleet.telemetry.examples.terminal.Text;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.gpu.SampleFiles;
import io.gpufleet.telemetry.jdbc.gpu.SampleFiles.Imported;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Imports files of samples into the database. Not thread-safe. */
@Command(
        name = "import",
        description = {
            "Stores files of GPU samples in the database, each row once, without a broker. JSON is read line by line.",
            "An import that was ended goes on where it ended, a file that has grown from its old end. A file is known"
                    + " by its content, whatever its name is; --group stores it once more. Samples of any age are stored.",
            "The tables must be there, of either layout: operator schema sql --gpu-samples prints what creates them.",
            "Rows that are refused are dead letters of the group, which operator dead-letters shows; the same file again"
                    + " tells their number.",
            "Lines of exposition text and of line protocol without a time get that of the file's last change, or --time;"
                    + " so a file may have one scrape without times, and one with more of them is refused.",
            "Exit code 0 if all of every file is stored, 1 if a row was refused, now or before, or a part was not stored,"
                    + " or if a file grew meanwhile, 3 if the database fails; what is stored by then stays, and the same command goes"
                    + " on behind it."
        })
final class ImportSamples implements Callable<Integer> {
    private static final Duration PROGRESS = Duration.ofSeconds(5);
    private static final String DEFAULT_GROUP = "sample-files";

    @Parameters(paramLabel = "<file>", arity = "1..*", description = "Files, plain or in gzip.")
    private List<String> files = new ArrayList<>();

    @Mixin
    private final DecoderOptions decoder = new DecoderOptions();

    @Mixin
    private final DatabaseOptions database = new DatabaseOptions();

    @Mixin
    private final GpuTableOptions gpuTables = new GpuTableOptions();

    @Option(
            names = "--complete",
            description = "Stores a last line without its end, too: the files will not grow any more.")
    private boolean complete;

    @Option(
            names = "--group",
            paramLabel = "<name>",
            defaultValue = DEFAULT_GROUP,
            converter = GroupName.class,
            description = {
                "The group of the imports and of their dead letters (default: " + DEFAULT_GROUP + ").",
                "Another group stores files once more that are stored already: into other tables (--layout), or read"
                        + " with other options (--zone)."
            })
    private String group = DEFAULT_GROUP;

    @Option(
            names = "--time",
            paramLabel = "<time>",
            description =
                    "The time of lines that have none, as 2026-03-01T12:00:00Z (default: the file's last change).")
    private Optional<Instant> time = Optional.empty();

    @Option(
            names = "--forget",
            description = {
                "Gives up the unfinished imports of these names instead: then other files can be imported under them.",
                "What is stored stays. Exit code 1 if a name has no unfinished import."
            })
    private boolean forget;

    @Spec
    private @Nullable CommandSpec command;

    private String current = "";
    private long stored;
    private long lastProgress;

    @Override
    public Integer call() throws SQLException {
        decoder.check();
        gpuTables.check();
        if (forget && complete) {
            throw new IllegalArgumentException("--forget: imports nothing, so --complete has no effect; leave it out");
        }
        SampleFiles imports = imports(database.dataSource());
        boolean isDone = true;
        for (String name : files) {
            isDone &= forget ? forget(name, imports) : importFrom(name, imports);
        }
        return isDone ? ExitCodes.OK : ExitCodes.NOT_SO;
    }

    private boolean forget(String name, SampleFiles imports) {
        OptionalLong rows = imports.giveUp(PathOption.of(name));
        if (rows.isEmpty()) {
            complain(name + ": no unfinished import has this name");
        } else {
            say(name + ": import is given up behind row " + Text.count(rows.getAsLong()) + "; what is stored stays");
        }
        return rows.isPresent();
    }

    private void say(String words) {
        var out = requireNonNull(command, "command").commandLine().getOut();
        out.println(words);
        out.flush();
    }

    private SampleFiles imports(DataSource source) throws SQLException {
        PostgresSink.Builder<GpuSample> sink = gpuTables.sink(source, InstalledLayout.of(source, database.schema()));
        database.schema().ifPresent(sink::schema);
        SampleFiles.Builder builder = SampleFiles.builder(source, sink.build(), decoder.decoder())
                .group(group)
                .progress(this::showProgress);
        time.ifPresent(builder::scrapeTime);
        database.schema().ifPresent(builder::schema);
        if (complete) {
            builder.acceptOpenEnd();
        }
        return builder.build();
    }

    private boolean importFrom(String name, SampleFiles imports) {
        current = name;
        stored = 0;
        lastProgress = System.nanoTime();
        try {
            return tell(imports.importFrom(PathOption.of(name)));
        } catch (SinkException e) {
            if (stored > 0) {
                complain(name + ": ended behind row " + Text.count(stored) + "; the same command goes on there");
            }
            throw e;
        } catch (TelemetryException e) {
            complain(String.valueOf(e.getMessage()));
        }
        return false;
    }

    private boolean tell(Imported imported) {
        say(current + ": " + words(imported));
        imported.reasons().forEach(reason -> complain(current + ": " + reason));
        long unnamed = imported.refused() - imported.reasons().size();
        if (unnamed > 0) {
            complain(current + ": and " + Text.count(unnamed) + " more refused; operator dead-letters list --group "
                    + group + " shows them");
        }
        imported.fault().ifPresent(fault -> complain(current + ": " + fault));
        if (imported.grownBy() > 0) {
            complain(current + ": has grown by " + Text.count(imported.grownBy(), "byte", "bytes")
                    + " during the import; the next import stores them");
        }
        tellOfBefore(imported);
        return imported.refused() + imported.refusedBefore() == 0
                && imported.fault().isEmpty()
                && imported.grownBy() == 0;
    }

    private void tellOfBefore(Imported imported) {
        if (imported.refusedBefore() > 0) {
            complain(current + ": " + Text.count(imported.refusedBefore()) + " refused by earlier imports; operator"
                    + " dead-letters list --group " + group + " shows them");
        }
        if (imported.rows() == 0 && imported.before() > 0) {
            complain(current + ": was imported before, by the group " + group
                    + "; another --group stores it once more, into other tables or read with other options");
        }
    }

    private static String words(Imported imported) {
        return Text.count(imported.rows(), "row", "rows") + " read, "
                + Text.count(imported.samples(), "sample", "samples") + " stored, "
                + Text.count(imported.duplicates(), "duplicate", "duplicates") + " ("
                + Text.count(imported.conflicts(), "conflict", "conflicts") + "), "
                + Text.count(imported.noValue()) + " without a value, "
                + Text.count(imported.leftOut()) + " of other metrics, "
                + Text.count(imported.refused()) + " refused; "
                + Text.count(imported.before(), "row", "rows") + " stored before"
                + (imported.refusedBefore() == 0
                        ? ""
                        : ", " + Text.count(imported.refusedBefore()) + " refused before");
    }

    private void showProgress(Imported imported) {
        stored = imported.before() + imported.rows();
        long now = System.nanoTime();
        if (now - lastProgress >= PROGRESS.toNanos()) {
            lastProgress = now;
            complain(current + ": " + Text.count(stored, "row", "rows") + " so far");
        }
    }

    private void complain(String words) {
        CommandSpec spec = requireNonNull(command, "command");
        var errors = spec.commandLine().getErr();
        errors.println(spec.qualifiedName() + ": " + OptionNames.in(words));
        errors.flush();
    }
}
