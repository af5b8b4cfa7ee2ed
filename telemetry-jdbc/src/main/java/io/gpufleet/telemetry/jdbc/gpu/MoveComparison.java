package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.internal.RecordReader;
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
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A comparison of the samples of an old table with the stored ones, day by day. The old ones are read as a move reads
 * them, without a look at its progress. Used once, by one thread.
 */
final class MoveComparison {
    private static final Duration LONGEST_COUNT = Duration.ofHours(1);
    private static final int HOURS_OF_A_DAY = 24;

    private static final String KEPT = "SELECT 1 FROM {gpu_sample_retention} WHERE kept_from > ?";
    private static final String STORED =
            "SELECT uuid, metric_name, count(*) FROM {gpu_telemetry} WHERE ts >= ? AND ts <" + " ? GROUP BY 1, 2";

    /** A GPU and a metric. */
    private record Series(String uuid, String metric) {}

    /** What tells the samples of one time apart. */
    private record Key(Series series, long seriesKey) {}

    private final SampleTables.Builder options;
    private final Transactions old;
    private final RecordReader<GpuSample> reader;
    private final FlatTable table;
    private final Transactions transactions;
    private final List<Difference> differences = new ArrayList<>();
    private final Set<LocalDate> lackingDays = new TreeSet<>();
    private long compared;
    private long lacking;

    MoveComparison(SampleTables.Builder options, Transactions old, RecordReader<GpuSample> reader, FlatTable table) {
        this.options = options;
        this.old = old;
        this.reader = reader;
        this.table = table;
        this.transactions =
                new Transactions(options.dataSource, TransactionTimeouts.DEFAULT.withStatement(LONGEST_COUNT));
    }

    Comparison of(Collection<LocalDate> days) {
        for (LocalDate day : days) {
            if (transactions.call("gpu_sample_retention", connection -> isKept(connection, day))) {
                compare(day);
            }
        }
        return new Comparison(compared, lacking, differences);
    }

    /** Returns the days that lack samples. */
    Set<LocalDate> lackingDays() {
        return lackingDays;
    }

    private boolean isKept(Connection connection, LocalDate day) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(Identifier.qualifyAll(options.schema, KEPT))) {
            statement.setObject(1, day);
            try (ResultSet later = statement.executeQuery()) {
                return !later.next();
            }
        }
    }

    private void compare(LocalDate day) {
        Map<Series, Long> before = new OldDay().read(day);
        Map<Series, Long> stored = transactions.call("gpu_telemetry", connection -> stored(connection, day));
        Set<Series> all = new HashSet<>(before.keySet());
        all.addAll(stored.keySet());
        compared += all.size();
        List<Difference> found = all.stream()
                .map(series -> new Difference(
                        day,
                        series.uuid(),
                        series.metric(),
                        before.getOrDefault(series, 0L),
                        stored.getOrDefault(series, 0L)))
                .filter(difference -> difference.old() != difference.stored())
                .toList();
        long fewer = found.stream().filter(MoveComparison::isLacking).count();
        lacking += fewer;
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

    private static boolean isLacking(Difference difference) {
        return difference.stored() < difference.old();
    }

    private Map<Series, Long> stored(Connection connection, LocalDate day) throws SQLException {
        Map<Series, Long> stored = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(Identifier.qualifyAll(options.schema, STORED))) {
            statement.setObject(1, TableHour.beginOf(day));
            statement.setObject(2, TableHour.beginOf(day.plusDays(1)));
            statement.setFetchSize(options.chunkRows);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    stored.put(new Series(result.getString(1), result.getString(2)), result.getLong(3));
                }
            }
        }
        return stored;
    }

    /** The samples of a day of the old table, each key once: rows come in the order of time. */
    private final class OldDay {
        private final Map<Series, Long> counts = new HashMap<>();
        private final Set<Key> ofInstant = new HashSet<>();
        private Instant instant = Instant.MIN;

        Map<Series, Long> read(LocalDate day) {
            return old.call("table " + table.name(), connection -> {
                OffsetDateTime begin = TableHour.beginOf(day);
                try (TableRows rows = new TableRows(connection, table, begin, HOURS_OF_A_DAY, options.chunkRows)) {
                    read(rows);
                    return counts;
                }
            });
        }

        private void read(TableRows rows) throws SQLException {
            for (List<OldRow> next = rows.next(options.chunkRows);
                    !next.isEmpty();
                    next = rows.next(options.chunkRows)) {
                RowBatch.read(table.name(), next, reader).samples().forEach(this::count);
            }
        }

        private void count(Delivery<GpuSample> delivery) {
            GpuSample sample = delivery.value();
            if (!sample.time().equals(instant)) {
                instant = sample.time();
                ofInstant.clear();
            }
            Series series = new Series(sample.subject().uuid(), sample.metric().name());
            if (ofInstant.add(new Key(series, sample.subject().seriesKey()))) {
                counts.merge(series, 1L, Long::sum);
            }
        }
    }
}
