package io.gpufleet.telemetry.kafka;

import java.util.List;
import java.util.stream.Stream;

/** A readable list of many texts: the first ones, and the number of the others. */
final class FewWords {
    private static final int MOST = 5;

    private FewWords() {}

    /** Returns the texts in one line. */
    static String of(List<String> words) {
        return String.join("; ", few(words));
    }

    /** Returns each text in its own line. */
    static List<String> few(List<String> words) {
        return words.size() <= MOST
                ? words
                : Stream.concat(words.stream().limit(MOST), Stream.of("and " + (words.size() - MOST) + " more"))
                        .toList();
    }
}
