package io.gpufleet.telemetry.examples.samples;

import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.kafka.producer.GpuSamplePublisher;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * A file that is published, any number of times. Exposition text of one host whose rows carry no time is sent as a
 * scrape, with all its lines; of anything else the samples are sent, each as JSON. Immutable.
 */
final class LiveFile {
    /** The time that rows without one have until they are sent. */
    private static final Instant UNKNOWN = Instant.EPOCH;

    private final String name;
    private final byte[] bytes;
    private final List<GpuSample> samples;
    private final Optional<String> host;
    private final int rejected;

    private LiveFile(String name, byte[] bytes, List<GpuSample> samples, Optional<String> host, int rejected) {
        this.name = name;
        this.bytes = bytes;
        this.samples = samples;
        this.host = host;
        this.rejected = rejected;
    }

    /**
     * Reads a file.
     *
     * @param host the host of all its GPUs; if absent, its rows say it
     */
    static LiveFile read(String name, DecoderOptions options, Optional<String> host) {
        SampleFile file = SampleFile.read(name);
        FileReading reading = new FileReading(file, options, UNKNOWN);
        FileContent content = reading.read();
        List<GpuSample> samples = List.copyOf(content.samples());
        Optional<String> one = host.or(() -> onlyHost(samples));
        boolean isScrape =
                reading.format() == SampleFormat.TEXT && samples.stream().noneMatch(LiveFile::hasTime);
        return new LiveFile(
                name,
                file.bytes(),
                samples,
                one.filter(known -> isScrape),
                content.rejected().size());
    }

    private static Optional<String> onlyHost(List<GpuSample> samples) {
        List<String> hosts = samples.stream()
                .map(sample -> sample.subject().host())
                .distinct()
                .limit(2)
                .toList();
        return hosts.size() == 1 ? Optional.of(hosts.get(0)).filter(host -> !host.isBlank()) : Optional.empty();
    }

    private static boolean hasTime(GpuSample sample) {
        return !sample.time().equals(UNKNOWN);
    }

    String name() {
        return name;
    }

    /** Returns the number of lines that are not sent, since no samples could be read from them. */
    int leftOut() {
        return host.isPresent() ? 0 : rejected;
    }

    List<GpuSample> samples() {
        return samples;
    }

    /** Returns the newest time of a row, if any carries one. */
    Optional<Instant> newest() {
        return samples.stream().filter(LiveFile::hasTime).map(GpuSample::time).max(Instant::compareTo);
    }

    /**
     * Sends the file.
     *
     * @param time the time of the scrape, and of rows that carry none
     * @param shift the time by which all other times are moved
     */
    Stream<CompletableFuture<Void>> send(GpuSamplePublisher publisher, Instant time, Duration shift) {
        if (host.isPresent()) {
            return Stream.of(publisher.scrape(bytes, host.get(), time));
        }
        return samples.stream()
                .map(sample -> publisher.send(at(hasTime(sample) ? sample.time().plus(shift) : time, sample)));
    }

    private static GpuSample at(Instant time, GpuSample sample) {
        return new GpuSample(time, sample.metric(), sample.value(), sample.subject(), sample.scope(), sample.quality());
    }
}
