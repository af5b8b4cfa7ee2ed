package io.gpufleet.telemetry.kafka;

import java.util.List;
import java.util.stream.Stream;

/** Many things as a person can read them: the first ones, and how many more there are. */
final class FewWords {
    private static final int MOST = 5;

    private FewWords() {}

    /** In one line. */
    static String of(List<String> words) {
        return String.join("; ", few(words));
    }

    /** Each in its line. */
    static List<String> few(List<String> words) {
        return words.size() <= MOST
                ? words
                : Stream.concat(words.stream().limit(MOST), Stream.of("and " + (words.size() - MOST) + " more"))
                        .toList();
    }
}
