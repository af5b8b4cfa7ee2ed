package io.gpufleet.telemetry.examples.samples;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * The column of a field or a label. A map of them would drop all but the last one of a field.
 *
 * @param field the name of a field or a label
 * @param column the name of a column of the old table
 */
record NamedColumn(String field, String column) {
    /** Reads {@code value=reading}. */
    static final class Converter implements ITypeConverter<NamedColumn> {
        @Override
        public NamedColumn convert(String text) {
            int end = text.indexOf('=');
            if (end < 1 || end == text.length() - 1) {
                throw new TypeConversionException("\"" + text + "\" is no field with a column, as value=reading");
            }
            return new NamedColumn(text.substring(0, end), text.substring(end + 1));
        }
    }
}
