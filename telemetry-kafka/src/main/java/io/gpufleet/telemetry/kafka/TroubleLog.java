package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.Health.Concern;
import io.gpufleet.telemetry.Health.Trouble;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.event.Level;

/**
 * The log of troubles: a line when a trouble begins, another when its reason changes, and one when it is over. A
 * trouble shorter than a second (at a start: five) is not worth a line, and one that comes back within five is the
 * same. Time is passed in. Belongs to one thread.
 */
final class TroubleLog {
    private static final Duration WORTH_A_LINE = Duration.ofSeconds(1);
    private static final Duration OVER = Duration.ofSeconds(5);

    /** Every start waits for its group for a few seconds, which is no trouble. */
    private static final Duration LONG_START = Duration.ofSeconds(5);

    private record Key(Concern concern, String subject) {
        static Key of(Trouble trouble) {
            return new Key(trouble.concern(), trouble.subject());
        }
    }

    /** The largest number of lines about one trouble: a reason that changes with each try must not fill a log. */
    private static final int MOST_REASONS = 5;

    private record Standing(long sinceNanos, long seenNanos, String reason, Set<String> said) {
        Standing seen(long nowNanos, String reasonNow) {
            return new Standing(sinceNanos, nowNanos, reasonNow, said);
        }

        boolean isSaid() {
            return !said.isEmpty();
        }

        boolean isNews() {
            return said.size() < MOST_REASONS && !said.contains(kind(reason));
        }

        Standing sayNow() {
            Set<String> more = new HashSet<>(said);
            more.add(kind(reason));
            return new Standing(sinceNanos, seenNanos, reason, more);
        }

        /** Returns the reason without its figures, which change while the trouble lasts. */
        private static String kind(String reason) {
            return reason.replaceAll("[0-9]+", "#");
        }
    }

    private final Logger log;
    private final String groupId;
    private final Map<Key, Standing> standing = new HashMap<>();

    TroubleLog(Logger log, String groupId) {
        this.log = log;
        this.groupId = groupId;
    }

    /**
     * Logs the changes in the troubles of the consumer.
     *
     * @param nowNanos the time
     * @param troubles all present troubles
     * @param waiting the number of polled records that are not written
     */
    void look(long nowNanos, List<Trouble> troubles, long waiting) {
        Map<Key, Trouble> first = new LinkedHashMap<>();
        troubles.forEach(trouble -> first.putIfAbsent(Key.of(trouble), trouble));
        first.forEach(
                (name, trouble) -> standing.compute(name, (key, before) -> now(trouble.reason(), before, nowNanos)));
        sayBegun(waiting);
        sayOver(nowNanos);
    }

    private static Standing now(String reason, @Nullable Standing before, long nowNanos) {
        return before == null ? new Standing(nowNanos, nowNanos, reason, Set.of()) : before.seen(nowNanos, reason);
    }

    private void sayBegun(long waiting) {
        Map<Concern, List<Standing>> begun = new EnumMap<>(Concern.class);
        standing.replaceAll((key, trouble) -> {
            Duration worthALine = key.concern() == Concern.START ? LONG_START : WORTH_A_LINE;
            boolean lasts = trouble.seenNanos() - trouble.sinceNanos() >= worthALine.toNanos();
            if (!lasts || !trouble.isNews()) {
                return trouble;
            }
            begun.computeIfAbsent(key.concern(), concern -> new ArrayList<>()).add(trouble);
            return trouble.sayNow();
        });
        begun.forEach((concern, begunNow) -> log.atLevel(concern == Concern.ENDED ? Level.ERROR : Level.WARN)
                .log("Group {}: {}{}", groupId, reasons(begunNow), waiting(waiting)));
    }

    private static String waiting(long records) {
        if (records == 0) {
            return "";
        }
        return "; " + Counted.of(records, "record waits", "records wait") + " to be written";
    }

    private static String reasons(List<Standing> troubles) {
        return AbbreviatedList.of(
                troubles.stream().map(Standing::reason).sorted().distinct().toList());
    }

    private void sayOver(long nowNanos) {
        Map<Key, Standing> over = new HashMap<>();
        standing.forEach((key, trouble) -> {
            long unseen = nowNanos - trouble.seenNanos();
            if (unseen >= (trouble.isSaid() ? OVER.toNanos() : 1)) {
                over.put(key, trouble);
            }
        });
        standing.keySet().removeAll(over.keySet());
        over.values().removeIf(trouble -> !trouble.isSaid());
        over.keySet().stream()
                .collect(Collectors.groupingBy(Key::concern))
                .forEach((concern, keys) -> sayOver(keys, over, nowNanos));
    }

    private void sayOver(List<Key> keys, Map<Key, Standing> over, long nowNanos) {
        List<String> subjects =
                keys.stream().map(TroubleLog::subject).sorted().distinct().toList();
        long longest = most(keys, over, trouble -> trouble.seenNanos() - trouble.sinceNanos());
        long ago = nowNanos - most(keys, over, Standing::seenNanos);
        log.info(
                "Group {}: {}: recovered after {} s, {} s ago",
                groupId,
                AbbreviatedList.of(subjects),
                Duration.ofNanos(longest).toSeconds(),
                Duration.ofNanos(ago).toSeconds());
    }

    private static long most(List<Key> keys, Map<Key, Standing> over, ToLongFunction<Standing> time) {
        return keys.stream().map(over::get).mapToLong(time).max().orElseThrow();
    }

    private static String subject(Key key) {
        String name = switch (key.concern()) {
            case ENDED -> "threads";
            case START -> "start";
            case STORE -> "store";
            case CLUSTER -> "brokers";
            case TOPIC -> "topic";
            case STUCK -> "writing";
            case PARTITION -> "partition";
            case SETTINGS -> "settings";
            case LAG -> "lag";
            case INACTIVE -> "messages";
        };
        return key.subject().isEmpty() ? name : name + " " + key.subject();
    }
}
