package io.gpufleet.telemetry.codec;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The options of a decoder of GPU samples, as its builder left them, and the numbers of one record. Not thread-safe.
 */
final class SampleRules {
    private final SampleLimits limits;
    private final SampleCounts counts;
    private final LeftOut leftOut = new LeftOut();
    private final Optional<String> host;
    private final Optional<Instant> scrapeTime;
    private final @Nullable ZoneId zone;
    private final HostResolver hostResolver;
    private final List<byte[]> prefixes;
    private final List<String> uuidLabels;
    private final boolean keepsOutOfRange;
    private final boolean acceptsOpenEnd;
    private final boolean keepsOtherDevices;
    private final boolean secondLook;
    private final ExpositionMemories memories;
    private final SharedSubjects subjects;

    SampleRules(SampleDecoderBuilder<?> builder) {
        this.limits = builder.limits;
        this.counts = builder.counts;
        this.host = builder.host;
        this.scrapeTime = builder.scrapeTime;
        this.zone = builder.zone;
        this.hostResolver = builder.hostResolver;
        this.prefixes = builder.prefixes.stream()
                .map(prefix -> prefix.getBytes(StandardCharsets.UTF_8))
                .toList();
        this.uuidLabels = List.copyOf(builder.uuidLabels);
        this.keepsOutOfRange = builder.keepsOutOfRange;
        this.acceptsOpenEnd = builder.acceptsOpenEnd;
        this.keepsOtherDevices = builder.keepsOtherDevices;
        this.secondLook = false;
        this.memories = new ExpositionMemories();
        this.subjects = new SharedSubjects();
    }

    private SampleRules(SampleRules other, boolean secondLook) {
        this.limits = other.limits;
        this.counts = other.counts;
        this.host = other.host;
        this.scrapeTime = other.scrapeTime;
        this.zone = other.zone;
        this.hostResolver = other.hostResolver;
        this.prefixes = other.prefixes;
        this.uuidLabels = other.uuidLabels;
        this.keepsOutOfRange = other.keepsOutOfRange;
        this.acceptsOpenEnd = other.acceptsOpenEnd;
        this.keepsOtherDevices = other.keepsOtherDevices;
        this.secondLook = secondLook;
        this.memories = other.memories;
        this.subjects = other.subjects;
    }

    /** Returns these rules for one record, with numbers of its own. */
    SampleRules ofRecord() {
        return new SampleRules(this, false);
    }

    /** Returns these rules for a second look at a record, whose numbers count nowhere. */
    SampleRules ofSecondLook() {
        return new SampleRules(this, true);
    }

    /** Returns whether the places of samples are asked for. */
    boolean isSecondLook() {
        return secondLook;
    }

    SampleLimits limits() {
        return limits;
    }

    /** Returns the numbers of all records. */
    SampleCounts counts() {
        return counts;
    }

    /** Returns the numbers of the record. */
    LeftOut leftOut() {
        return leftOut;
    }

    /** Returns what is known of a record: its own context, else this decoder's. */
    ScrapeContext complete(ScrapeContext context) {
        return new ScrapeContext(
                context.time().or(() -> scrapeTime), context.host().or(() -> host));
    }

    @Nullable
    ZoneId zone() {
        return zone;
    }

    /** Returns what the decoder remembers of earlier exposition texts. */
    ExpositionMemories memories() {
        return memories;
    }

    /** Returns the subjects of the rows of earlier messages. */
    SharedSubjects subjects() {
        return subjects;
    }

    /** Returns whether a function of the host service names hosts, which may answer otherwise for another record. */
    boolean resolvesHosts() {
        return hostResolver != SampleDecoderBuilder.LABELS;
    }

    HostResolver hostResolver() {
        return hostResolver;
    }

    /** Returns whether bytes begin with the prefix of a metric that is read. */
    boolean isWanted(byte[] bytes, int from, int to) {
        for (byte[] prefix : prefixes) {
            if (to - from >= prefix.length
                    && Arrays.equals(bytes, from, from + prefix.length, prefix, 0, prefix.length)) {
                return true;
            }
        }
        return false;
    }

    /** Returns the labels that may hold the UUID, the first one first. */
    List<String> uuidLabels() {
        return uuidLabels;
    }

    boolean keepsOutOfRange() {
        return keepsOutOfRange;
    }

    /** Returns whether rows of CPUs and switches are read. */
    boolean keepsOtherDevices() {
        return keepsOtherDevices;
    }

    /** Returns whether the last row is read though no line feed ends it. */
    boolean acceptsOpenEnd() {
        return acceptsOpenEnd;
    }
}
