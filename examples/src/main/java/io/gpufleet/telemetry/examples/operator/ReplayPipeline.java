package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.examples.options.DatabaseOptions;
import io.gpufleet.telemetry.examples.options.GpuTableOptions;
import io.gpufleet.telemetry.examples.samples.DecoderOptions;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSampleValidator;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.heartbeat.HeartbeatValidator;
import io.gpufleet.telemetry.jdbc.DeadLetterReplayer;
import io.gpufleet.telemetry.jdbc.DeadLetterSelection;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.ReplayResult;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options for the pipeline of a replay, with its values, decoder and tables. A mixin. Not thread-safe. */
final class ReplayPipeline {
    @Option(
            names = "--values",
            paramLabel = "<values>",
            description = {
                "The values of the letters: heartbeats or samples (default: those whose tables are installed).",
                "The other options below are those of the group's consumer, and must be the same; samples of any age"
                        + " are accepted."
            })
    private @Nullable Values values;

    @Mixin
    private final HeartbeatLayout heartbeats = new HeartbeatLayout();

    @Mixin
    private final DecoderOptions decoder = new DecoderOptions();

    @Mixin
    private final GpuTableOptions gpus = new GpuTableOptions();

    /** The values of dead letters. */
    enum Values {
        HEARTBEATS,
        SAMPLES
    }

    /**
     * Replays letters through the pipeline of their values.
     *
     * @throws IllegalArgumentException if the values or their tables must be named
     */
    ReplayResult replay(String group, DeadLetterSelection letters, DatabaseOptions database) throws SQLException {
        Tables tables = new Tables(database);
        return switch (values == null ? installed(tables) : values) {
            case HEARTBEATS -> replayHeartbeats(group, letters, database);
            case SAMPLES -> replaySamples(group, letters, database, tables);
        };
    }

    private static Values installed(Tables tables) throws SQLException {
        Set<Capability> installed = tables.installed();
        boolean samples = installed.contains(Capability.GPU_SAMPLES);
        if (samples && installed.contains(Capability.HEARTBEATS)) {
            throw new IllegalArgumentException(
                    "--values: heartbeats or samples must be named, since the tables of both are installed");
        }
        return samples ? Values.SAMPLES : Values.HEARTBEATS;
    }

    private ReplayResult replayHeartbeats(String group, DeadLetterSelection letters, DatabaseOptions database) {
        DeadLetterReplayer.Builder<Heartbeat> replayer = replayer(group, letters, database);
        return replayer.build()
                .through(
                        built(heartbeats.sink(database.dataSource()), database.schema()),
                        BincodeHeartbeatCodec.fixed(),
                        HeartbeatValidator.builder().anyAge().build());
    }

    private ReplayResult replaySamples(
            String group, DeadLetterSelection letters, DatabaseOptions database, Tables tables) throws SQLException {
        gpus.check();
        if (!gpus.isNamed() && tables.hasWideRows()) {
            throw new IllegalArgumentException(
                    "--layout: long, wide or both must be named, as for the group's consumer: gpu_metrics has rows, which"
                            + " layout long would leave without the samples");
        }
        DeadLetterReplayer.Builder<GpuSample> replayer = replayer(group, letters, database);
        return replayer.eventTime((sample, source) -> Optional.of(sample.time()))
                .build()
                .through(
                        built(gpus.sink(database.dataSource(), tables.gpuLayout()), database.schema()),
                        decoder.decoder(),
                        GpuSampleValidator.builder().anyAge().build());
    }

    /** Returns a replayer of letters whatever their values. */
    static <T> DeadLetterReplayer.Builder<T> replayer(
            String group, DeadLetterSelection letters, DatabaseOptions database) {
        DeadLetterReplayer.Builder<T> replayer = DeadLetterReplayer.builder(database.dataSource(), group);
        database.schema().ifPresent(replayer::schema);
        return replayer.selection(letters);
    }

    private static <T> PostgresSink<T> built(PostgresSink.Builder<T> sink, Optional<String> schema) {
        schema.ifPresent(sink::schema);
        return sink.build();
    }
}
