package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.jdbc.gpu.SampleTables.Comparison;
import io.gpufleet.telemetry.jdbc.gpu.SampleTables.Difference;
import io.gpufleet.telemetry.jdbc.gpu.TableRows.OldRow;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import io.gpufleet.telemetry.jdbc.internal.TransactionTimeouts;
import io.gpufleet.telemetry.jdbc.internal.Transactions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A comparison of the samples of an old table with the stored ones, day by day. The old ones are read as a move reads
 * them, without a look at its progress. Used once, by one thread.
 */
final class MoveComparison {
    private static final Duration LONGEST_COUNT = Duration.ofHours(1);
    private static final int HOURS_OF_A_DAY = 24;
    private static final int MOST_SUBJECTS = 20_000;

    private static final String KEPT = "SELECT 1 FROM {gpu_sample_retention} WHERE kept_from > ?";
    private static final String STORED = "SELECT uuid, metric_name, " + LabelCounts.LABELS + """
            , samples FROM (
                SELECT uuid, metric_name, gpu_id, device, model_name, hostname, container, pod, namespace, labels_raw,
                    count(*) AS samples
                FROM {gpu_telemetry} WHERE ts >= ? AND ts < ? GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10) AS s""";

    private static final LabelCounts NONE = new LabelCounts();

    /** A GPU and a metric. */
    private record Series(String uuid, String metric) {}

    /** What tells the samples of one time apart. */
    private record Key(Series series, long seriesKey) {}

    private final MoveSides sides;
    private final Optional<String> schema;
    private final int atOnce;
    private final Transactions counting;
    private final List<Difference> differences = new ArrayList<>();
    private final Set<LocalDate> lackingDays = new TreeSet<>();
    private final List<String> refusals = new ArrayList<>();
    private long compared;
    private long lacking;
    private long relabelled;
    private long refused;

    MoveComparison(MoveSides sides) {
        this.sides = sides;
        this.schema = sides.options().schema;
        this.atOnce = sides.options().chunkRows;
        this.counting =
                new Transactions(sides.options().dataSource, TransactionTimeouts.DEFAULT.withStatement(LONGEST_COUNT));
    }

    Comparison of(Collection<LocalDate> days) {
        for (LocalDate day : days) {
            if (sides.inStored("gpu_sample_retention", connection -> isKept(connection, day))) {
                compare(day);
            }
        }
        return new Comparison(compared, lacking, relabelled, differences, refused, refusals);
    }

    /** Returns the days that lack samples. */
    Set<LocalDate> lackingDays() {
        return lackingDays;
    }

    private boolean isKept(Connection connection, LocalDate day) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(Identifier.qualifyAll(schema, KEPT))) {
            statement.setObject(1, day);
            try (ResultSet later = statement.executeQuery()) {
                return !later.next();
            }
        }
    }

    private void compare(LocalDate day) {
        Map<Series, LabelCounts> before = old(day);
        Map<Series, LabelCounts> stored = sides.retry()
                .call(sides.subject(), failed -> counting.call("gpu_telemetry", connection -> stored(connection, day)));
        Set<Series> all = new HashSet<>(before.keySet());
        all.addAll(stored.keySet());
        compared += all.size();
        List<Difference> found = all.stream()
                .map(series ->
                        difference(day, series, before.getOrDefault(series, NONE), stored.getOrDefault(series, NONE)))
                .filter(difference -> difference.old() != difference.stored() || difference.unlike() > 0)
                .toList();
        long fewer = found.stream().filter(MoveComparison::isLacking).count();
        lacking += fewer;
        relabelled +=
                found.stream().filter(difference -> difference.unlike() > 0).count();
        if (fewer > 0) {
            lackingDays.add(day);
        }
        found.stream()
                .sorted(Comparator.comparing(MoveComparison::isLacking)
                        .reversed()
                        .thenComparing(Difference::uuid)
                        .thenComparing(Difference::metric))
                .limit(Comparison.MOST_DIFFERENCES - differences.size())
                .forEach(differences::add);
    }

    private static Difference difference(LocalDate day, Series series, LabelCounts old, LabelCounts stored) {
        long lost = Math.max(0, old.total() - stored.total());
        return new Difference(
                day, series.uuid(), series.metric(), old.total(), stored.total(), old.unlike(stored) - lost);
    }

    private Map<Series, LabelCounts> old(LocalDate day) {
        Map<String, String> refusedRows =
                sides.inStored(MoveRows.TABLE, connection -> sides.progress().refused(connection, day));
        OldDay old = sides.inOld(connection -> new OldDay(refusedRows).read(connection, day));
        refused += old.refused.size();
        old.refused.stream()
                .limit(Comparison.MOST_DIFFERENCES - refusals.size())
                .forEach(refusals::add);
        return old.counts;
    }

    private static boolean isLacking(Difference difference) {
        return difference.stored() < difference.old();
    }

    private Map<Series, LabelCounts> stored(Connection connection, LocalDate day) throws SQLException {
        Map<Series, LabelCounts> stored = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(Identifier.qualifyAll(schema, STORED))) {
            statement.setObject(1, TableHour.beginOf(day));
            statement.setObject(2, TableHour.beginOf(day.plusDays(1)));
            statement.setFetchSize(atOnce);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    Series series = new Series(result.getString(1), result.getString(2));
                    Set<String> labels = Set.of((String[]) result.getArray(3).getArray());
                    stored.computeIfAbsent(series, unused -> new LabelCounts()).add(labels, result.getLong(4));
                }
            }
        }
        return stored;
    }

    /**
     * The samples of a day of the old table, each key once: rows come in the order of time. Those that the sink refused
     * are none.
     */
    private final class OldDay {
        private final Map<String, String> refusedRows;
        private final List<String> refused = new ArrayList<>();
        private final Map<Series, LabelCounts> counts = new HashMap<>();
        private final IdentityHashMap<GpuSubject, Set<String>> labels = new IdentityHashMap<>();
        private final Set<Key> ofInstant = new HashSet<>();
        private Instant instant = Instant.MIN;

        OldDay(Map<String, String> refusedRows) {
            this.refusedRows = refusedRows;
        }

        OldDay read(Connection connection, LocalDate day) throws SQLException {
            OffsetDateTime begin = TableHour.beginOf(day);
            try (TableRows rows = new TableRows(connection, sides.table(), begin, HOURS_OF_A_DAY, atOnce)) {
                for (List<OldRow> next = rows.next(atOnce); !next.isEmpty(); next = rows.next(atOnce)) {
                    count(RowBatch.read(sides.table().name(), next, sides.reader()));
                }
            }
            return this;
        }

        private void count(RowBatch rows) {
            for (Delivery<GpuSample> sample : rows.samples()) {
                String refusal = refusedRows.isEmpty() ? null : refusedRows.get(rows.keyOf(sample));
                if (refusal == null) {
                    count(sample.value());
                } else {
                    refused.add(refusal);
                }
            }
        }

        /** Rows with the same labels mostly share their subject. */
        private Set<String> labelsOf(GpuSubject subject) {
            if (labels.size() > MOST_SUBJECTS) {
                labels.clear();
            }
            return labels.computeIfAbsent(subject, LabelCounts::labelsOf);
        }

        private void count(GpuSample sample) {
            if (!sample.time().equals(instant)) {
                instant = sample.time();
                ofInstant.clear();
            }
            Series series = new Series(sample.subject().uuid(), sample.metric().name());
            if (ofInstant.add(new Key(series, sample.subject().seriesKey()))) {
                counts.computeIfAbsent(series, unused -> new LabelCounts()).add(labelsOf(sample.subject()), 1);
            }
        }
    }
}
