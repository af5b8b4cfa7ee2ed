package io.gpufleet.telemetry.examples.consumer;

import static java.util.Objects.requireNonNull;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.examples.options.DatabaseOptions;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.examples.options.KafkaOptions;
import io.gpufleet.telemetry.examples.options.Program;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.heartbeat.HeartbeatValidator;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.kafka.HeartbeatConsumer;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * How do I run the consumer without writing a service? As this program. On SIGTERM it writes the records in flight and
 * ends with exit code 0 if all of them are written. Not thread-safe.
 */
@Command(
        name = "heartbeat-consumer",
        description = "Consumes heartbeats from Kafka into PostgreSQL, exactly once, until it is stopped.")
public final class HeartbeatConsumerMain implements Callable<Integer> {
    private static final int BESIDE_THE_LANES = 2;
    private static final Duration DATABASE_LIMIT = Duration.ofSeconds(5);

    @Mixin
    private DatabaseOptions database = new DatabaseOptions();

    @Mixin
    private KafkaOptions kafka = new KafkaOptions();

    @Mixin
    private BatchOptions batches = new BatchOptions();

    @Option(
            names = "--topic",
            paramLabel = "<name>",
            defaultValue = "${env:TELEMETRY_TOPIC:-" + HeartbeatConsumer.TOPIC + "}",
            description = "The topic, else from TELEMETRY_TOPIC (default: " + HeartbeatConsumer.TOPIC + ").")
    private String topic = HeartbeatConsumer.TOPIC;

    @Option(
            names = "--group",
            paramLabel = "<name>",
            defaultValue = "${env:TELEMETRY_GROUP:-" + HeartbeatConsumer.GROUP_ID + "}",
            description = {
                "The consumer group, else from TELEMETRY_GROUP (default: " + HeartbeatConsumer.GROUP_ID + ").",
                "Positions are stored under its name: a new name reads everything again."
            })
    private String group = HeartbeatConsumer.GROUP_ID;

    @Option(
            names = "--any-age",
            description = {
                "Accepts heartbeats of any age, for a backfill.",
                "Otherwise those more than 30 days behind the clock are dead-lettered."
            })
    private boolean anyAge;

    @Option(
            names = "--no-install-schema",
            defaultValue = "${env:TELEMETRY_NO_INSTALL_SCHEMA:-false}",
            description = {
                "Does not create tables; also set by TELEMETRY_NO_INSTALL_SCHEMA=true.",
                "Otherwise missing tables are created."
            })
    private boolean noInstallSchema;

    @Spec
    private @Nullable CommandSpec spec;

    /**
     * Runs the program and ends the JVM.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        System.exit(Program.run(Program.commandLine(new HeartbeatConsumerMain()), arguments));
    }

    @Override
    public Integer call() {
        try (EndBySignal signal = EndBySignal.install(batches.shutdownTimeout(), err());
                HikariDataSource pool = new HikariDataSource(poolSettings())) {
            BatchingConsumer.Builder<Heartbeat> builder = consumer(pool);
            if (!noInstallSchema) {
                schema(pool).install();
            }
            try (BatchingConsumer consumer = builder.start()) {
                signal.ends(consumer);
                out().println("Consuming " + topic + " of " + kafka + " as " + group + " into " + database);
                out().flush();
                consumer.termination().join();
            }
        }
        return ExitCodes.OK;
    }

    /** Checks the settings, before anything is written. */
    private BatchingConsumer.Builder<Heartbeat> consumer(DataSource pool) {
        PostgresSink.Builder<Heartbeat> sink = HeartbeatSink.builder(pool);
        database.schema().ifPresent(sink::schema);
        BatchingConsumer.Builder<Heartbeat> consumer =
                HeartbeatConsumer.builder(BincodeHeartbeatCodec.fixed(), sink.build());
        batches.bufferBytes().ifPresent(consumer::bufferBytes);
        return consumer.validator(validator())
                .bootstrapServers(kafka.bootstrapServers())
                .overrides(kafka.clientProperties())
                .topics(topic)
                .groupId(group)
                .batching(batches.policy())
                .concurrency(batches.concurrency());
    }

    private HeartbeatValidator validator() {
        HeartbeatValidator.Builder validator = HeartbeatValidator.builder();
        return anyAge ? validator.anyAge().build() : validator.build();
    }

    private TelemetrySchema schema(DataSource pool) {
        TelemetrySchema.Builder schema = TelemetrySchema.builder(pool);
        database.schema().ifPresent(schema::schema);
        return schema.build();
    }

    private HikariConfig poolSettings() {
        HikariConfig settings = new HikariConfig();
        settings.setJdbcUrl(database.jdbcUrl());
        database.user().ifPresent(settings::setUsername);
        database.password().ifPresent(settings::setPassword);
        database.loginSeconds()
                .ifPresent(seconds -> settings.addDataSourceProperty("loginTimeout", Integer.toString(seconds)));
        settings.setMaximumPoolSize(batches.concurrency() + BESIDE_THE_LANES);
        settings.setInitializationFailTimeout(DATABASE_LIMIT.toMillis());
        settings.setConnectionTimeout(DATABASE_LIMIT.toMillis());
        return settings;
    }

    private PrintWriter out() {
        return requireNonNull(spec, "spec").commandLine().getOut();
    }

    private PrintWriter err() {
        return requireNonNull(spec, "spec").commandLine().getErr();
    }
}
