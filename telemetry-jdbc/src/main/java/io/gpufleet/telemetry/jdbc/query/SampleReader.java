package io.gpufleet.telemetry.jdbc.query;

import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/**
 * The reader of a GPU's samples in their order, from rows and from the pieces of compacted days. Rows are read metric
 * by metric along the key; of the pieces, only as many hours as the page needs are unpacked. Belongs to one
 * transaction.
 */
final class SampleReader {
    private static final String ROWS = "SELECT s.* FROM unnest(:metrics) AS m(metric_no) CROSS JOIN LATERAL (SELECT "
            + SampleRow.COLUMNS + " FROM {gpu_sample} AS s WHERE s.gpu_no = :gpu AND s.metric_no = m.metric_no"
            + " AND s.ts >= :from AND s.ts <= :to<filter> ORDER BY s.ts <way>, s.series_key <way> LIMIT :rows) AS s"
            + " ORDER BY s.ts <way>, s.metric_no <way>, s.series_key <way> LIMIT :rows";

    /** A range of the hours of pieces says nothing of those of their times. */
    private static final String RANGE =
            "s.hour >= :first AND s.hour <= :last AND s.times_hour >= :first AND s.times_hour <= :last";

    private static final String PIECES =
            "SELECT " + SampleRow.COLUMNS + " FROM {gpu_sample_unpacked} AS s WHERE s.gpu_no = :gpu"
                    + " AND s.metric_no = ANY (:metrics) AND <hours>"
                    + " AND s.ts >= :from AND s.ts <= :to<filter>"
                    + " ORDER BY s.ts <way>, s.metric_no <way>, s.series_key <way> LIMIT :rows";

    private static final String ALL = "SELECT s.* FROM (SELECT " + SampleRow.COLUMNS + " FROM {gpu_sample} AS s"
            + " WHERE s.gpu_no = :gpu AND s.metric_no = ANY (:metrics) AND s.ts >= :from AND s.ts <= :to<filter>"
            + " UNION ALL SELECT " + SampleRow.COLUMNS + " FROM {gpu_sample_unpacked} AS s WHERE s.gpu_no = :gpu"
            + " AND s.metric_no = ANY (:metrics) AND <hours>"
            + " AND s.ts >= :from AND s.ts <= :to<filter>) AS s";

    private static final String COUNT = "SELECT count(*) FROM (" + ALL + ") AS s";
    private static final String FROM_OFFSET =
            ALL + " ORDER BY s.ts <way>, s.metric_no <way>, s.series_key <way> OFFSET :offset LIMIT :rows";

    private static final String HOURS = "SELECT hour FROM {gpu_sample_hour} WHERE gpu_no = :gpu AND hour >= :first"
            + " AND hour <= :last ORDER BY hour <way> LIMIT :hours";

    private static final Duration HOUR = Duration.ofHours(1);
    private static final int FIRST_HOURS = 2;
    private static final int MORE_HOURS = 4;

    private final Handle handle;
    private final Optional<String> schema;
    private final SampleOrder order;
    private final Filter filter;
    private final Comparator<SampleRow> comparator;

    /**
     * Which samples are read.
     *
     * @param gpu the GPU's number
     * @param metrics the numbers of the metrics, in order
     * @param instance the part of the GPU; absent for all
     * @param scope the number of the scope; absent for all
     */
    record Filter(int gpu, List<Integer> metrics, Optional<String> instance, Optional<Integer> scope) {
        private String sql() {
            return (instance.isPresent() ? " AND s.instance = :instance" : "")
                    + (scope.isPresent() ? " AND s.scope = :scope" : "");
        }

        private Query bind(Query query) {
            instance.ifPresent(part -> query.bind("instance", part));
            scope.ifPresent(number -> query.bind("scope", number));
            return query.bind("gpu", gpu).bindArray("metrics", Integer.class, metrics);
        }
    }

    SampleReader(Handle handle, Optional<String> schema, SampleOrder order, Filter filter) {
        this.handle = handle;
        this.schema = schema;
        this.order = order;
        this.filter = filter;
        Comparator<SampleRow> oldest = Comparator.comparing(SampleRow::position, SamplePosition.ORDER);
        this.comparator = order == SampleOrder.OLDEST ? oldest : oldest.reversed();
    }

