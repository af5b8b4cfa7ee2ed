package io.gpufleet.telemetry.jdbc.query;

import io.gpufleet.telemetry.gpu.Scope;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import org.jdbi.v3.core.Handle;

/** The pages of a GPU's samples. Belongs to one transaction. */
final class SamplePages {
    private final Handle handle;
    private final Optional<String> schema;

    SamplePages(Handle handle, Optional<String> schema) {
        this.handle = handle;
        this.schema = schema;
    }

    Page<StoredSample> page(SampleQuery query, Instant now) {
        GpuNames.Found gpu = new GpuNames(schema).find(handle, query.gpu());
        SortedMap<Integer, String> metrics = new MetricNames(schema).find(handle, query.metrics());
        String question = text(query, gpu);
        Optional<Bookmark> bookmark = query.cursor().map(cursor -> Bookmark.of(cursor, question));
        TimeRange range =
                bookmark.map(Bookmark::range).orElseGet(() -> query.range().at(now));
        SampleReader reader = new SampleReader(handle, schema, query.order(), filter(query, gpu, metrics));
        int most = query.limit() + 1; // one more shows whether a page follows
        List<SampleRow> rows = query.offset() > 0
                ? reader.readFrom(query.offset(), range, most)
                : reader.read(range, bookmark.map(Bookmark::last), most);
        List<SampleRow> page = rows.subList(0, Math.min(query.limit(), rows.size()));
        Optional<Cursor> next = rows.size() < most
                ? Optional.empty()
                : Optional.of(new Bookmark(range, page.get(page.size() - 1).position()).cursor(question));
        return new Page<>(
                new SampleTexts(handle, schema).of(page, Map.of(gpu.number(), gpu.uuid()), metrics),
                next,
                query.isWithTotal() ? reader.count(range) : OptionalLong.empty());
    }

    private static SampleReader.Filter filter(
            SampleQuery query, GpuNames.Found gpu, SortedMap<Integer, String> metrics) {
        return new SampleReader.Filter(
                gpu.number(),
                List.copyOf(metrics.keySet()),
                query.instance(),
                query.scope().map(Scope::number));
    }

    /** Returns what a cursor belongs to: the question in one spelling, without the size of the page. */
    private static String text(SampleQuery query, GpuNames.Found gpu) {
        return String.join(
                "\0",
                "samples",
                gpu.uuid(),
                MetricNames.canonical(query.metrics()).toString(),
                query.range().toString(),
                query.instance().toString(),
                query.scope().toString(),
                query.order().toString());
    }
}
