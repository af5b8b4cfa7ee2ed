package io.gpufleet.telemetry.integration.audited;

import io.gpufleet.telemetry.testkit.Await;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/** The threads of consumers, clients and pools that are still alive. */
final class LeftThreads {
    private static final Pattern OURS =
            Pattern.compile("telemetry-(poll|lane|positions|topics|lag|restart).*|kafka-.*|Hikari.*");
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private LeftThreads() {}

    /** Returns the names of those that do not end soon. */
    static List<String> names() {
        try {
            return Await.until("the end of all threads", LIMIT, LeftThreads::now, List::isEmpty);
        } catch (AssertionError e) {
            return now();
        }
    }

    private static List<String> now() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> OURS.matcher(name).matches())
                .sorted()
                .toList();
    }
}
