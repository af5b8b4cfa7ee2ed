package io.gpufleet.telemetry.examples.rest;

import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Checks an origin as browsers send it. Thread-safe. */
final class OriginConverter implements ITypeConverter<String> {
    private static final Pattern ORIGIN = Pattern.compile("https?://(?:[a-z0-9._-]+|\\[[0-9a-f:.]+])(?::[0-9]{1,5})?");

    @Override
    public String convert(String text) {
        if (!ORIGIN.matcher(text).matches()) {
            throw new TypeConversionException("\"" + text
                    + "\" is not one origin in lower case, as https://ops.example or http://localhost:3000");
        }
        return text;
    }
}
