package io.gpufleet.telemetry.examples.options;

import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.TypeConversionException;

/** Reads the whole numbers of options and parameters, with a plain error for other texts. */
final class WholeNumbers {
    private WholeNumbers() {}

    static void register(CommandLine commandLine) {
        Function<String, Integer> integers =
                text -> parsed(text, Integer::valueOf, Integer.MIN_VALUE, Integer.MAX_VALUE);
        Function<String, Long> longs = text -> parsed(text, Long::valueOf, Long.MIN_VALUE, Long.MAX_VALUE);
        commandLine.registerConverter(int.class, integers::apply);
        commandLine.registerConverter(Integer.class, integers::apply);
        commandLine.registerConverter(long.class, longs::apply);
        commandLine.registerConverter(Long.class, longs::apply);
    }

    private static <N> N parsed(String text, Function<String, N> parsing, long smallest, long largest) {
        try {
            return parsing.apply(text);
        } catch (NumberFormatException e) {
            boolean tooLarge = text.matches("[+-]?[0-9]+");
            throw new TypeConversionException("'" + text + "' is not a whole number"
                    + (tooLarge ? " between " + smallest + " and " + largest : ""));
        }
    }
}
