package io.gpufleet.telemetry.examples.options;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the name of a consumer group. Immutable. */
public final class GroupName implements ITypeConverter<String> {
    private static final int LONGEST = 1_000;

    @Override
    public String convert(String text) {
        if (text.isBlank() || text.length() > LONGEST || text.chars().anyMatch(Character::isISOControl)) {
            throw new TypeConversionException("\"" + text + "\" is not a name of 1 to " + LONGEST
                    + " characters that is not blank and has no control characters");
        }
        return text;
    }
}
