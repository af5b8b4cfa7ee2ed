package io.gpufleet.telemetry.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntBinaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class WireColumnTest {
    private static final Comparator<String> BY_BYTES =
            Comparator.comparing(text -> text.getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);

    /** U+FF5E is above the surrogates of U+1F525 in UTF-16, and below it in UTF-8. */
    @Test
    void texts_areOrderedByTheirBytes() {
        List<String> texts = new ArrayList<>(List.of("", "a", "a\0", "ab", "B", "é", "\uff5e", "\ud83d\udd25"));
        Random random = new Random(5);
        random.ints(200, 0, 4)
                .mapToObj(length -> random.ints(length, 1, 0x11_0000)
                        .filter(c -> Character.getType(c) != Character.SURROGATE)
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .toString())
                .forEach(texts::add);
        WireColumn<String> column = WireColumn.of(WireType.TEXT, texts, text -> text);

        assertThat(sorted(column::compare, texts))
                .isEqualTo(texts.stream().sorted(BY_BYTES).toList());
    }

    @Test
    void noValue_isTheLargestKeyAndTheLeastVersion() {
        List<String> texts = Arrays.asList("b", null, "a", null);
        WireColumn<String> column = WireColumn.of(WireType.TEXT, texts, text -> text);

        assertThat(sorted(column::compare, texts)).containsExactly("a", "b", null, null);
        assertThat(sorted(column::compareVersions, texts)).containsExactly(null, null, "a", "b");
    }

    @Test
    void comparisons_encodeOnce() {
        AtomicInteger encodings = new AtomicInteger();
        WireType<String> counted = new WireType<>("text", String[]::new, texts -> {
            encodings.incrementAndGet();
            return WireType.TEXT.order().apply(texts);
        });
        List<String> texts = List.of("c", "b", "a");

        sorted(WireColumn.of(counted, texts, text -> text)::compare, texts);

        assertThat(encodings).hasValue(1);
    }

    private static List<String> sorted(IntBinaryOperator order, List<String> texts) {
        return IntStream.range(0, texts.size())
                .boxed()
                .sorted(order::applyAsInt)
                .map(texts::get)
                .toList();
    }
}
