package io.gpufleet.telemetry.examples.rest;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a whole number between two limits. Immutable. */
abstract sealed class NumberOption implements ITypeConverter<Integer> {
    private final int smallest;
    private final int largest;

    private NumberOption(int smallest, int largest) {
        this.smallest = smallest;
        this.largest = largest;
    }

    @Override
    public Integer convert(String text) {
        if (text.matches("[0-9]{1,9}")) {
            int number = Integer.parseInt(text);
            if (number >= smallest && number <= largest) {
                return number;
            }
        }
        throw new TypeConversionException(
                "\"" + text + "\" is not a whole number between " + smallest + " and " + largest);
    }

    /** A port, or 0. Immutable. */
    static final class Port extends NumberOption {
        Port() {
            super(0, 65_535);
        }
    }

    /** A number of requests. Immutable. */
    static final class Count extends NumberOption {
        Count() {
            super(1, 1_000_000);
        }
    }

    /** A number of connections. Immutable. */
    static final class Connections extends NumberOption {
        Connections() {
            super(1, 200);
        }
    }
}
