package io.gpufleet.telemetry.benchmarks.footprint;

import io.gpufleet.telemetry.benchmarks.pipeline.Database;
import io.gpufleet.telemetry.benchmarks.pipeline.Servers;
import io.gpufleet.telemetry.benchmarks.pipeline.TableProgram;
import io.gpufleet.telemetry.benchmarks.report.Extent;
import io.gpufleet.telemetry.benchmarks.report.Table;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.testkit.ForkedJvm;
import io.gpufleet.telemetry.testkit.GpuFleetGenerator;
import io.gpufleet.telemetry.testkit.TestRecord;
import java.io.ByteArrayOutputStream;
import java.sql.SQLException;
import java.time.Duration;
import java.util.stream.IntStream;

/**
 * The program that measures a consumer with 128 MiB of heap and a backlog of large scrapes: each message has the 2,470
 * samples of 247 GPUs, as a collector of a whole fleet sends them.
 */
public final class ScrapeFootprintTable {
    private static final String TOPIC = "scrape-footprint";
    private static final String HEAP = "-Xmx128m";
    private static final int SAMPLES = 2_470;
    private static final int PARTITIONS = 4;
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final double MEBIBYTE = 1 << 20;
    private static final double KIBIBYTES = 1 << 10;
    private static final GpuFleetGenerator FLEET = GpuFleetGenerator.builder()
            .gpus(247)
            .metrics(GpuFleetGenerator.Metrics.FEW)
            .build();

    private ScrapeFootprintTable() {}

    /**
     * Runs the program.
     *
     * @param arguments the extent
     */
    public static void main(String[] arguments) throws Exception {
        TableProgram.run(
                "A consumer of GPU samples with its defaults in a JVM of its own, " + HEAP,
                ScrapeFootprintTable::measure,
                arguments);
    }

    static Table measure(Servers servers, Extent extent) throws SQLException {
        int scrapes = extent.choose(10, 200, 1_000);
        long bytes = publish(servers, scrapes);
        Table table = new Table("samples a message", "messages", "MiB", "written", "most heap MiB", "most memory MiB");
        String[] figures = run(servers, (long) scrapes * SAMPLES);
        table.add(
                Table.number(SAMPLES, 0),
                Table.number(scrapes, 0),
                Table.number(bytes / MEBIBYTE, 0),
                Table.number(Double.parseDouble(figures[1]), 0),
                Table.number(Double.parseDouble(figures[4]) / MEBIBYTE, 0),
                Table.number(Double.parseDouble(figures[5]) / KIBIBYTES, 0));
        return table;
    }

    /** Publishes the backlog, and returns the bytes of its messages. */
    private static long publish(Servers servers, int scrapes) {
        servers.broker().createTopic(TOPIC, PARTITIONS);
        Iterable<TestRecord> messages = () -> IntStream.range(0, scrapes)
                .mapToObj(number -> TestRecord.of(null, scrape(number), FLEET.time(0, number)))
                .iterator();
        servers.broker().publish(TOPIC, messages);
        return (long) scrapes * scrape(0).length;
    }

    /** Returns the texts of all hosts one after another. */
    private static byte[] scrape(int number) {
        ByteArrayOutputStream texts = new ByteArrayOutputStream();
        for (int host = 0; host < FLEET.hosts(); host++) {
            FLEET.records(host, number).forEach(message -> texts.writeBytes(message.value()));
        }
        return texts.toByteArray();
    }

    private static String[] run(Servers servers, long wanted) throws SQLException {
        try (Database database = Database.installed(servers, 1, "", TelemetrySchema.Builder::gpuSamples);
                ForkedJvm consumer = ForkedJvm.builder(ScrapeConsumer.class)
                        .longLived()
                        .jvmArguments(HEAP, "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn")
                        .arguments(
                                servers.broker().bootstrapServers(), database.jdbcUrl(), TOPIC, Long.toString(wanted))
                        .start()) {
            return consumer.awaitLine(WatchedRun.FIGURES, LIMIT).split(" ", -1);
        }
    }
}
