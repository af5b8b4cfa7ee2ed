package io.gpufleet.telemetry.jdbc.query;

import static java.util.Objects.requireNonNull;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The readers of a caller's texts, as they stand in a URL or on a command line: times, days, sizes of pages and
 * buckets. Each says in an {@link InvalidQueryException} what it allows. Nothing of a text reaches the database.
 */
public final class QueryTexts {
    /** A blank before the offset is a plus that a URL has decoded. */
    private static final Pattern TIME = Pattern.compile("([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):"
            + "([0-9]{2})(?:\\.([0-9]+))?(?:[Zz]|([+ -])([0-9]{2}):([0-9]{2}))");

    private static final Pattern DATE = Pattern.compile("([0-9]{4})-([0-9]{2})-([0-9]{2})");
    private static final Pattern WHOLE = Pattern.compile("[0-9]+");
    /** An offset, a leap second, or a fraction can lead out of the years 1 to 9999, which RFC 3339 can write. */
    private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");

    private static final Instant END = Instant.parse("+10000-01-01T00:00:00Z");
    private static final int DIGITS_OF_MICROS = 6;
    private static final int LEAP_SECOND = 60;

    private QueryTexts() {}

    /**
     * Reads the first instant of a question: an RFC 3339 time, rounded up to a microsecond. A leap second is the
     * midnight after it.
     *
     * @param text for example {@code 2026-03-01T12:00:00Z}
     * @return the instant
     * @throws InvalidQueryException if the text is not an RFC 3339 time
     */
    public static Instant startTime(String text) {
        return startTime("start_time", text);
    }

    /**
     * Reads the first instant of a question, as {@link #startTime(String)} does.
     *
     * @param parameter the name of the parameter, as in a URL
     * @param text for example {@code 2026-03-01T12:00:00Z}
     * @return the instant
     * @throws InvalidQueryException if the text is not an RFC 3339 time
     */
    public static Instant startTime(String parameter, String text) {
        return time(requireNonNull(parameter, "parameter"), text, true);
    }

    /**
     * Reads the last instant of a question: an RFC 3339 time, rounded down to a microsecond. A leap second is the last
     * microsecond before midnight.
     *
     * @param text for example {@code 2026-03-01T12:00:00Z}
     * @return the instant
     * @throws InvalidQueryException if the text is not an RFC 3339 time
     */
    public static Instant endTime(String text) {
        return time("end_time", text, false);
    }

    private static Instant time(String parameter, String text, boolean isStart) {
        Matcher parts = TIME.matcher(requireNonNull(text, parameter));
        return Optional.of(parts)
                .filter(Matcher::matches)
                .flatMap(matched -> time(matched, isStart))
                .filter(time -> !time.isBefore(FIRST) && time.isBefore(END))
                .orElseThrow(() -> new InvalidQueryException(
                        parameter,
                        parameter + " \"" + text + "\" is not an RFC 3339 time, for example 2026-03-01T12:00:00Z"));
    }

    private static Optional<Instant> time(Matcher parts, boolean isStart) {
        int second = number(parts, 6);
        Optional<Instant> minute = minute(parts);
        if (minute.isEmpty() || second > LEAP_SECOND) {
            return Optional.empty();
        }
        Instant time = minute.get().plusSeconds(second);
        if (second == LEAP_SECOND) {
            boolean isMidnight = time.getEpochSecond() % Duration.ofDays(1).toSeconds() == 0;
            return isMidnight ? Optional.of(isStart ? time : time.minusNanos(1_000)) : Optional.empty();
        }
        return Optional.of(time.plusNanos(micros(parts.group(7), isStart) * 1_000));
    }

