package io.gpufleet.telemetry.integration.faults;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** The losses of the log itself, which no consumer can be blamed for. Belongs to the thread of the test. */
final class LogLosses {
    private record Damage(LogRecord.Log log, long from, long next) {
        boolean covers(LogRecord record) {
            return record.log().equals(log) && record.offset() >= from && record.offset() < next;
        }
    }

    private final Set<UUID> deleted = new HashSet<>();
    private final Map<LogRecord.Log, Long> expired = new HashMap<>();
    private final List<Damage> damages = new ArrayList<>();

    void delete(UUID topicId) {
        deleted.add(topicId);
    }

    void expire(LogRecord.Log log, long first) {
        expired.merge(log, first, Math::max);
    }

    /** Adds a batch that cannot be read, and that an operator skips. */
    void damage(LogRecord.Log log, long from, long next) {
        damages.add(new Damage(log, from, next));
    }

    boolean isDeleted(UUID topicId) {
        return deleted.contains(topicId);
    }

    /** Returns whether a record is in a skipped batch. */
    boolean isDamaged(LogRecord record) {
        return damages.stream().anyMatch(damage -> damage.covers(record));
    }

    /** Returns whether the log itself has lost a record. */
    boolean isGone(LogRecord record) {
        return isDeleted(record.log().topicId())
                || record.offset() < expired.getOrDefault(record.log(), 0L)
                || isDamaged(record);
    }
}
