package io.gpufleet.telemetry.examples.quickstart;

import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.kafka.HeartbeatConsumer;
import io.gpufleet.telemetry.testkit.FleetRecord;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import java.io.PrintStream;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import javax.sql.DataSource;

/** The way of a fleet's heartbeats from the topic to the tables, shown on the terminal. Not thread-safe. */
final class Demonstration {
    static final int LANES = 2;
    static final String BEHIND_AT_FIRST = ", which is behind at first: all records are there already";

    private static final int PARTITIONS = 4;

    private final TelemetryStack stack;
    private final DataSource database;
    private final PrintStream out;
    private final StepLog steps;

    Demonstration(TelemetryStack stack, DataSource database, PrintStream out, StepLog steps) {
        this.stack = stack;
        this.database = database;
        this.out = out;
        this.steps = steps;
    }

    void publishAndConsume(SimulatedFleet fleet) throws ExecutionException, InterruptedException {
        TelemetrySchema.create(database).install();
        steps.add("Installed the tables");
        publish(fleet);
        consume(fleet.records().size());
    }

    private void publish(SimulatedFleet fleet) {
        stack.createTopic(HeartbeatConsumer.TOPIC, PARTITIONS, Map.of("retention.ms", "-1"));
        stack.publish(HeartbeatConsumer.TOPIC, fleet.records());
        steps.add("Published " + fleet);
        steps.add("Among them " + fleet.count(FleetRecord.Kind.DAMAGED) + " with damaged bytes and "
                + fleet.count(FleetRecord.Kind.REFUSED) + " with values that must be refused");
    }

    private void consume(int records) throws ExecutionException, InterruptedException {
        try (BatchingConsumer consumer = HeartbeatConsumer.builder(
                        BincodeHeartbeatCodec.fixed(), HeartbeatSink.create(database))
                .bootstrapServers(stack.bootstrapServers())
                .concurrency(LANES)
                .start()) {
            steps.add("Consuming " + HeartbeatConsumer.TOPIC + " as " + HeartbeatConsumer.GROUP_ID + BEHIND_AT_FIRST);
            new Consumption(consumer, records, "heartbeats", out).await();
        }
    }

    void report() throws SQLException {
        for (Report report : FleetReports.ALL) {
            report.answer(database).print(out);
        }
    }

    /** Prints the checks, and returns whether they hold. */
    boolean proves(SimulatedFleet fleet) throws SQLException {
        return new Proof(database, fleet).print(out);
    }
}
