package io.gpufleet.telemetry.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class LogStoryTest {
    private static final String STARTED = "INFO # - The consumer of group g has started: …";
    private static final String CLOSED = "INFO # - The consumer of group g was closed: …";
    private static final String TROUBLE = "WARN # - Group g: writing a batch has taken 6 s so far, and is not done";
    private static final String SAME = "WARN # - Group g: writing a batch has taken 7 s so far, and is not done";
    private static final String OVER = "INFO # - Group g: store: well again, after 12 s";

    private static List<String> complaints(String... lines) {
        return LogStory.complaints(Stream.of(lines)
                .map(line -> "[thread] " + line.replace("#", "io.gpufleet.telemetry.kafka.RunLog"))
                .toList());
    }

    @Test
    void troubleThatWasOver_mayBeToldAgain() {
        assertThat(complaints(STARTED, TROUBLE, OVER, SAME, OVER, CLOSED)).isEmpty();
    }

    @Test
    void troubleThatIsToldTwice_isNamed() {
        assertThat(complaints(STARTED, TROUBLE, SAME, OVER, CLOSED))
                .singleElement()
                .asString()
                .contains("not over", "7 s so far");
    }

    @Test
    void startAndEnd_areToldOnce() {
        assertThat(complaints(STARTED, STARTED))
                .containsExactly("a log says \"has started:\" 2 times", "a log says \"was closed:\" 0 times");
    }
}
