package io.gpufleet.telemetry.examples.rest;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Checks an origin as browsers send it. Thread-safe. */
final class OriginConverter implements ITypeConverter<String> {
    private static final Pattern ORIGIN =
            Pattern.compile("https?://(?:[a-z0-9._-]+|\\[[0-9a-f:.]+])(?::([1-9][0-9]{0,4}))?");
    private static final int LARGEST_PORT = 65_535;

    @Override
    public String convert(String text) {
        Matcher parts = ORIGIN.matcher(text);
        if (!parts.matches() || !isPort(parts.group(1))) {
            throw new TypeConversionException("\"" + text
                    + "\" is not one origin in lower case, as https://ops.example or http://localhost:3000");
        }
        return text;
    }

    private static boolean isPort(@Nullable String digits) {
        return digits == null || Integer.parseInt(digits) <= LARGEST_PORT;
    }
}
