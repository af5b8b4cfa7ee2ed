package io.gpufleet.telemetry.examples.samples;

import io.gpufleet.telemetry.examples.terminal.Text;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.kafka.producer.GpuSamplePublisher;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A file that is published, any number of times. Exposition text of one host whose rows carry no time is sent as a
 * scrape, without the lines that the consumer would refuse; of anything else the samples are sent, each as JSON.
 * Immutable.
 */
final class LiveFile {
    /** The time that rows without one have until they are sent. */
    private static final Instant UNKNOWN = Instant.EPOCH;

    private final String name;
    private final FileContent content;
    private final List<GpuSample> samples;

    /** The text of a scrape; none if the samples are sent. */
    private final Optional<byte[]> scrape;

    private final Optional<String> host;

    private LiveFile(String name, FileContent content, Optional<byte[]> scrape, Optional<String> host) {
        this.name = name;
        this.content = content;
        this.samples = List.copyOf(content.samples());
        this.scrape = scrape;
        this.host = host;
    }

    /**
     * Reads a file.
     *
     * @param host the host of all its GPUs; if absent, its rows say it
     */
    static LiveFile read(String name, DecoderOptions options, Optional<String> host) {
        SampleFile file = SampleFile.read(name);
        FileReading reading = new FileReading(file, options, UNKNOWN, Optional.empty());
        FileContent content = reading.read();
        Optional<String> one = host.or(() -> onlyHost(content));
        boolean isScrape = reading.format() == SampleFormat.TEXT
                && one.isPresent()
                && content.samples().stream().noneMatch(LiveFile::hasTime);
        return new LiveFile(name, content, isScrape ? readable(file.bytes(), content) : Optional.empty(), one);
    }

    private static Optional<String> onlyHost(FileContent content) {
        List<String> hosts = content.samples().stream()
                .map(sample -> sample.subject().host())
                .distinct()
                .limit(2)
                .toList();
        return hosts.size() == 1 ? Optional.of(hosts.get(0)).filter(host -> !host.isBlank()) : Optional.empty();
    }

    /** Returns the whole lines that are not refused; nothing if there are so many that not each is known. */
    private static Optional<byte[]> readable(byte[] file, FileContent content) {
        Set<Integer> refused = content.refused().stream().map(Rejection::line).collect(Collectors.toSet());
        return content.refused().stream().anyMatch(Rejection::isOfSeveral)
                ? Optional.empty()
                : Optional.of(Unpacked.of(file).without(refused));
    }

    private static boolean hasTime(GpuSample sample) {
        return !sample.time().equals(UNKNOWN);
    }

    String name() {
        return name;
    }

    /** Returns sentences about the parts of the file that are not sent, since nothing could be read from them. */
    List<String> leftOut() {
        List<String> sentences = new ArrayList<>();
        int lines = content.refused().size();
        if (lines > 0) {
            sentences.add(Text.count(lines, "line could not be read and was", "lines could not be read and were")
                    + " not sent; gpu-samples check names them");
        }
        content.faults().forEach(fault -> sentences.add(fault.reason() + "; nothing behind it was sent"));
        return sentences;
    }

    List<GpuSample> samples() {
        return samples;
    }

    /** Returns the newest time of a row, if any carries one. */
    Optional<Instant> newest() {
        return samples.stream().filter(LiveFile::hasTime).map(GpuSample::time).max(Instant::compareTo);
    }

    /**
     * Returns the samples as they are sent.
     *
     * @param time the time of rows that carry none
     * @param shift the time by which all other times are moved
     */
    List<GpuSample> samplesAt(Instant time, Duration shift) {
        return samples.stream()
                .map(sample -> at(hasTime(sample) ? sample.time().plus(shift) : time, sample))
                .toList();
    }

    /**
     * Sends the file.
     *
     * @param good the samples that the consumer accepts; a scrape is sent if there is any
     * @param time the time of the scrape
     */
    Stream<CompletableFuture<Void>> send(GpuSamplePublisher publisher, List<GpuSample> good, Instant time) {
        return scrape.isPresent() && !good.isEmpty()
                ? Stream.of(publisher.scrape(scrape.get(), host.orElseThrow(), time))
                : good.stream().map(publisher::send);
    }

    private static GpuSample at(Instant time, GpuSample sample) {
        return new GpuSample(time, sample.metric(), sample.value(), sample.subject(), sample.scope(), sample.quality());
    }
}
