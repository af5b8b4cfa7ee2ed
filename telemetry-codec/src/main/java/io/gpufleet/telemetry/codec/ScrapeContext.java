package io.gpufleet.telemetry.codec;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.SourceRecord.Header;
import io.gpufleet.telemetry.SourceRecord.TimestampType;
import io.gpufleet.telemetry.gpu.ScrapeHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What is known of a scrape besides its text. Immutable.
 *
 * @param time the time of rows that carry none (default: that of the decoder)
 * @param host the host of the GPUs, which wins over all labels (default: that of the decoder, then the labels)
 */
public record ScrapeContext(Optional<Instant> time, Optional<String> host) {
    /** A context that knows nothing. */
    public static final ScrapeContext NONE = new ScrapeContext(Optional.empty(), Optional.empty());

    /** Milliseconds of the years 1970 to 33658: no more digits, so that each is a time. */
    private static final Pattern MILLIS = Pattern.compile("[0-9]{1,15}");

    /**
     * Checks the components.
     *
     * @param time as the component
     * @param host as the component; not blank if present
     */
    public ScrapeContext {
        requireNonNull(time, "time");
        if (requireNonNull(host, "host").filter(String::isBlank).isPresent()) {
            throw new IllegalArgumentException("host: \"" + host.get() + "\" is blank");
        }
    }

    /**
     * Returns the context of a scrape at a time.
     *
     * @param time the time of rows that carry none
     * @return a context without a host
     */
    public static ScrapeContext at(Instant time) {
        return new ScrapeContext(Optional.of(requireNonNull(time, "time")), Optional.empty());
    }

    /**
     * Returns the context of a scrape of a host at a time.
     *
     * @param time the time of rows that carry none
     * @param host the host
     * @return a context
     */
    public static ScrapeContext of(Instant time, String host) {
        return new ScrapeContext(Optional.of(requireNonNull(time, "time")), Optional.of(requireNonNull(host, "host")));
    }

    /**
     * Returns the context that a record's headers and its timestamp give.
     *
     * @throws CodecException if its header of the scrape time holds no time
     */
    static ScrapeContext of(SourceRecord source) {
        Optional<Instant> scraped = header(source, ScrapeHeaders.TIME).map(ScrapeContext::time);
        return new ScrapeContext(
                scraped.or(() -> createTime(source)),
                header(source, ScrapeHeaders.HOST).filter(host -> !host.isBlank()));
    }

    /** Returns the producer's time: the broker's says when a record was stored, not when it was scraped. */
    private static Optional<Instant> createTime(SourceRecord source) {
        return source.timestampType() == TimestampType.CREATE_TIME ? source.timestamp() : Optional.empty();
    }

    private static Instant time(String millis) {
        if (!MILLIS.matcher(millis).matches()) {
            throw new CodecException(
                    "header " + ScrapeHeaders.TIME + ' ' + Quotation.of(millis) + " is not milliseconds since 1970", 0);
        }
        return Instant.ofEpochMilli(Long.parseLong(millis));
    }

    /** Returns the text of the last header of a name; a header without a value counts as none. */
    private static Optional<String> header(SourceRecord source, String name) {
        return source.headers().stream()
                .filter(header -> header.key().equals(name))
                .reduce((earlier, later) -> later)
                .map(Header::value)
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8));
    }
}
