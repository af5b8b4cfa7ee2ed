package io.gpufleet.telemetry.examples.samples;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.examples.options.KafkaOptions;
import io.gpufleet.telemetry.examples.options.TimeSpan;
import io.gpufleet.telemetry.examples.options.TopicName;
import io.gpufleet.telemetry.kafka.GpuSampleConsumer;
import io.gpufleet.telemetry.kafka.producer.GpuSamplePublisher;
import io.gpufleet.telemetry.kafka.topic.TopicInstaller;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Publishes files of samples. Not thread-safe. */
@Command(
        name = "publish",
        description = {
            "Sends files of GPU samples to a topic. Exposition text of one host, without times of its own, is sent as"
                    + " scrapes, one record for each GPU; the samples of all other files are sent one by one, as JSON.",
            "What cannot be read is not sent. Samples of any age are sent; gpu-consumer refuses old ones without"
                    + " --any-age. A scrape has at most 16 MiB unpacked, since a GPU's part is a record; any other file"
                    + " may have 256 MiB.",
            "Exit code 1 if a part of a file was not sent."
        })
final class PublishSamples implements Callable<Integer> {
    private static final Duration USUAL_INTERVAL = Duration.ofSeconds(60);

    @Parameters(
            paramLabel = "<file>",
            arity = "1..*",
            description = "Files, plain or in gzip; a hyphen is the standard input.")
    private List<String> files = new ArrayList<>();

    @Mixin
    private final DecoderOptions decoder = new DecoderOptions();

    @Mixin
    private final KafkaOptions kafka = new KafkaOptions();

    @Option(
            names = "--topic",
            paramLabel = "<name>",
            defaultValue = "${env:TELEMETRY_TOPIC:-" + GpuSampleConsumer.TOPIC + "}",
            converter = TopicName.class,
            description = "The topic, else from TELEMETRY_TOPIC (default: " + GpuSampleConsumer.TOPIC + ").")
    private String topic = GpuSampleConsumer.TOPIC;

    @Option(names = "--no-create-topic", description = "Does not create the topic. Otherwise a missing one is created.")
    private boolean noCreateTopic;

    @Option(
            names = "--host",
            paramLabel = "<name>",
            description = "The host of exposition text that names none, or several.")
    private Optional<String> host = Optional.empty();

    @Option(
            names = "--time",
            paramLabel = "<instant>",
            description = "The time of rows that carry none, as 2026-01-31T12:00:00Z (default: now).")
    private Optional<Instant> time = Optional.empty();

    @Option(
            names = "--shift-times",
            description = {
                "Moves all times of the files by one span, so that the newest is now.",
                "Otherwise a file that is sent again adds nothing: its samples are stored already."
            })
    private boolean shiftTimes;

    @Option(names = "--loop", description = "Sends the files again and again, until the program is stopped.")
    private boolean loop;

    @Option(
            names = "--every",
            paramLabel = "<time>",
            converter = TimeSpan.Interval.class,
            description = {
                "With --loop, the time from one round to the next, as 500ms, 60s or 1m (default: 60s).",
                "Rounds that are due during a longer one are skipped, but for the newest."
            })
    private Optional<Duration> every = Optional.empty();

    @Spec
    private @Nullable CommandSpec command;

    @Override
    public Integer call() {
        if (every.isPresent() && !loop) {
            throw new IllegalArgumentException("--every: has no effect without --loop");
        }
        decoder.check();
        List<LiveFile> live =
                files.stream().map(name -> LiveFile.read(name, decoder, host)).toList();
        if (!noCreateTopic) {
            TopicInstaller.builder(kafka.bootstrapServers(), topic)
                    .overrides(kafka.clientProperties())
                    .install();
        }
        boolean isWhole = tellOfTheLeftOut(live);
        publish(live);
        return isWhole ? ExitCodes.OK : ExitCodes.NOT_SO;
    }

    private void publish(List<LiveFile> live) {
        PublishRounds.Plan plan =
                new PublishRounds.Plan(live, time, shiftTimes, decoder.validator(), topic + " of " + kafka);
        try (UntilSignal signal = UntilSignal.install(commandLine().getErr());
                GpuSamplePublisher publisher = publisher()) {
            PublishRounds rounds = new PublishRounds(plan, publisher, this::say, this::complain);
            if (loop) {
                rounds.repeat(every.orElse(USUAL_INTERVAL), signal);
            } else {
                signal.unsent(rounds.samples());
                rounds.once();
                signal.unsent(0);
            }
        }
    }

    private GpuSamplePublisher publisher() {
        return GpuSamplePublisher.builder(kafka.bootstrapServers())
                .topic(topic)
                .overrides(kafka.clientProperties())
                .throughput()
                .sampleEncoder(SampleJson::encode)
                .build();
    }

    /** Tells of what cannot be read, and returns whether all can. */
    private boolean tellOfTheLeftOut(List<LiveFile> live) {
        live.forEach(file -> file.leftOut().forEach(sentence -> complain(file.name() + ": " + sentence)));
        return live.stream().allMatch(file -> file.leftOut().isEmpty());
    }

    private CommandLine commandLine() {
        return requireNonNull(command, "command").commandLine();
    }

    private void say(String line) {
        var out = commandLine().getOut();
        out.println(line);
        out.flush();
    }

    private void complain(String words) {
        var errors = commandLine().getErr();
        errors.println(requireNonNull(command, "command").qualifiedName() + ": " + words);
        errors.flush();
    }
}