    /** Returns the first samples of a range, or those behind a position. */
    List<SampleRow> read(TimeRange range, Optional<SamplePosition> after, int most) {
        TimeRange rest = after.map(position -> isOldest()
                        ? TimeRange.between(position.time(), range.end())
                        : TimeRange.between(range.start(), position.time()))
                .orElse(range);
        List<SampleRow> rows = new ArrayList<>(query(ROWS, rest, after)
                .bind("rows", most)
                .map((row, context) -> SampleRow.of(row))
                .list());
        addPieces(rows, rest, after, most);
        return rows.subList(0, Math.min(most, rows.size()));
    }

    /** Adds the samples of pieces, hour by hour, until those that are missing can only lie behind the page. */
    private void addPieces(List<SampleRow> rows, TimeRange range, Optional<SamplePosition> after, int most) {
        Instant first = hour(range.start());
        Instant last = hour(range.end());
        int hours = FIRST_HOURS;
        while (!first.isAfter(last)) {
            if (rows.size() >= most) {
                Instant end = hour(rows.get(most - 1).position().time());
                first = isOldest() || first.isAfter(end) ? first : end;
                last = isOldest() && end.isBefore(last) ? end : last;
            }
            List<Instant> found = hours(first, last, hours);
            if (found.isEmpty()) {
                return;
            }
            Instant near = found.get(0);
            Instant far = found.get(found.size() - 1);
            Query query = query(PIECES, range, after).bind("rows", most);
            bindHours(query, isOldest() ? near : far, isOldest() ? far : near);
            rows.addAll(query.map((row, context) -> SampleRow.of(row)).list());
            rows.sort(comparator);
            first = isOldest() ? far.plus(HOUR) : first;
            last = isOldest() ? last : far.minus(HOUR);
            hours *= MORE_HOURS;
        }
    }

    private List<Instant> hours(Instant first, Instant last, int most) {
        Query query = handle.createQuery(sql(HOURS)).bind("gpu", filter.gpu()).bind("hours", most);
        bindHours(query, first, last);
        return query.map(
                        (row, context) -> row.getObject(1, OffsetDateTime.class).toInstant())
                .list();
    }

    /** Returns samples after others that are read, too, and left out. */
    List<SampleRow> readFrom(long offset, TimeRange range, int most) {
        Query query = query(FROM_OFFSET, range, Optional.empty())
                .bind("offset", offset)
                .bind("rows", most);
        bindHours(query, hour(range.start()), hour(range.end()));
        return query.map((row, context) -> SampleRow.of(row)).list();
    }

    /** Returns the number of samples in a range. */
    OptionalLong count(TimeRange range) {
        Query query = query(COUNT, range, Optional.empty());
        bindHours(query, hour(range.start()), hour(range.end()));
        return OptionalLong.of(query.mapTo(Long.class).one());
    }

    private Query query(String template, TimeRange range, Optional<SamplePosition> after) {
        String behind = after.isEmpty()
                ? ""
                : " AND (s.ts, s.metric_no, s.series_key) " + (isOldest() ? ">" : "<") + " (:ts, :metric, :series)";
        Query query = handle.createQuery(sql(template.replace("<filter>", filter.sql() + behind)));
        after.ifPresent(position -> query.bind("ts", time(position.time()))
                .bind("metric", position.metric())
                .bind("series", position.series()));
        return filter.bind(query).bind("from", time(range.start())).bind("to", time(range.end()));
    }

    private String sql(String template) {
        String ordered = template.replace("<way>", isOldest() ? "ASC" : "DESC");
        return Identifier.qualifyAll(schema, ordered.replace("<hours>", RANGE));
    }

    private boolean isOldest() {
        return order == SampleOrder.OLDEST;
    }

    private static void bindHours(Query query, Instant first, Instant last) {
        query.bind("first", time(first)).bind("last", time(last));
    }

    private static Instant hour(Instant time) {
        return Instant.ofEpochSecond(Math.floorDiv(time.getEpochSecond(), HOUR.toSeconds()) * HOUR.toSeconds());
    }

    private static OffsetDateTime time(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}
