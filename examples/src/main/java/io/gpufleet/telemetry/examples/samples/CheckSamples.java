package io.gpufleet.telemetry.examples.samples;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Checks files of samples. Not thread-safe. */
@Command(
        name = "check",
        description = {
            "Reads files of GPU samples as the consumer reads records, and prints what would be stored and what not.",
            "Exposition text is one record: at most 16 MiB unpacked. Of JSON, each line may be one. Other files may have"
                    + " 256 MiB, since publish sends their samples one by one.",
            "Samples of any age are good; how many of them gpu-consumer refuses for their time, it says.",
            "Exit code 1 if a line was rejected, or if a file is cut off or cannot be read."
        })
final class CheckSamples implements Callable<Integer> {
    @Parameters(
            paramLabel = "<file>",
            arity = "1..*",
            description = "Files, plain or in gzip; a hyphen is the standard input.")
    private List<String> files = new ArrayList<>();

    @Mixin
    private final DecoderOptions decoder = new DecoderOptions();

    @Option(
            names = "--time",
            paramLabel = "<instant>",
            description = {
                "The time of the record, and of rows that carry none, as 2026-01-31T12:00:00Z (default: now,",
                "and for rows that carry none the last change of the file). Other rows are compared with it."
            })
    private Optional<Instant> time = Optional.empty();

    @ArgGroup
    private final Output output = new Output();

    @Spec
    private @Nullable CommandSpec command;

    /** The form of the output; tables without any. */
    private static final class Output {
        @Option(names = "--json", description = "Print a JSON object for each file, in one line.")
        private boolean json;

        @Option(names = "--samples", description = "Print a JSON object for each sample that would be stored.")
        private boolean samples;
    }

    @Override
    public Integer call() {
        decoder.check();
        boolean isGood = true;
        for (String name : files) {
            isGood &= check(name);
        }
        return isGood ? ExitCodes.OK : ExitCodes.NOT_SO;
    }

    private boolean check(String name) {
        SampleFile file;
        try {
            file = SampleFile.read(name);
        } catch (TelemetryException unreadable) {
            tell(name, String.valueOf(unreadable.getMessage()));
            return false;
        }
        FileReading reading =
                new FileReading(file, decoder, time.orElse(file.time()), Optional.of(time.orElseGet(Instant::now)));
        FileContent content = reading.read();
        print(new FileReport(name, reading.format(), content));
        return content.rejected().isEmpty();
    }

    /** Tells that a file cannot be read: programs that read objects get one for each file. */
    private void tell(String name, String words) {
        if (!output.json) {
            complain(words);
            return;
        }
        FileContent none = new FileContent();
        none.refuse(new Rejection(1, words.startsWith(name + ": ") ? words.substring(name.length() + 2) : words));
        print(new FileReport(name, SampleFormat.AUTO, none));
    }

    private void print(FileReport report) {
        PrintWriter out = spec().commandLine().getOut();
        if (output.samples) {
            report.samples().forEach(line -> out.print(line + '\n'));
            report.rejections().forEach(this::complain);
        } else if (output.json) {
            out.println(report.json());
        } else {
            report.lines().forEach(out::println);
        }
        out.flush();
    }

    private void complain(String words) {
        PrintWriter errors = spec().commandLine().getErr();
        errors.println(spec().qualifiedName() + ": " + words);
        errors.flush();
    }

    private CommandSpec spec() {
        return requireNonNull(command, "command");
    }
}
