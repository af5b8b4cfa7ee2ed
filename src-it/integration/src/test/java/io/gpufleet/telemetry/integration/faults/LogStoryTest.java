package io.gpufleet.telemetry.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class LogStoryTest {
    private static final String STARTED = "INFO # - Consumer of group g has started: …";
    private static final String CLOSED = "INFO # - Consumer of group g was closed: …";
    private static final String TROUBLE = "WARN # - Group g: writing a batch has taken 6 s so far, and is not done";
    private static final String SAME = "WARN # - Group g: writing a batch has taken 7 s so far, and is not done";
    private static final String OVER = "INFO # - Group g: store: recovered after 12 s, 5 s ago";

    private static final String GIVEN = "INFO # - Group g: this consumer was given t-[0..1]; it has 2 partitions now";

    private static LogStory story(long assignments, String... lines) {
        List<String> log = Stream.of(lines)
                .flatMap(line -> ("[thread] " + line.replace("#", "io.gpufleet.telemetry.kafka.RunLog")).lines())
                .toList();
        return new LogStory(log, assignments, Duration.ofSeconds(59));
    }

    private static List<String> complaints(String... lines) {
        return story(0, lines).complaintsOfEnded();
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
                .containsExactly(
                        "a log says \"has started:\" 2 times, which has happened 1 times",
                        "a log says \"was closed:\" 0 times, which has happened 1 times");
    }

    @Test
    void killed_tellsStartAndAssignments_andNoEnd() {
        assertThat(story(1, STARTED, GIVEN).complaintsOfKilled()).isEmpty();
        assertThat(story(1, STARTED, GIVEN, GIVEN).complaintsOfKilled())
                .as("killed before its listener heard of it")
                .isEmpty();
        assertThat(story(1, STARTED, CLOSED).complaintsOfKilled())
                .containsExactly(
                        "a log says \"this consumer was given\" 0 times, which has happened 1 times",
                        "a log says \"was closed:\" 1 times, which has happened 0 times");
    }

    @Test
    void killed_tellsATroubleOnce() {
        assertThat(story(0, STARTED, TROUBLE, SAME).complaintsOfKilled())
                .singleElement()
                .asString()
                .contains("not over");
    }

    @Test
    void flood_isSeen() {
        String[] lines = new String[101];
        Arrays.fill(lines, "WARN org.apache.kafka.clients.NetworkClient - Node 1 disconnected.");
        lines[0] = STARTED;
        assertThat(story(0, lines).complaintsOfKilled())
                .singleElement()
                .asString()
                .contains("101 lines", "than 100");
    }

    @Test
    void stacksOfThePool_areNoFlood() {
        String[] lines = new String[200];
        Arrays.fill(lines, "WARN com.zaxxer.hikari.pool.PoolBase - broken\n\tat a.line.of.its.Stack");
        lines[0] = STARTED;
        assertThat(story(0, lines).complaintsOfKilled()).isEmpty();
    }
}
