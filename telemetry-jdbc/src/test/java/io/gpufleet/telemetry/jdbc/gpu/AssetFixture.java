package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.Decoder;
import io.gpufleet.telemetry.gpu.GpuAsset;
import io.gpufleet.telemetry.gpu.MetricEvent;
import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Assets, a text form of them, and databases with their table. */
final class AssetFixture {
    /** An asset of which everything is known. */
    static final GpuAsset WHOLE = new GpuAsset(
            "GPU-whole",
            "NVIDIA H100 80GB HBM3",
            "Hopper",
            "9.0",
            OptionalInt.of(80),
            new MetricEvent.Host("node-031", "c1", "r7", "fra1"),
            "00000000:18:00.0",
            "eu",
            Optional.of(LocalDate.of(2024, 2, 29)),
            Optional.of(LocalDate.of(1969, 12, 31)),
            Optional.of(LocalDate.of(2027, 4, 1)),
            Optional.of(LocalDate.of(9999, 12, 31)),
            "gold",
            "1",
            Map.of("cost-center", "4711", "team", "vis\"ion\\"),
            "ä note,\nof two lines");

    /** A decoder of lines such as {@code GPU-1 H100}; a line without a blank is refused, and the end of all is END. */
    static final Decoder<GpuAsset> LINES = (source, values) -> {
        for (String line :
                StandardCharsets.UTF_8.decode(source).toString().lines().toList()) {
            String[] words = line.split(" ", -1);
            if (line.equals("END")) {
                throw new CodecException("the end", 0);
            } else if (words.length == 2) {
                values.accept(asset(words[0], words[1]));
            } else {
                values.refuse("\"" + line + "\" has no model");
            }
        }
    };

    private AssetFixture() {}

    static GpuAsset asset(String uuid, String model) {
        return GpuAsset.of(uuid, model, MetricEvent.Host.of("n1"));
    }

    /** Returns a database with the tables of positions and of GPUs. */
    static Database database(PostgresVersion version) {
        Database database = version.database();
        TelemetrySchema.builder(database.dataSource())
                .gpuSamples()
                .build()
                .sql()
                .forEach(database::execute);
        return database;
    }
}
