package io.gpufleet.telemetry.gpu;

import static java.util.Objects.requireNonNull;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The rules that tell a value from no value, from a value that no GPU can have, and from no number. Every form of input
 * asks here, before any scaling.
 *
 * <pre>{@code
 * Readings.judge(GpuMetric.MEMORY_TEMP, false, "9223372036854775794") // NO_VALUE: DCGM's code for "not supported"
 * Readings.judge(GpuMetric.GPU_TEMP, false, "644245923")              // OUT_OF_RANGE
 * }</pre>
 *
 * <p>"No value" is neither 0 nor an error: it is counted and not stored. Thread-safe.
 */
public final class Readings {

    /** The judgement of a reading. */
    public enum Verdict {
        /** A value of the metric. */
        VALUE,
        /** A code or a word for "there is none". */
        NO_VALUE,
        /** A number that no GPU can have. */
        OUT_OF_RANGE,
        /** A text where a number should be. */
        NOT_A_NUMBER,
        /** The text of a field that is a label of its GPU. */
        LABEL
    }

    private static final Pattern DIGITS = Pattern.compile("[0-9]+");

    /** Codes of 64 bits, and their values after a hop through a double. */
    private static final double FIRST_INTEGER_CODE = 9.2233720368547748E18;

    /** The first code of 32 bits; those of fields that may reach it are values. */
    private static final double FIRST_SMALL_CODE = 0x7ffffff0L;

    /** The first code of doubles, 2^47. */
    private static final double FIRST_DOUBLE_CODE = 140_737_488_355_328.0;

    /** The codes are the first one and the three numbers after it. */
    private static final int MORE_CODES = 3;

    private static final Set<GpuMetric> NOT_OF_INSTANCES =
            Set.of(GpuMetric.GPU_UTIL, GpuMetric.MEM_COPY_UTIL, GpuMetric.ENC_UTIL, GpuMetric.DEC_UTIL);

    /** DCGM's words, and nvidia-smi's with or without brackets. */
    private static final Set<String> WORDS = Set.of(
            "n/a",
            "not supported",
            "unknown error",
            "insufficient permissions",
            "gpu requires reset",
            "gpu is lost",
            "function not found",
            "requested functionality has been deprecated",
            "<<<null>>>",
            "<<<not_found>>>",
            "<<<not_supported>>>",
            "<<<not_perm>>>");

    private static final int LONGEST_WORD = 64;

    private static final Pattern NUMBER =
            Pattern.compile("[+-]?(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?");
    private static final Pattern NOT_FINITE = Pattern.compile("nan|[+-]?inf(?:inity)?", Pattern.CASE_INSENSITIVE);
    private static final Pattern FRACTIONAL = Pattern.compile("[.eE]");

    private Readings() {}

    /**
     * Judges a number.
     *
     * @param metric its metric
     * @param ofInstance whether the reading is of a MIG instance
     * @param number the number, not a number or infinite
     * @param fractional whether it was written with a point or an exponent
     * @return value, no value, out of range or label
     */
    public static Verdict judge(GpuMetric metric, boolean ofInstance, double number, boolean fractional) {
        if (requireNonNull(metric, "metric").isLabel()) {
            return Verdict.LABEL;
        }
        if (isNoValue(metric.type(), metric.maximum(), number, fractional)
                || (ofInstance && NOT_OF_INSTANCES.contains(metric))) {
            return Verdict.NO_VALUE;
        }
        return metric.allows(number) ? Verdict.VALUE : Verdict.OUT_OF_RANGE;
    }

