package io.gpufleet.telemetry.kafka;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A list of texts abbreviated to one line: the first five, and the number of the others. */
final class AbbreviatedList {
    private static final int MOST = 5;

    private AbbreviatedList() {}

    static String of(List<String> texts) {
        Stream<String> rest = Stream.of("and " + (texts.size() - MOST) + " more");
        return texts.size() <= MOST
                ? String.join("; ", texts)
                : Stream.concat(texts.stream().limit(MOST), rest).collect(Collectors.joining("; "));
    }
}