    private static Optional<Instant> minute(Matcher parts) {
        int hours = parts.group(9) == null ? 0 : number(parts, 9);
        int minutes = parts.group(10) == null ? 0 : number(parts, 10);
        if (number(parts, 4) > 23 || number(parts, 5) > 59 || hours > 23 || minutes > 59) {
            return Optional.empty();
        }
        int sign = "-".equals(parts.group(8)) ? -1 : 1;
        return date(parts)
                .map(day -> day.atTime(number(parts, 4), number(parts, 5))
                        .toInstant(ZoneOffset.UTC)
                        .minusSeconds(sign * (hours * 3_600L + minutes * 60L)));
    }

    private static int number(Matcher parts, int group) {
        return Integer.parseInt(parts.group(group));
    }

    /** Returns the microseconds of a fraction, rounded up or down; absent digits are zeros. */
    private static long micros(@Nullable String fraction, boolean up) {
        if (fraction == null) {
            return 0;
        }
        String digits = fraction.length() < DIGITS_OF_MICROS ? (fraction + "000000") : fraction;
        long micros = Long.parseLong(digits.substring(0, DIGITS_OF_MICROS));
        boolean hasRest = digits.chars().skip(DIGITS_OF_MICROS).anyMatch(digit -> digit != '0');
        return up && hasRest ? micros + 1 : micros;
    }

    /**
     * Reads a day.
     *
     * @param parameter the name of the parameter, as in a URL
     * @param text for example {@code 2026-03-01}
     * @return the day
     * @throws InvalidQueryException if the text is not a day of the years 1 to 9999, in this form
     */
    public static LocalDate date(String parameter, String text) {
        Matcher parts = DATE.matcher(requireNonNull(text, requireNonNull(parameter, "parameter")));
        return Optional.of(parts)
                .filter(Matcher::matches)
                .flatMap(QueryTexts::date)
                .orElseThrow(() -> new InvalidQueryException(
                        parameter, parameter + " \"" + text + "\" is not a day, for example 2026-03-01"));
    }

    private static Optional<LocalDate> date(Matcher parts) {
        if (number(parts, 1) == 0) {
            return Optional.empty();
        }
        try {
            return Optional.of(LocalDate.of(number(parts, 1), number(parts, 2), number(parts, 3)));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /**
     * Reads the size of a page.
     *
     * @param text 1 to 1000, in ASCII digits
     * @return the size
     * @throws InvalidQueryException if the text is something else
     */
    public static int limit(String text) {
        long limit = whole(requireNonNull(text, "limit")).orElse(0L);
        if (limit < 1 || limit > SampleQuery.MAX_LIMIT) {
            throw QueryChecks.invalidLimit(text);
        }
        return (int) limit;
    }

    /**
     * Reads the number of rows to leave out.
     *
     * @param text 0 to 9223372036854775807, in ASCII digits
     * @return the number
     * @throws InvalidQueryException if the text is something else
     */
    public static long offset(String text) {
        return whole(requireNonNull(text, "offset")).orElseThrow(() -> QueryChecks.invalidOffset(text));
    }

    /**
     * Reads the size of buckets.
     *
     * @param text whole seconds from 1 on, in ASCII digits
     * @return the size
     * @throws InvalidQueryException if the text is something else
     */
    public static Duration bucket(String text) {
        return whole(requireNonNull(text, "bucket"))
                .filter(seconds -> seconds > 0)
                .map(Duration::ofSeconds)
                .orElseThrow(() -> QueryChecks.invalidBucket(text));
    }

    /**
     * Reads the order of samples.
     *
     * @param text {@code newest} or {@code oldest}
     * @return the order
     * @throws InvalidQueryException if the text is something else
     */
    public static SampleOrder order(String text) {
        for (SampleOrder order : SampleOrder.values()) {
            if (order.name().toLowerCase(Locale.ROOT).equals(requireNonNull(text, "order"))) {
                return order;
            }
        }
        throw new InvalidQueryException("order", "order \"" + text + "\" is not known; allowed: newest, oldest");
    }

    private static Optional<Long> whole(String text) {
        if (!WHOLE.matcher(text).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Long.parseLong(text));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
