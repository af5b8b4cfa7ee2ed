package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.LogId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The dead letters of one log that are replayed in one transaction. Offsets identify records within one log only.
 * Immutable.
 *
 * @param log the log
 * @param ids the ids of the letters, ascending, at least one
 */
record LetterPart(LogId log, List<Long> ids) {

    /** The limit of bytes in memory at once, unless a single letter is larger. */
    static final long MAX_BYTES = 16L << 20;

    /** Checks the components. */
    LetterPart {
        ids = List.copyOf(ids);
    }

    /**
     * A letter that was found but not read yet. Immutable.
     *
     * @param id its id
     * @param log the log of its record
     * @param bytes the size of its key, value and headers
     */
    record Found(long id, LogId log, long bytes) {}

    /** A part under construction. */
    private static final class Growing {
        private final LogId log;
        private final List<Long> ids = new ArrayList<>();
        private long bytes;

        private Growing(LogId log) {
            this.log = log;
        }

        private boolean hasRoomFor(Found letter) {
            return ids.isEmpty() || bytes + letter.bytes <= MAX_BYTES;
        }

        private void add(Found letter) {
            ids.add(letter.id);
            bytes += letter.bytes;
        }

        private LetterPart build() {
            return new LetterPart(log, ids);
        }
    }

    /** Returns the found letters in parts, each of one log and within the limit of bytes. */
    static List<LetterPart> of(List<Found> found) {
        List<LetterPart> full = new ArrayList<>();
        Map<LogId, Growing> growing = new LinkedHashMap<>();
        for (Found letter : found) {
            Growing part = growing.computeIfAbsent(letter.log, Growing::new);
            if (!part.hasRoomFor(letter)) {
                full.add(part.build());
                part = new Growing(letter.log);
                growing.put(letter.log, part);
            }
            part.add(letter);
        }
        growing.values().forEach(part -> full.add(part.build()));
        return full;
    }

    boolean isDivisible() {
        return ids.size() > 1;
    }

    List<LetterPart> halves() {
        int half = ids.size() / 2;
        return List.of(new LetterPart(log, ids.subList(0, half)), new LetterPart(log, ids.subList(half, ids.size())));
    }
}
