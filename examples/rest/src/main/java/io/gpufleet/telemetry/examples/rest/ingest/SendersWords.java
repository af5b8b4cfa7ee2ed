package io.gpufleet.telemetry.examples.rest.ingest;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The reasons of libraries in words for the sender of a body: position and kind, and the names of its members. */
final class SendersWords {
    private static final Pattern LIMIT =
            Pattern.compile("([A-Z][A-Za-z ]*) \\(([0-9]+)\\) exceeds the maximum allowed \\(([0-9]+)");
    private static final String NO_JSON = "no JSON: ";
    private static final String MISSING = "members missing: ";

    /** Names with which reasons begin, and the member that has them here. */
    private static final Map<String, String> BEGINNINGS = Map.of("timestamp ", "time ", "column ", "member ");

    private static final Map<String, String> PARTS = Map.of(
            "; for a backfill, build the validator with anyAge()", "",
            "; give zone(...)", "; end it with Z, or an offset as +01:00",
            "the record's timestamp", "the time of the request");

    private SendersWords() {}

    /** Returns the reason why an element is refused. */
    static String ofElement(String reason) {
        if (reason.startsWith(NO_JSON)) {
            return limit(reason).orElse("cannot be read as JSON");
        }
        if (reason.startsWith(MISSING)) {
            return reason.replace("timestamp", "time").replace("metric_name", "metric");
        }
        String words = reason;
        for (Map.Entry<String, String> beginning : BEGINNINGS.entrySet()) {
            if (words.startsWith(beginning.getKey())) {
                words = beginning.getValue()
                        + words.substring(beginning.getKey().length());
            }
        }
        for (Map.Entry<String, String> part : PARTS.entrySet()) {
            words = words.replace(part.getKey(), part.getValue());
        }
        return words;
    }

    /** Returns the reason why a body is refused. */
    static String ofBody(JsonProcessingException failure) {
        return limit(String.valueOf(failure.getOriginalMessage()))
                .map(words -> "body is not read: " + words)
                .orElseGet(() -> "body is no JSON: " + kind(failure) + place(failure.getLocation()));
    }

    private static String kind(JsonProcessingException failure) {
        return failure instanceof JsonEOFException ? "ends too early" : "unexpected text";
    }

    private static Optional<String> limit(String words) {
        return LIMIT.matcher(words)
                .results()
                .findFirst()
                .map(limit -> limit.group(1).toLowerCase(Locale.ROOT) + ' ' + limit.group(2) + " exceeds the limit of "
                        + limit.group(3));
    }

    private static String place(JsonLocation place) {
        return place == null ? "" : " at line " + place.getLineNr() + ", column " + place.getColumnNr();
    }
}
