package io.gpufleet.telemetry.examples.operator;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads a time in the past: {@code 2026-01-31T12:00:00Z}, {@code 2026-01-31T12:00} and {@code 2026-01-31} in UTC, or
 * {@code -1h} before now. Not thread-safe.
 */
final class PastTime implements ITypeConverter<Instant> {
    private static final List<Function<String, Instant>> FORMS = List.of(
            text -> OffsetDateTime.parse(text).toInstant(),
            text -> LocalDateTime.parse(text).toInstant(ZoneOffset.UTC),
            text -> LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC),
            text -> Instant.now().minus(ago(text)));

    @Override
    public Instant convert(String text) {
        for (Function<String, Instant> form : FORMS) {
            try {
                return past(text, form.apply(text));
            } catch (DateTimeException | ArithmeticException e) {
                // The text may have another form.
            }
        }
        throw new TypeConversionException(
                "\"" + text + "\" is not a time such as 2026-01-31T12:00:00Z, 2026-01-31 or -1h");
    }

    private static Duration ago(String text) {
        if (!text.startsWith("-")) {
            throw new DateTimeException(text);
        }
        return Span.parse(text.substring(1));
    }

    private static Instant past(String text, Instant time) {
        if (time.isAfter(Instant.now())) {
            throw new TypeConversionException(
                    "\"" + text + "\" is in the future; use --to-latest for the end of the log");
        }
        return time;
    }
}