    /**
     * Judges a text.
     *
     * @param metric its metric
     * @param ofInstance whether the reading is of a MIG instance
     * @param text the text, without blanks around it
     * @return the verdict; after {@link Verdict#VALUE} and {@link Verdict#OUT_OF_RANGE}, {@link #number} gives the
     *     number
     */
    public static Verdict judge(GpuMetric metric, boolean ofInstance, String text) {
        if (requireNonNull(metric, "metric").isLabel()) {
            return Verdict.LABEL;
        }
        if (NUMBER.matcher(requireNonNull(text, "text")).matches()) {
            return judge(
                    metric,
                    ofInstance,
                    Double.parseDouble(text),
                    FRACTIONAL.matcher(text).find());
        }
        return isAbsent(text) || NOT_FINITE.matcher(text).matches() ? Verdict.NO_VALUE : Verdict.NOT_A_NUMBER;
    }

    /**
     * Returns the number of a text: decimal digits with an optional sign, point and exponent, and nothing else.
     *
     * @param text the text, without blanks around it
     * @return not a number for any other text
     */
    public static double number(String text) {
        return NUMBER.matcher(requireNonNull(text, "text")).matches() ? Double.parseDouble(text) : Double.NaN;
    }

    /**
     * Returns whether a text is a word for "there is none": of DCGM, of nvidia-smi with or without brackets, or empty.
     * A label with such a text is absent.
     *
     * @param text the text, without blanks around it
     * @return true for a word of either case
     */
    public static boolean isAbsent(String text) {
        int length = requireNonNull(text, "text").length();
        if (length == 0) {
            return true;
        }
        if (length > LONGEST_WORD) {
            return false;
        }
        boolean bracketed = text.charAt(0) == '[' && text.charAt(length - 1) == ']';
        String word = bracketed ? text.substring(1, length - 1) : text;
        return WORDS.contains(word.toLowerCase(Locale.ROOT));
    }

    /**
     * Returns the reason against a number that is {@linkplain Verdict#OUT_OF_RANGE out of range}.
     *
     * @param metric its metric
     * @param number the number as it was written
     * @return for example {@code DCGM_FI_DEV_GPU_TEMP 644245923 is outside -50..150}
     */
    public static String outside(GpuMetric metric, String number) {
        requireNonNull(metric, "metric");
        return metric.name() + ' ' + requireNonNull(number, "number") + " is outside " + metric.range();
    }

    /**
     * Returns the kind of a refusal, which is the same in each record with the same fault: numbers in the reason count
     * as one, since a reading that no GPU can have is another number in each scrape.
     *
     * @param whose the GPU, and its metric if the fault is of one; empty if neither is known
     * @param reason the fault
     * @return a kind as of {@link io.gpufleet.telemetry.Decoder.Values#refuse(String, String)}
     */
    public static String kindOfRefusal(String whose, String reason) {
        String kind = hasDigits(requireNonNull(reason, "reason"))
                ? DIGITS.matcher(reason).replaceAll("0")
                : reason;
        return requireNonNull(whose, "whose").isEmpty() ? kind : whose + ": " + kind;
    }

    private static boolean hasDigits(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= '0' && text.charAt(i) <= '9') {
                return true;
            }
        }
        return false;
    }

    /** Returns whether a number is too small for any code for "no value"; most are. */
    static boolean isNoCode(double number) {
        return Math.abs(number) < FIRST_SMALL_CODE;
    }

    /** The part of the rules that also holds for readings of events, whose units are others. */
    static boolean isNoValue(ValueType type, double maximum, double number, boolean fractional) {
        return Double.isNaN(number)
                || Double.isInfinite(number)
                || number >= FIRST_INTEGER_CODE
                || (maximum < FIRST_SMALL_CODE && isCode(number, FIRST_SMALL_CODE))
                || isDoubleCode(type, number, fractional);
    }

    private static boolean isDoubleCode(ValueType type, double number, boolean fractional) {
        return switch (type) {
            case DOUBLE -> number >= FIRST_DOUBLE_CODE;
            case UNKNOWN -> fractional && isCode(number, FIRST_DOUBLE_CODE);
            case INTEGER, TEXT -> false;
        };
    }

    private static boolean isCode(double number, double first) {
        return number >= first && number <= first + MORE_CODES && number == Math.rint(number);
    }
}
