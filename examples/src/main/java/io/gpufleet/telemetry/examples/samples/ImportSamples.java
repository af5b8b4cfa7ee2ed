package io.gpufleet.telemetry.examples.samples;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.examples.options.DatabaseOptions;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.examples.options.GpuTableOptions;
import io.gpufleet.telemetry.examples.terminal.Text;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.gpu.SampleFiles;
import io.gpufleet.telemetry.jdbc.gpu.SampleFiles.Imported;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
                    + " by its content, whatever its name is. Samples of any age are stored.",
            "The tables must be there: operator schema install --gpu-samples creates them.",
            "Exit code 1 if a part of a file was not stored, or if the file grew meanwhile."
        })
final class ImportSamples implements Callable<Integer> {
    private static final Duration PROGRESS = Duration.ofSeconds(5);

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

    @Spec
    private @Nullable CommandSpec command;

    private String current = "";
    private long lastProgress;

    @Override
    public Integer call() {
        decoder.check();
        gpuTables.check();
        SampleFiles imports = imports(database.dataSource());
        boolean isWhole = true;
        for (String name : files) {
            isWhole &= importFrom(name, imports);
        }
        return isWhole ? ExitCodes.OK : ExitCodes.NOT_SO;
    }

    private SampleFiles imports(DataSource source) {
        PostgresSink.Builder<GpuSample> sink = gpuTables.sink(source, GpuLayout.NUMBERED);
        database.schema().ifPresent(sink::schema);
        SampleFiles.Builder builder =
                SampleFiles.builder(source, sink.build(), decoder.decoder()).progress(this::showProgress);
        database.schema().ifPresent(builder::schema);
        if (complete) {
            builder.acceptOpenEnd();
        }
        return builder.build();
    }

    private boolean importFrom(String name, SampleFiles imports) {
        current = name;
        lastProgress = System.nanoTime();
        try {
            return tell(imports.importFrom(Path.of(name)));
        } catch (SinkException e) {
            throw e;
        } catch (InvalidPathException e) {
            complain(name + ": no such file");
        } catch (TelemetryException e) {
            complain(String.valueOf(e.getMessage()));
        }
        return false;
    }

    private boolean tell(Imported imported) {
        var out = requireNonNull(command, "command").commandLine().getOut();
        out.println(current + ": " + words(imported));
        out.flush();
        imported.reasons().forEach(reason -> complain(current + ": " + reason));
        imported.fault().ifPresent(fault -> complain(current + ": " + fault));
        if (imported.grownBy() > 0) {
            complain(current + ": has grown by " + Text.count(imported.grownBy(), "byte", "bytes")
                    + " during the import; the next import stores them");
        }
        return imported.refused() == 0 && imported.fault().isEmpty() && imported.grownBy() == 0;
    }

    private static String words(Imported imported) {
        return Text.count(imported.rows(), "row", "rows") + " read, "
                + Text.count(imported.samples(), "sample", "samples") + " stored, "
                + Text.count(imported.duplicates(), "duplicate", "duplicates") + " ("
                + Text.count(imported.conflicts(), "conflict", "conflicts") + "), "
                + Text.count(imported.refused()) + " refused; "
                + Text.count(imported.before(), "row", "rows") + " stored before";
    }

    private void showProgress(Imported imported) {
        long now = System.nanoTime();
        if (now - lastProgress >= PROGRESS.toNanos()) {
            lastProgress = now;
            complain(current + ": " + Text.count(imported.before() + imported.rows(), "row", "rows") + " so far");
        }
    }

    private void complain(String words) {
        CommandSpec spec = requireNonNull(command, "command");
        var errors = spec.commandLine().getErr();
        errors.println(spec.qualifiedName() + ": " + words);
        errors.flush();
    }
}
