package io.gpufleet.telemetry.codec;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Optional;

/**
 * What is known of a scrape besides its text. Immutable.
 *
 * @param time the time of rows that carry none (default: that of the decoder)
 * @param host the host of the GPUs, which wins over all labels (default: that of the decoder, then the labels)
 */
public record ScrapeContext(Optional<Instant> time, Optional<String> host) {
    /** A context that knows nothing. */
    public static final ScrapeContext NONE = new ScrapeContext(Optional.empty(), Optional.empty());

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
}
