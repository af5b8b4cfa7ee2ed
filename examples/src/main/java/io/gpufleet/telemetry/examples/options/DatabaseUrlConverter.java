package io.gpufleet.telemetry.examples.options;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a {@link DatabaseUrl}. Only this exception type keeps picocli from repeating the text. Thread-safe. */
public final class DatabaseUrlConverter implements ITypeConverter<DatabaseUrl> {
    @Override
    public DatabaseUrl convert(String text) {
        try {
            return DatabaseUrl.parse(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }
}
