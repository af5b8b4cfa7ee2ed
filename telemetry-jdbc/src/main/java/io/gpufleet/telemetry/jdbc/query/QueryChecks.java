package io.gpufleet.telemetry.jdbc.query;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.heartbeat.ClientId;
import java.time.Duration;

/** The checks that questions share, whether their parts come as values or as texts. */
final class QueryChecks {
    private QueryChecks() {}

    static InvalidQueryException invalidLimit(String limit) {
        return new InvalidQueryException("limit", "limit must be 1.." + SampleQuery.MAX_LIMIT + ", was " + limit);
    }

    static InvalidQueryException invalidOffset(String offset) {
        return new InvalidQueryException("offset", "offset must be >= 0, was " + offset);
    }

    static int requireLimit(int rows) {
        if (rows < 1 || rows > SampleQuery.MAX_LIMIT) {
            throw invalidLimit(Integer.toString(rows));
        }
        return rows;
    }

    static long requireOffset(long rows) {
        if (rows < 0) {
            throw invalidOffset(Long.toString(rows));
        }
        return rows;
    }

    static String requireText(String parameter, String text) {
        if (requireNonNull(text, parameter).isEmpty()) {
            throw new InvalidQueryException(parameter, parameter + " must not be empty");
        }
        return text;
    }

    static ClientId requireClient(String id) {
        String text = requireText("id", id);
        try {
            return ClientId.parse(text);
        } catch (IllegalArgumentException e) {
            throw new InvalidQueryException(
                    "id", "id \"" + text + "\" is not " + ClientId.HEX_CHARACTERS + " hexadecimal characters");
        }
    }

    /** Checks a text that is compared with stored ones, which are not empty. */
    static String requireStorable(String parameter, String text) {
        return requireNoNul(parameter, requireText(parameter, text));
    }

    /** The database can neither store nor read the character. */
    static String requireNoNul(String parameter, String text) {
        if (requireNonNull(text, parameter).indexOf('\0') >= 0) {
            throw new InvalidQueryException(parameter, parameter + " must not contain the character U+0000");
        }
        return text;
    }

    static Duration requirePositive(String parameter, Duration duration) {
        if (requireNonNull(duration, parameter).isNegative() || duration.isZero()) {
            throw new InvalidQueryException(parameter, parameter + " must be more than 0, was " + duration);
        }
        return duration;
    }

    static InvalidQueryException invalidBucket(String size) {
        return new InvalidQueryException("bucket", "bucket must be a whole number of seconds from 1 on, was " + size);
    }
}
