package io.gpufleet.telemetry.testkit;

import io.gpufleet.telemetry.gpu.GpuMetric;
import org.jspecify.annotations.Nullable;

/** The texts that stand in place of readings, and the reasons for which they are refused. */
final class FaultText {
    private static final String ERROR = "ERROR - FAILED TO CONVERT TO STRING";
    private static final String IMPOSSIBLE = "644245923";
    private static final String NEGATIVE = "-1";

    private static final String[] WHOLE_CODES = {
        "9223372036854775794", "9223372036854775792", "9.223372036854776e+18", "NaN", "+Inf"
    };
    private static final String SMALL_CODE = "2147483634";
    private static final String[] DECIMAL_CODES = {
        "140737488355328.000000", "1.40737488355330e+14", "NaN", "9223372036854775794"
    };
    private static final double FIRST_SMALL_CODE = 0x7ffffff0L;

    private FaultText() {}

    /** Returns the text that stands in place of the reading of a row with a fault, empty for the reading itself. */
    static String of(SampleRow row, SampleFault fault) {
        return switch (fault) {
            case NO_VALUE -> code(row);
            case ERROR_TEXT -> ERROR;
            case TEXT -> "MIG-" + row.subject().gpu().uuid() + "/3/0";
            case OUT_OF_RANGE -> Double.isInfinite(row.metric().stored().maximum()) ? NEGATIVE : IMPOSSIBLE;
            case ZERO_OF_INSTANCE, CUT, OPEN_QUOTES -> "";
        };
    }

    private static String code(SampleRow row) {
        if (row.metric().isDecimal()) {
            return DECIMAL_CODES[Noise.below(DECIMAL_CODES.length, Noise.of(row.noise(), 2))];
        }
        boolean hasSmallCode = row.metric().stored().maximum() < FIRST_SMALL_CODE;
        int choice = Noise.below(WHOLE_CODES.length + (hasSmallCode ? 1 : 0), Noise.of(row.noise(), 2));
        return choice < WHOLE_CODES.length ? WHOLE_CODES[choice] : SMALL_CODE;
    }

    /** Returns whether a reading, or the text in its place, begins and ends as a number of JSON. */
    static boolean isNumber(SampleRow row, SampleFault fault) {
        String text = of(row, fault);
        return text.isEmpty() || Character.isDigit(text.charAt(0)) || text.equals(NEGATIVE);
    }

    /** Adds the reading of a row, or the text that stands in its place. */
    static void add(ByteText text, SampleRow row, @Nullable SampleFault fault) {
        String inPlace = fault == null ? "" : of(row, fault);
        if (inPlace.isEmpty()) {
            text.addNumber(row);
        } else {
            text.add(inPlace);
        }
    }

    /**
     * Returns the reason for which a text in place of a reading is refused.
     *
     * @param rest what follows the text in its row, and belongs to it as far as a reader can know
     */
    static String reason(SampleRow row, SampleFault fault, String rest) {
        String text = of(row, fault);
        GpuMetric metric = row.metric().stored();
        return fault == SampleFault.OUT_OF_RANGE
                ? metric.name() + ' ' + text + " is outside " + metric.range()
                : "value \"" + text + rest + "\" is not a number";
    }
}
