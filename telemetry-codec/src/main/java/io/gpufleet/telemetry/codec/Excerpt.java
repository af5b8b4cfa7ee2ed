package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.codec.Entry.Place;
import io.gpufleet.telemetry.internal.GzipMembers;
import java.io.ByteArrayOutputStream;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The rows of a text that a dead letter keeps: whole ones, as long as they fit, each behind the line that it needs to
 * be understood. Not thread-safe.
 */
final class Excerpt {
    /** Three are left for an empty line and a comment. */
    private static final int MOST_BYTES = (64 << 10) - 3;

    private final byte[] text;
    private final int reserved;
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private final Set<Place> heads = new HashSet<>();
    private boolean empty = true;
    private boolean cut;

    /**
     * Creates an empty excerpt.
     *
     * @param reserved the bytes that are left for {@link #end}
     */
    Excerpt(byte[] text, int reserved) {
        this.text = text;
        this.reserved = reserved;
    }

    /** Adds a line that must stand before all others, if there is room for it. */
    void begin(Place head) {
        if (length(head) <= room()) {
            addHead(head);
        }
    }

    /**
     * Adds a row, if there is room for it. A first row that is too long is cut, which leaves it unreadable.
     *
     * @param head the line that must stand before it once
     * @param open whether no line feed ends the row
     */
    void add(Optional<Place> head, Place row, boolean open) {
        Optional<Place> missing = head.filter(place -> !heads.contains(place));
        if (missing.map(Excerpt::length).orElse(0) + length(row) <= room()) {
            missing.ifPresent(this::addHead);
            write(row, row.to(), open);
            empty = false;
        } else if (empty) {
            missing.filter(place -> length(place) <= room()).ifPresent(this::addHead);
            write(row, row.from() + Math.min(length(row) - 1, room()), true);
            cut = true;
            empty = false;
        }
    }

    /** Adds a last line, unless the row before it has no end. */
    void end(byte[] line) {
        if (!cut) {
            kept.writeBytes(line);
        }
    }

    byte[] bytes() {
        return kept.toByteArray();
    }

    private int room() {
        return cut ? 0 : MOST_BYTES - reserved - kept.size();
    }

    private static int length(Place line) {
        return line.to() - line.from() + 1;
    }

    private void addHead(Place head) {
        heads.add(head);
        write(head, head.to(), false);
    }

    private void write(Place row, int to, boolean open) {
        if (kept.size() == 0 && GzipMembers.isPacked(text, row.from(), to)) {
            // An empty line means nothing, and a text behind one is not taken for gzip.
            kept.write('\n');
        }
        kept.write(text, row.from(), to - row.from());
        if (!open) {
            kept.write('\n');
        }
    }
}
