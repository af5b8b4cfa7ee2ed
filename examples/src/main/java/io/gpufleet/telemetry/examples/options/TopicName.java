package io.gpufleet.telemetry.examples.options;

import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the name of a Kafka topic. Immutable. */
public final class TopicName implements ITypeConverter<String> {
    private static final Pattern NAME = Pattern.compile("(?!\\.{1,2}$)[A-Za-z0-9._-]{1,249}");

    @Override
    public String convert(String text) {
        if (!NAME.matcher(text).matches()) {
            throw new TypeConversionException(
                    "\"" + text + "\" is not a name of 1 to 249 letters, digits, dots, underscores and hyphens");
        }
        return text;
    }
}
