package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.Decoder;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.gpu.GpuSample;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;

/** What a decoder makes of a record. Not thread-safe. */
final class Decoded implements Decoder.Values<GpuSample> {
    static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    private final List<GpuSample> samples = new ArrayList<>();
    private final List<String> refusals = new ArrayList<>();
    private final List<String> kinds = new ArrayList<>();
    private final Map<String, Integer> counts = new HashMap<>();
    private final SortedSet<Integer> refused = new TreeSet<>();
    private Optional<CodecException> end = Optional.empty();
    private int index;

    private Decoded() {}

    /** Decodes a record that was made at noon. */
    static Decoded of(GpuSampleDecoder decoder, byte[] bytes) {
        return of(decoder, bytes, ScrapeContext.at(NOON));
    }

    static Decoded of(GpuSampleDecoder decoder, String text) {
        return of(decoder, text.getBytes(StandardCharsets.UTF_8));
    }

    static Decoded of(GpuSampleDecoder decoder, byte[] bytes, ScrapeContext context) {
        return of(decoded -> decoder.decode(ByteBuffer.wrap(bytes), context, decoded));
    }

    /** Decodes a record with what it says of its values. */
    static Decoded of(GpuSampleDecoder decoder, SourceRecord source) {
        return of(decoded -> decoder.decode(source, decoded));
    }

    /** Decodes a record by the steps of a decoder. */
    static Decoded of(SampleDecoding decoding, byte[] bytes) {
        return of(decoded -> decoding.decode(ByteBuffer.wrap(bytes), ScrapeContext.at(NOON), decoded));
    }

    private static Decoded of(Consumer<Decoded> reading) {
        Decoded decoded = new Decoded();
        try {
            reading.accept(decoded);
        } catch (CodecException e) {
            decoded.end = Optional.of(e);
            decoded.refused.add(decoded.index);
        }
        return decoded;
    }

    @Override
    public void accept(GpuSample sample) {
        samples.add(sample);
        index++;
    }

    @Override
    public void refuse(String reason) {
        refusals.add(reason);
        refused.add(index++);
    }

    @Override
    public void refuse(String reason, String kind) {
        kinds.add(kind);
        refuse(reason);
    }

    @Override
    public void count(String what, int number) {
        counts.merge(what, number, Integer::sum);
    }

    /** Returns the kinds of the refusals. */
    List<String> kinds() {
        return kinds;
    }

    /** Returns what was counted. */
    Map<String, Integer> counts() {
        return counts;
    }

    List<GpuSample> samples() {
        return samples;
    }

    GpuSample sample() {
        if (samples.size() != 1 || !refusals.isEmpty()) {
            throw new AssertionError(samples + " " + refusals + " " + end);
        }
        return samples.get(0);
    }

    /** Returns the samples as texts: last two digits of the UUID, instance, metric, value. */
    List<String> readings() {
        return samples.stream().map(Decoded::reading).toList();
    }

    private static String reading(GpuSample sample) {
        String uuid = sample.subject().uuid();
        String instance = sample.subject().instance();
        return uuid.substring(Math.max(0, uuid.length() - 2))
                + (instance.isEmpty() ? " " : " " + instance + " ")
                + sample.metric().name().replaceFirst("DCGM_FI_(DEV_)?", "")
                + " "
                + (sample.value() == Math.rint(sample.value())
                        ? Long.toString((long) sample.value())
                        : Double.toString(sample.value()));
    }

    List<String> refusals() {
        return refusals;
    }

    /** Returns the indexes of what was refused, that of the unreadable rest too. */
    SortedSet<Integer> refused() {
        return refused;
    }

    Optional<CodecException> end() {
        return end;
    }

    /** Returns what ended the record. */
    String fault() {
        return end.map(CodecException::reason).orElse("");
    }
}
