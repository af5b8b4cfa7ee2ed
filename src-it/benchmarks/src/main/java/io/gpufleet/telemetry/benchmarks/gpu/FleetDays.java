package io.gpufleet.telemetry.benchmarks.gpu;

import io.gpufleet.telemetry.benchmarks.pipeline.Database;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.testkit.GpuFleetGenerator;
import io.gpufleet.telemetry.testkit.GpuFleetRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * Days of samples of a simulated fleet, 25 metrics of a GPU, as rows of {@code gpu_sample} in the order of their times.
 * Immutable.
 *
 * @param gpus the number of GPUs
 * @param days the number of days, the first one {@link #FIRST}
 * @param everySeconds the distance of the scrapes
 * @param times how exact the distance is
 * @param isConstant whether all values are the same
 */
record FleetDays(int gpus, int days, int everySeconds, Times times, boolean isConstant) {
    static final LocalDate FIRST = LocalDate.parse("2026-03-01");
    static final int GPUS_OF_A_HOST = 8;

    private static final int MOST_JITTER_MICROS = 2_000_000;
    private static final String COPY = "COPY gpu_sample (ts, series_key, metric_value, labels_id, gpu_no, metric_no,"
            + " instance, scope, quality) FROM STDIN";

    /** The times of the samples of a scrape. */
    enum Times {
        /** Those of the scrape. */
        REGULAR,
        /** Up to two seconds later, the same for all metrics of a GPU. */
        JITTERED,
        /** Up to two seconds later, another time for each metric. */
        APART
    }

    long scrapes() {
        return Duration.ofDays(days).toSeconds() / everySeconds;
    }

    /** Creates the days, and copies the samples into them. */
    void copyInto(Database database) throws SQLException, IOException {
        for (int day = 0; day < days; day++) {
            LocalDate from = FIRST.plusDays(day);
            database.execute(
                    "CREATE TABLE gpu_sample_%s PARTITION OF gpu_sample FOR VALUES FROM ('%s 00:00+00') TO ('%s 00:00+00')"
                            .formatted(from.toString().replace("-", ""), from, from.plusDays(1)));
        }
        try (Connection connection = database.pool().getConnection()) {
            CopyIn copy = connection.unwrap(PGConnection.class).getCopyAPI().copyIn(COPY);
            Rows rows = new Rows();
            for (long scrape = 0; scrape < scrapes(); scrape++) {
                byte[] lines = rows.of(scrape).getBytes(StandardCharsets.US_ASCII);
                copy.writeToCopy(lines, 0, lines.length);
            }
            copy.endCopy();
            rows.insertNumbers(database);
        }
        database.execute("VACUUM ANALYZE");
    }

    /** The rows, and the numbers in them. */
    private final class Rows {
        private final GpuFleetGenerator fleet = GpuFleetGenerator.builder()
                .gpus(gpus)
                .start(FIRST.atStartOfDay().toInstant(ZoneOffset.UTC))
                .interval(Duration.ofSeconds(everySeconds))
                .build();
        private final SplittableRandom random = new SplittableRandom(7);
        private final Map<String, Integer> gpuNumbers = new HashMap<>();
        private final Map<String, Integer> metricNumbers = new HashMap<>();

        String of(long scrape) {
            StringBuilder lines = new StringBuilder();
            for (int host = 0; host < fleet.hosts(); host++) {
                for (GpuFleetRecord message : fleet.records(host, scrape)) {
                    add(lines, message);
                }
            }
            return lines.toString();
        }

        private void add(StringBuilder lines, GpuFleetRecord message) {
            Map<Integer, Long> jitter = new HashMap<>();
            for (GpuSample sample : message.samples()) {
                int gpu = gpuNumbers.computeIfAbsent(sample.subject().uuid(), uuid -> gpuNumbers.size() + 1);
                int metric = metricNumbers.computeIfAbsent(sample.metric().name(), name -> metricNumbers.size() + 1);
                long shared = jitter.computeIfAbsent(gpu, number -> (long) random.nextInt(MOST_JITTER_MICROS));
                long micros = switch (times) {
                    case REGULAR -> 0;
                    case JITTERED -> shared;
                    case APART -> random.nextInt(MOST_JITTER_MICROS);
                };
                Instant time =
                        message.timestamp().truncatedTo(ChronoUnit.SECONDS).plus(micros, ChronoUnit.MICROS);
                lines.append(String.format(
                        Locale.ROOT,
                        "%s\t0\t%s\t%d\t%d\t%d\t\t0\t0\n",
                        time,
                        isConstant ? 42.0 : sample.value(),
                        gpu,
                        gpu,
                        metric));
            }
        }

        void insertNumbers(Database database) throws SQLException {
            for (Map.Entry<String, Integer> gpu : gpuNumbers.entrySet()) {
                database.execute(
                        "INSERT INTO gpu (gpu_no, uuid) VALUES (%d, '%s')".formatted(gpu.getValue(), gpu.getKey()));
                database.execute("INSERT INTO gpu_labels VALUES (%d, 'host', '', '', '', 0, '', '', '', '{}', '%s')"
                        .formatted(gpu.getValue(), FIRST));
            }
            database.execute("ALTER TABLE gpu ALTER gpu_no RESTART WITH " + (gpuNumbers.size() + 1));
            for (Map.Entry<String, Integer> metric : metricNumbers.entrySet()) {
                database.execute("INSERT INTO gpu_metric (metric_no, metric_name) VALUES (%d, '%s')"
                        .formatted(metric.getValue(), metric.getKey()));
            }
        }
    }
}
