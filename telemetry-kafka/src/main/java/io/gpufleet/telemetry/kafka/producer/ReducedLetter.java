package io.gpufleet.telemetry.kafka.producer;

import static java.util.function.Predicate.not;

import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.SourceRecord.Header;
import io.gpufleet.telemetry.kafka.internal.Refusal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** A dead letter without the parts that its topic refuses, and the text about them. Immutable. */
final class ReducedLetter {
    /** The most bytes of reasons that were too long. */
    private static final int SHORT_REASONS = 2_000;

    /** The parts that can be left out, in their order if only the refusal is known. */
    private enum Part {
        KEY,
        REASONS,
        VALUE,
        HEADERS,
        TIMESTAMP
    }

    private static final List<Part> LARGE = List.of(Part.REASONS, Part.VALUE, Part.HEADERS, Part.KEY);

    private final DeadLetter original;
    private final Set<Part> leftOut;

    private ReducedLetter(DeadLetter original, Set<Part> leftOut) {
        this.original = original;
        this.leftOut = leftOut;
    }

    /** Returns the letter with all that a producer may send: not a timestamp before 1970. */
    static ReducedLetter of(DeadLetter letter) {
        boolean isEarly = letter.source()
                .timestamp()
                .filter(time -> time.isBefore(Instant.EPOCH))
                .isPresent();
        return new ReducedLetter(letter, isEarly ? EnumSet.of(Part.TIMESTAMP) : EnumSet.noneOf(Part.class));
    }

    /**
     * Returns the letter without one more part, chosen by the refusal; empty if no part is left that it may concern.
     */
    Optional<ReducedLetter> without(Throwable refusal) {
        return parts(refusal)
                .filter(not(leftOut::contains))
                .filter(part -> isThere(part, refusal))
                .findFirst()
                .map(part -> {
                    Set<Part> more = EnumSet.of(part);
                    more.addAll(leftOut);
                    return new ReducedLetter(original, more);
                });
    }

    private static Stream<Part> parts(Throwable refusal) {
        if (Refusal.isOfTime(refusal)) {
            return Stream.of(Part.TIMESTAMP);
        }
        return Refusal.isOfSize(refusal) ? LARGE.stream() : Stream.of(Part.values());
    }

    private boolean isThere(Part part, Throwable refusal) {
        return switch (part) {
            // A topic may demand a key: then the record's place is the key.
            case KEY -> original.source().key().isPresent() || !Refusal.isOfSize(refusal);
            case REASONS -> reasonsSize() > SHORT_REASONS;
            case VALUE -> original.source().value().isPresent();
            case HEADERS -> !original.source().headers().isEmpty();
            case TIMESTAMP -> original.source().timestamp().isPresent();
        };
    }

    private int reasonsSize() {
        return String.join("; ", original.reasons()).getBytes(StandardCharsets.UTF_8).length;
    }

    /** Returns the record with the parts that are kept. */
    DeadLetter kept() {
        SourceRecord source = original.source();
        SourceRecord.Builder kept = SourceRecord.builder(source.partition(), source.offset());
        kept.key(leftOut.contains(Part.KEY) ? place() : source.key().orElse(null));
        kept.value(leftOut.contains(Part.VALUE) ? null : source.value().orElse(null));
        kept.headers(leftOut.contains(Part.HEADERS) ? List.of() : source.headers());
        if (!leftOut.contains(Part.TIMESTAMP)) {
            kept.timestampMillis(source.timestamp().map(Instant::toEpochMilli).orElse(SourceRecord.NO_TIMESTAMP));
        }
        return new DeadLetter(kept.build(), original.stage(), original.reasons());
    }

    private byte[] place() {
        return original.source().toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Returns the record as reported: all of it, but with reasons cut if they are too long. */
    DeadLetter told() {
        if (!leftOut.contains(Part.REASONS)) {
            return original;
        }
        byte[] reasons = String.join("; ", original.reasons()).getBytes(StandardCharsets.UTF_8);
        String cut = new String(reasons, 0, SHORT_REASONS, StandardCharsets.UTF_8);
        return new DeadLetter(original.source(), original.stage(), List.of(cut));
    }

    /** Returns the left-out parts with their sizes, and the record's place; empty if there are none. */
    Optional<String> note() {
        if (leftOut.isEmpty()) {
            return Optional.empty();
        }
        List<String> words = new ArrayList<>();
        leftOut.forEach(part -> words.add(words(part)));
        return Optional.of(String.join(", ", words) + "; the record lies in partition "
                + original.partition().partition() + " of topic "
                + original.partition().topic() + " at offset " + original.offset());
    }

    private String words(Part part) {
        SourceRecord source = original.source();
        return switch (part) {
            case KEY ->
                source.key()
                        .map(key -> "key of " + key.length + " bytes, replaced by the record's place")
                        .orElse("no key, which the topic demands: replaced by the record's place");
            case REASONS -> "reasons of " + reasonsSize() + " bytes behind the first " + SHORT_REASONS;
            case VALUE ->
                "value of " + source.value().map(value -> value.length).orElse(0) + " bytes";
            case HEADERS -> headers(source.headers());
            case TIMESTAMP ->
                "timestamp " + source.timestamp().map(Instant::toString).orElse("");
        };
    }

    private static String headers(List<Header> headers) {
        long bytes = 0;
        for (Header header : headers) {
            byte[] value = header.value();
            bytes += header.key().getBytes(StandardCharsets.UTF_8).length + (value == null ? 0 : value.length);
        }
        return headers.size() + (headers.size() == 1 ? " header of " : " headers of ") + bytes + " bytes";
    }
}
