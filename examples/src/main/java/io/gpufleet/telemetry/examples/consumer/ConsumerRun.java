package io.gpufleet.telemetry.examples.consumer;

import static java.util.Objects.requireNonNull;

import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.examples.options.DatabaseOptions;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.examples.options.KafkaOptions;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * The options that the ready consumers share, and their run: until SIGTERM or SIGINT, or until they fail. A picocli
 * mixin. Not thread-safe.
 */
final class ConsumerRun {
    private static final int BESIDE_THE_LANES = 2;
    private static final Duration DATABASE_LIMIT = Duration.ofSeconds(5);

    @Mixin
    private DatabaseOptions database = new DatabaseOptions();

    @Mixin
    private KafkaOptions kafka = new KafkaOptions();

    @Mixin
    private BatchOptions batches = new BatchOptions();

    @Option(
            names = "--no-install-schema",
            defaultValue = "${env:TELEMETRY_NO_INSTALL_SCHEMA:-false}",
            description = {
                "Does not create tables; also set by TELEMETRY_NO_INSTALL_SCHEMA=true.",
                "Otherwise missing tables are created."
            })
    private boolean noInstallSchema;

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    /** What is consumed, and as which group. */
    record Source(String topic, String group) {}

    /**
     * Consumes until the end.
     *
     * @param tables chooses the tables
     * @param sink makes the sink for a pool
     * @param consumer makes the consumer for a sink
     * @return the exit code
     */
    <T> int run(
            Source source,
            UnaryOperator<TelemetrySchema.Builder> tables,
            Function<DataSource, PostgresSink.Builder<T>> sink,
            Function<PostgresSink<T>, BatchingConsumer.Builder<T>> consumer) {
        PrintWriter out = requireNonNull(command, "command").commandLine().getOut();
        PrintWriter errors = requireNonNull(command, "command").commandLine().getErr();
        try (EndBySignal signal = EndBySignal.install(batches.shutdownTimeout(), errors);
                HikariDataSource pool = new HikariDataSource(
                        database.poolSettings(batches.concurrency() + BESIDE_THE_LANES, DATABASE_LIMIT))) {
            // The settings are checked before anything is written.
            BatchingConsumer.Builder<T> builder = complete(consumer.apply(built(sink.apply(pool))), source);
            if (!noInstallSchema) {
                schema(tables.apply(TelemetrySchema.builder(pool))).install();
            }
            try (BatchingConsumer running = builder.start()) {
                signal.ends(running);
                out.println(
                        "Consuming " + source.topic() + " of " + kafka + " as " + source.group() + " into " + database);
                out.flush();
                running.termination().join();
            }
        }
        return ExitCodes.OK;
    }

    BatchOptions batches() {
        return batches;
    }

    private <T> PostgresSink<T> built(PostgresSink.Builder<T> sink) {
        database.schema().ifPresent(sink::schema);
        return sink.build();
    }

    private TelemetrySchema schema(TelemetrySchema.Builder schema) {
        database.schema().ifPresent(schema::schema);
        return schema.build();
    }

    private <T> BatchingConsumer.Builder<T> complete(BatchingConsumer.Builder<T> consumer, Source source) {
        batches.bufferBytes().ifPresent(consumer::bufferBytes);
        return consumer.bootstrapServers(kafka.bootstrapServers())
                .overrides(kafka.clientProperties())
                .topics(source.topic())
                .groupId(source.group())
                .concurrency(batches.concurrency());
    }
}
