package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.DeadLetter;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/** The summary of dead letters in the host's log, one line per minute at most. Time is passed in. Thread-safe. */
final class LetterLog {
    private static final Duration INTERVAL = Duration.ofMinutes(1);

    private final Logger log;
    private final String groupId;
    private long count;
    private long repeated;
    private @Nullable DeadLetter first;
    private @Nullable Long saidNanos;

    LetterLog(Logger log, String groupId) {
        this.log = log;
        this.groupId = groupId;
    }

    synchronized void add(DeadLetter letter) {
        first = first == null ? letter : first;
        count++;
    }

    /** Adds refused values of kinds that were dead-lettered before. Only new dead letters cause a line. */
    synchronized void addRepeated(int values) {
        repeated += values;
    }

    /** Logs new dead letters, unless a line was logged within the last minute. */
    synchronized void look(long nowNanos) {
        if (saidNanos == null || nowNanos - saidNanos >= INTERVAL.toNanos()) {
            say(nowNanos);
        }
    }

    /** Logs new dead letters. */
    synchronized void say(long nowNanos) {
        DeadLetter letter = first;
        if (letter == null) {
            return;
        }
        log.warn(
                "Group {}: {} dead-lettered; the first is {} at offset {}, refused at stage {}: {}{}",
                groupId,
                Counted.of(count, "record was", "records were"),
                letter.partition(),
                letter.offset(),
                letter.stage().name().toLowerCase(Locale.ROOT),
                String.join("; ", letter.reasons()),
                repeated == 0
                        ? ""
                        : "; "
                                + Counted.of(
                                        repeated,
                                        "refused value repeats a dead-lettered one and was",
                                        "refused values repeat dead-lettered ones and were")
                                + " counted only");
        first = null;
        count = 0;
        repeated = 0;
        saidNanos = nowNanos;
    }
}
