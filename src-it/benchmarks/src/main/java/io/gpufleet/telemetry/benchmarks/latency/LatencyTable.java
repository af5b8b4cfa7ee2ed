package io.gpufleet.telemetry.benchmarks.latency;

import io.gpufleet.telemetry.benchmarks.pipeline.Backlog;
import io.gpufleet.telemetry.benchmarks.pipeline.BacklogSettings;
import io.gpufleet.telemetry.benchmarks.pipeline.Database;
import io.gpufleet.telemetry.benchmarks.pipeline.Servers;
import io.gpufleet.telemetry.benchmarks.pipeline.TableProgram;
import io.gpufleet.telemetry.benchmarks.report.Extent;
import io.gpufleet.telemetry.benchmarks.report.Rounds;
import io.gpufleet.telemetry.benchmarks.report.Table;
import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.kafka.HeartbeatConsumer;
import io.gpufleet.telemetry.testkit.Await;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;

/**
 * The program that measures the time from a heartbeat's due time to its commit, at 1,000 a second, also with the
 * settings for a backlog.
 */
public final class LatencyTable {
    private static final int PER_SECOND = 1_000;
    private static final int CLIENTS = 10_000;
    private static final int PARTITIONS = 4;
    private static final double MICROS_PER_MILLI = 1_000;
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Duration START = Duration.ofSeconds(1);

    private LatencyTable() {}

    /**
     * Runs the program.
     *
     * @param arguments the extent
     */
    public static void main(String[] arguments) throws Exception {
        TableProgram.run(
                "From when a heartbeat is due until it is committed, " + Table.number(PER_SECOND, 0)
                        + " a second, in ms",
                LatencyTable::measure,
                arguments);
    }

    static Table measure(Servers servers, Extent extent) throws Exception {
        Table table = new Table("", "lanes", "p50", "p99", "p99.9", "largest", "p99 of each round");
        for (int lanes : extent.choose(List.of(1), List.of(1), List.of(1, 2))) {
            measure(servers, extent, new BacklogSettings(lanes, extent.choose(500, 5_000, 40_000)), table);
        }
        return table;
    }

    private static void measure(Servers servers, Extent extent, BacklogSettings settings, Table table)
            throws Exception {
        List<TimedSink> rounds = new ArrayList<>();
        for (int round = 0; round < extent.choose(1, 3, 3); round++) {
            Backlog fleet = new Backlog("paced-" + settings.lanes() + "-" + round, 0, 1, CLIENTS, PARTITIONS);
            servers.broker().createTopic(fleet.topic(), PARTITIONS);
            rounds.add(round(
                    servers,
                    fleet,
                    settings,
                    Duration.ofSeconds(extent.choose(0, 3, 30)),
                    Duration.ofSeconds(extent.choose(2, 5, 60))));
        }
        add(table, settings, rounds);
    }

    private static TimedSink round(
            Servers servers, Backlog fleet, BacklogSettings settings, Duration warmUp, Duration duration)
            throws Exception {
        try (Database database = Database.installed(servers, settings.connections(), "", schema -> {})) {
            Instant from = Instant.now().plus(START);
            TimedSink sink = new TimedSink(HeartbeatSink.create(database.pool()), from.plus(warmUp));
            Duration all = warmUp.plus(duration);
            try (BatchingConsumer consumer = HeartbeatConsumer.builder(BincodeHeartbeatCodec.fixed(), sink)
                    .bootstrapServers(servers.broker().bootstrapServers())
                    .topics(fleet.topic())
                    .groupId(fleet.topic())
                    .batching(settings.batching())
                    .concurrency(settings.lanes())
                    .start()) {
                new PacedFleet(servers.broker().bootstrapServers(), fleet, PER_SECOND).send(from, all);
                long sent = all.toSeconds() * PER_SECOND;
                Await.until(
                        sent + " heartbeats",
                        LIMIT,
                        () -> consumer.termination().isDone() || sink.committed() == sent);
                if (sink.committed() != sent) {
                    consumer.termination().join();
                }
            }
            return sink;
        }
    }

    private static void add(Table table, BacklogSettings settings, List<TimedSink> rounds) {
        add(table, "committed", settings, rounds.stream().map(TimedSink::ages).toList());
        add(table, "one write", settings, rounds.stream().map(TimedSink::writes).toList());
        double reached = median(rounds, sink -> percentile(sink.ages(), 99));
        double wanted = settings.batching().linger().toMillis() + median(rounds, sink -> percentile(sink.writes(), 99));
        table.add(
                "p99: linger and one write",
                lanes(settings),
                "",
                Table.number(wanted, 1),
                "",
                "",
                reached <= wanted ? "met" : "missed");
    }

    private static void add(Table table, String name, BacklogSettings settings, List<Histogram> rounds) {
        table.add(
                name,
                lanes(settings),
                Table.number(median(rounds, round -> percentile(round, 50)), 1),
                Table.number(median(rounds, round -> percentile(round, 99)), 1),
                Table.number(median(rounds, round -> percentile(round, 99.9)), 1),
                Table.number(median(rounds, round -> percentile(round, 100)), 1),
                rounds.stream()
                        .map(round -> Table.number(percentile(round, 99), 1))
                        .collect(Collectors.joining(" ")));
    }

    private static String lanes(BacklogSettings settings) {
        return Integer.toString(settings.lanes());
    }

    private static <R> double median(List<R> rounds, ToDoubleFunction<R> figure) {
        return Rounds.of(rounds, figure).median();
    }

    private static double percentile(Histogram micros, double percent) {
        return micros.getValueAtPercentile(percent) / MICROS_PER_MILLI;
    }
}
