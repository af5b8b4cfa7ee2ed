package io.gpufleet.telemetry.examples.samples;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.examples.options.KafkaOptions;
import io.gpufleet.telemetry.examples.options.TimeSpan;
import io.gpufleet.telemetry.examples.options.TopicName;
import io.gpufleet.telemetry.examples.terminal.Text;
import io.gpufleet.telemetry.kafka.GpuSampleConsumer;
import io.gpufleet.telemetry.kafka.producer.GpuSamplePublisher;
import io.gpufleet.telemetry.kafka.topic.TopicInstaller;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
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
            "Exit code 1 if a line of a file could not be read, and so was not sent."
        })
final class PublishSamples implements Callable<Integer> {
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
            defaultValue = "60s",
            converter = TimeSpan.class,
            description = "With --loop, the time from one round to the next, as 500ms, 60s or 1m (default: 60s).")
    private Duration every = Duration.ZERO;

    @Spec
    private @Nullable CommandSpec command;

    @Override
    public Integer call() {
        if (every.isZero()) {
            throw new IllegalArgumentException("--every: 0 is not a time above 0");
        }
        List<LiveFile> live =
                files.stream().map(name -> LiveFile.read(name, decoder, host)).toList();
        if (!noCreateTopic) {
            TopicInstaller.builder(kafka.bootstrapServers(), topic)
                    .overrides(kafka.clientProperties())
                    .install();
        }
        publish(live);
        return tellOfTheLeftOut(live) ? ExitCodes.NOT_SO : ExitCodes.OK;
    }

    private void publish(List<LiveFile> live) {
        try (UntilSignal signal = UntilSignal.install();
                GpuSamplePublisher publisher = GpuSamplePublisher.builder(kafka.bootstrapServers())
                        .topic(topic)
                        .overrides(kafka.clientProperties())
                        .throughput()
                        .sampleEncoder(SampleJson::encode)
                        .build()) {
            long begun = System.nanoTime();
            long rounds = 0;
            do {
                publish(live, publisher);
                rounds++;
            } while (loop && signal.elapses(every.multipliedBy(rounds).minusNanos(System.nanoTime() - begun)));
        }
    }

    private void publish(List<LiveFile> live, GpuSamplePublisher publisher) {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        Duration shift = live.stream()
                .flatMap(file -> file.newest().stream())
                .max(Instant::compareTo)
                .filter(newest -> shiftTimes)
                .map(newest -> Duration.between(newest, now))
                .orElse(Duration.ZERO);
        CompletableFuture.allOf(live.stream()
                        .flatMap(file -> file.send(publisher, time.orElse(now), shift))
                        .toArray(CompletableFuture[]::new))
                .join();
        long samples = live.stream().mapToLong(file -> file.samples().size()).sum();
        say("Published " + Text.count(samples) + " samples to " + topic + " of " + kafka + " at " + now);
    }

    private boolean tellOfTheLeftOut(List<LiveFile> live) {
        List<LiveFile> incomplete =
                live.stream().filter(file -> file.leftOut() > 0).toList();
        incomplete.forEach(file -> complain(file.name() + ": " + Text.count(file.leftOut())
                + " lines could not be read and were not sent; gpu-samples check names them"));
        return !incomplete.isEmpty();
    }

    private void say(String line) {
        var out = requireNonNull(command, "command").commandLine().getOut();
        out.println(line);
        out.flush();
    }

    private void complain(String words) {
        var errors = requireNonNull(command, "command").commandLine().getErr();
        errors.println(requireNonNull(command, "command").qualifiedName() + ": " + words);
        errors.flush();
    }
}
