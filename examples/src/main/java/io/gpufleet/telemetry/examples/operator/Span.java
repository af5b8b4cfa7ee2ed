package io.gpufleet.telemetry.examples.operator;

import java.time.DateTimeException;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a span of time, 0 or more: {@code 90s}, {@code 30m}, {@code 1h}, {@code 2d}, or {@code PT1H30M}. Immutable. */
final class Span implements ITypeConverter<Duration> {
    private static final Pattern SHORT = Pattern.compile("[0-9]{1,9}[smhd]");

    @Override
    public Duration convert(String text) {
        try {
            Duration span = parse(text);
            if (!span.isNegative()) {
                return span;
            }
        } catch (DateTimeException | ArithmeticException e) {
            // Refused like a negative span.
        }
        throw new TypeConversionException("\"" + text + "\" is not a span of time such as 90s, 30m, 1h, 2d or PT1H30M");
    }

    static Duration parse(String text) {
        if (!SHORT.matcher(text).matches()) {
            return Duration.parse(text);
        }
        return Duration.parse(text.endsWith("d") ? "P" + text : "PT" + text.toUpperCase(Locale.ROOT));
    }
}
