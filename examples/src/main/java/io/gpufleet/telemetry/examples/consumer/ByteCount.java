package io.gpufleet.telemetry.examples.consumer;

import static java.util.Objects.requireNonNull;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a number of bytes from 1 to 1 TiB: {@code 4194304}, {@code 4MiB}, {@code 1GiB}. Immutable. */
final class ByteCount implements ITypeConverter<Long> {
    private static final long MOST = 1L << 40;
    private static final Pattern FORM = Pattern.compile("([0-9]{1,13})(KiB|MiB|GiB|)");
    private static final Map<String, Integer> SHIFTS = Map.of("", 0, "KiB", 10, "MiB", 20, "GiB", 30);

    /** The default number of bytes, which is that of the SDK. Immutable. */
    static final class OrUsual implements ITypeConverter<Long> {
        /** The number that stands for none. */
        static final long USUAL = 0;

        @Override
        public Long convert(String text) {
            return text.isEmpty() ? USUAL : new ByteCount().convert(text);
        }
    }

    @Override
    public Long convert(String text) {
        Matcher matcher = FORM.matcher(text);
        if (matcher.matches()) {
            long number = Long.parseLong(matcher.group(1));
            int shift = requireNonNull(SHIFTS.get(matcher.group(2)));
            if (number >= 1 && number <= MOST >> shift) {
                return number << shift;
            }
        }
        throw new TypeConversionException(
                "\"" + text + "\" is not a number of bytes between 1 and 1 TiB, as in 4194304, 4MiB or 1GiB");
    }
}
