package io.gpufleet.telemetry.examples.options;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a span of time up to an hour: {@code 500ms}, {@code 5s}, {@code 1m}; in seconds without a unit. Immutable. */
public final class TimeSpan implements ITypeConverter<Duration> {
    private static final Duration LONGEST = Duration.ofHours(1);
    private static final Pattern FORM = Pattern.compile("([0-9]{1,7})(ms|s|m|)");
    private static final Map<String, ChronoUnit> UNITS = Map.of(
            "ms", ChronoUnit.MILLIS,
            "s", ChronoUnit.SECONDS,
            "", ChronoUnit.SECONDS,
            "m", ChronoUnit.MINUTES);

    @Override
    public Duration convert(String text) {
        Matcher matcher = FORM.matcher(text);
        if (matcher.matches()) {
            Duration span = Duration.of(Long.parseLong(matcher.group(1)), requireNonNull(UNITS.get(matcher.group(2))));
            if (span.compareTo(LONGEST) <= 0) {
                return span;
            }
        }
        throw new TypeConversionException(
                "\"" + text + "\" is not a time between 0 and an hour, as in 500ms, 5s or 1m");
    }
}
