package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.examples.options.DatabaseOptions;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.jdbc.monitor.ConsumerAlert;
import io.gpufleet.telemetry.jdbc.monitor.ConsumerReports;
import java.util.Collection;
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

    /** A lag for a table, null if it is not known how it is now; what it was is said by the recommendation. */
    static @Nullable Object lag(String status, OptionalLong reported) {
        return status.equals("UNKNOWN") ? null : value(reported);
    }

    /** A value for a table, null if it is not known. */
    static @Nullable Object value(OptionalLong number) {
        return number.isPresent() ? number.getAsLong() : null;
    }

    /** The exit code of a look at services, which is the same whatever is shown of them. */
    static int code(Collection<ConsumerAlert> alerts) {
        return alerts.stream().anyMatch(alert -> alert.actionRequired() == ConsumerAlert.Action.IMMEDIATE_ACTION)
                ? ExitCodes.NOT_SO
                : ExitCodes.OK;
    }

    /** Refuses to call all well where nothing was looked at. */
    static void requireSome(Collection<?> services) {
        if (services.isEmpty()) {
            throw new TelemetryException("No service is set or has reported in the last day: the ConsumerMonitor of a"
                    + " consumer reports; operator status looks at groups without one");
        }
    }

    /** A value for a table, null if it is not known. */
    static @Nullable Object value(OptionalDouble number) {
        return number.isPresent() ? number.getAsDouble() : null;
    }

    /** A share as percent, null if it is not known. */
    static @Nullable Object percent(OptionalDouble share) {
        return share.isPresent() ? share.getAsDouble() * PERCENT : null;
    }
}
