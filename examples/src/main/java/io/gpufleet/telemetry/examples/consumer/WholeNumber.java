package io.gpufleet.telemetry.examples.consumer;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a number between two limits. Immutable. */
abstract sealed class WholeNumber implements ITypeConverter<Integer> {
    private final int smallest;
    private final int largest;

    private WholeNumber(int smallest, int largest) {
        this.smallest = smallest;
        this.largest = largest;
    }

    @Override
    public Integer convert(String text) {
        try {
            int number = Integer.parseInt(text);
            if (number >= smallest && number <= largest) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Refused like a number outside of the limits.
        }
        throw new TypeConversionException(
                "\"" + text + "\" is not a whole number between " + smallest + " and " + largest);
    }

    /** The number of records in a batch. Immutable. */
    static final class BatchSize extends WholeNumber {
        /** The number that stands for none. */
        static final int USUAL = 0;

        /** The default number of records, which is that of the program. Immutable. */
        static final class OrUsual implements ITypeConverter<Integer> {
            @Override
            public Integer convert(String text) {
                return text.isEmpty() ? USUAL : new BatchSize().convert(text);
            }
        }

        BatchSize() {
            super(1, 1_000_000);
        }
    }

    /** The number of lanes of a consumer. Immutable. */
    static final class Lanes extends WholeNumber {
        Lanes() {
            super(1, 256);
        }
    }
}
