package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.config.SettingEffect;
import io.gpufleet.telemetry.config.SettingExplanation;
import io.gpufleet.telemetry.examples.options.DatabaseOptions;
import io.gpufleet.telemetry.jdbc.config.ConsumerConfigLoader;
import java.time.Duration;
import java.util.Locale;

/** The shared parts of the commands about settings. */
final class Settings {
    private Settings() {}

    /** Returns a loader for a single query, which need not listen. */
    static ConsumerConfigLoader loader(DatabaseOptions database) {
        ConsumerConfigLoader.Builder builder =
                ConsumerConfigLoader.builder(database.dataSource()).pollEvery(Duration.ofMinutes(1));
        database.schema().ifPresent(builder::schema);
        return builder.build();
    }

    /** Returns the failure for a service without a row, whose name is probably mistyped. */
    static TelemetryException unknown(String service, ConsumerConfigLoader loader, String advice) {
        String known = String.join(", ", loader.services());
        return new TelemetryException("Service \"" + service + "\" has no row in pipeline_consumer_configs"
                + (known.isEmpty() ? ", nor has any other" : "; those that have one: " + known) + advice);
    }

    /** Returns the origin of a value: row, or default. */
    static String origin(SettingExplanation explained) {
        return explained.origin().name().toLowerCase(Locale.ROOT);
    }

    /** Returns the time at which a running consumer applies a change. */
    static String when(SettingEffect effect) {
        return switch (effect) {
            case NEXT_BATCH -> "with the next batch";
            case NEW_CLIENT -> "at once, with a new client";
            case NEXT_START -> "when it starts again";
            case IGNORED -> "never";
        };
    }
}
