package io.gpufleet.telemetry.jdbc;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The text form of arrays, as PostgreSQL reads it: {@code {"a","b \"c\""}}, {@code {1.5,-0.0,NaN}}. Java writes enough
 * digits of a number to read the same one back.
 */
final class WireArray {
    private WireArray() {}

    static String ofTexts(List<String> texts) {
        return join(texts.stream().map(text -> quote(requireNonNull(text, "an element of a text[] is null"))));
    }

    static String ofDoubles(double[] numbers) {
        return join(DoubleStream.of(numbers).mapToObj(Double::toString));
    }

    static String ofFloats(float[] numbers) {
        return join(IntStream.range(0, numbers.length).mapToObj(i -> Float.toString(numbers[i])));
    }

    static String ofIntegers(@Nullable Integer[] numbers) {
        return join(Arrays.stream(numbers).map(number -> number == null ? "NULL" : number.toString()));
    }

    private static String quote(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static String join(Stream<String> elements) {
        return elements.collect(Collectors.joining(",", "{", "}"));
    }
}
