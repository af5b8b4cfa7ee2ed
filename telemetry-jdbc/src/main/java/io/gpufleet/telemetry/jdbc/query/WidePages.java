package io.gpufleet.telemetry.jdbc.query;

import io.gpufleet.telemetry.gpu.GpuMetricsRow;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;

/**
 * The pages of a GPU's wide rows: those that were stored, or, if there are none in the range, rows that are joined from
 * samples. Belongs to one transaction.
 */
final class WidePages {
    /** In a cursor, in place of a metric: the rows were stored, not joined. */
    private static final int STORED = -1;

    private final Handle handle;
    private final Optional<String> schema;

    WidePages(Handle handle, Optional<String> schema) {
        this.handle = handle;
        this.schema = schema;
    }

    /**
     * A row with the instant that it goes up to.
     *
     * @param row the row
     * @param last the time of its last sample; that of the row if it was stored
     */
    record Place(GpuMetricsRow row, Instant last) {}

    Page<GpuMetricsRow> page(WideQuery query, Instant now) {
        GpuNames.Found gpu = new GpuNames(schema).find(handle, query.gpu());
        String question = text(query, gpu);
        Optional<Bookmark> bookmark = query.cursor().map(cursor -> Bookmark.of(cursor, question));
        TimeRange range =
                bookmark.map(Bookmark::range).orElseGet(() -> query.range().at(now));
        TimeRange rest = bookmark.map(mark -> rest(range, mark.last().time())).orElse(range);
        int most = query.limit() + 1; // one more shows whether a page follows
        boolean wasJoined = bookmark.map(Bookmark::last)
                .filter(last -> last.metric() != STORED)
                .isPresent();
        List<Place> stored = wasJoined ? List.of() : new StoredWideRows(handle, schema).read(gpu, rest, most);
        boolean isJoined = wasJoined || (stored.isEmpty() && bookmark.isEmpty());
        List<Place> rows =
                isJoined ? new JoinedWideRows(handle, schema).read(gpu, rest, query.tolerance(), most) : stored;
        List<Place> page = rows.subList(0, Math.min(query.limit(), rows.size()));
        Optional<Cursor> next = rows.size() < most
                ? Optional.empty()
                : Optional.of(
                        bookmark(range, page.get(page.size() - 1), isJoined).cursor(question));
        return new Page<>(page.stream().map(Place::row).toList(), next, OptionalLong.empty());
    }

    private static TimeRange rest(TimeRange range, Instant last) {
        return TimeRange.between(last.plus(1, ChronoUnit.MICROS), range.end());
    }

    private static Bookmark bookmark(TimeRange range, Place place, boolean isJoined) {
        return new Bookmark(range, new SamplePosition(place.last(), isJoined ? 0 : STORED, 0));
    }

    private static String text(WideQuery query, GpuNames.Found gpu) {
        return String.join(
                "\0",
                "wide",
                gpu.uuid(),
                query.range().toString(),
                query.tolerance().toString());
    }
}
