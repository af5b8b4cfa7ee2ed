package io.gpufleet.telemetry.examples.options;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads a span of time, from 0 up to an hour: {@code 500ms}, {@code 5s}, {@code 1m}; in seconds without a unit.
 * Immutable.
 */
public sealed class TimeSpan implements ITypeConverter<Duration> {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,7})(ms|s|m|)");
    private static final Map<String, ChronoUnit> UNITS = Map.of(
            "ms", ChronoUnit.MILLIS,
            "s", ChronoUnit.SECONDS,
            "", ChronoUnit.SECONDS,
            "m", ChronoUnit.MINUTES);

    private final Duration shortest;
    private final Duration longest;
    private final String limits;

    /** Creates the reader, for picocli. */
    public TimeSpan() {
        this(Duration.ZERO, Duration.ofHours(1), "0 and an hour");
    }

    private TimeSpan(Duration shortest, Duration longest, String limits) {
        this.shortest = shortest;
        this.longest = longest;
        this.limits = limits;
    }

    /** Reads the interval of wide rows, from 1 ms up to 30 min. Immutable. */
    public static final class Grid extends TimeSpan {
        /** Creates the reader, for picocli. */
        public Grid() {
            super(Duration.ofMillis(1), Duration.ofMinutes(30), "1 ms and 30 min");
        }
    }

    /** Reads the interval of a loop, from 1 ms up to an hour. Immutable. */
    public static final class Interval extends TimeSpan {
        /** Creates the reader, for picocli. */
        public Interval() {
            super(Duration.ofMillis(1), Duration.ofHours(1), "1 ms and an hour");
        }
    }

    @Override
    public Duration convert(String text) {
        Matcher matcher = FORM.matcher(text);
        if (matcher.matches()) {
            Duration span = Duration.of(Long.parseLong(matcher.group(1)), requireNonNull(UNITS.get(matcher.group(2))));
            if (span.compareTo(shortest) >= 0 && span.compareTo(longest) <= 0) {
                return span;
            }
        }
        throw new TypeConversionException(
                "\"" + text + "\" is not a time between " + limits + ", as in 500ms, 5s or 1m");
    }
}
