package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.examples.options.DatabaseOptions;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.jdbc.monitor.ConsumerAlert;
import io.gpufleet.telemetry.jdbc.monitor.ConsumerReports;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The shared parts of the commands that show reports. */
final class Reports {
    private static final double PERCENT = 100;

    private Reports() {}

    static ConsumerReports of(DatabaseOptions database) {
        return database.schema()
                .map(name -> ConsumerReports.create(database.dataSource(), name))
                .orElseGet(() -> ConsumerReports.create(database.dataSource()));
    }

    /** Returns a lag for a table; null if the current lag is unknown, and then the recommendation has the last one. */
    static @Nullable Object lag(String status, OptionalLong reported) {
        return status.equals("UNKNOWN") ? null : value(reported);
    }

    /** Returns how long ago a service has reported. */
    static String reported(Optional<Duration> age) {
        return age.map(Ages::ago).orElse("never");
    }

    /** Returns a value for a table; null if it is unknown. */
    static @Nullable Object value(OptionalLong number) {
        return number.isPresent() ? number.getAsLong() : null;
    }

    /** Returns the exit code for services, which does not depend on the filter of the output. */
    static int code(Collection<ConsumerAlert> alerts) {
        return alerts.stream().anyMatch(alert -> alert.actionRequired() == ConsumerAlert.Action.IMMEDIATE_ACTION)
                ? ExitCodes.NOT_SO
                : ExitCodes.OK;
    }

    /** Throws if there are no services, so that an empty answer does not look healthy. */
    static void requireSome(Collection<?> services) {
        if (services.isEmpty()) {
            throw new TelemetryException(
                    "No service has settings or has reported in the last day: the ConsumerMonitor of a"
                            + " consumer reports; operator status shows groups without one");
        }
    }

    /** Returns a value for a table; null if it is unknown. */
    static @Nullable Object value(OptionalDouble number) {
        return number.isPresent() ? number.getAsDouble() : null;
    }

    /** Returns a share as percent; null if it is unknown. */
    static @Nullable Object percent(OptionalDouble share) {
        return share.isPresent() ? share.getAsDouble() * PERCENT : null;
    }
}
