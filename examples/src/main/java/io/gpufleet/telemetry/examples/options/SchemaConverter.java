package io.gpufleet.telemetry.examples.options;

import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Checks the name of a schema, which goes into SQL. Thread-safe. */
final class SchemaConverter implements ITypeConverter<String> {
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,62}");

    @Override
    public String convert(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new TypeConversionException("\"" + name + "\" is not a name of at most 63 letters, digits and"
                    + " underscores that begins with a letter or an underscore");
        }
        return name;
    }
}
