package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.examples.options.DatabaseOptions;
import io.gpufleet.telemetry.jdbc.monitor.ConsumerReports;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** What the commands that show reports have in common. */
final class Reports {
    private static final double PERCENT = 100;

    private Reports() {}

    static ConsumerReports of(DatabaseOptions database) {
        return database.schema()
                .map(name -> ConsumerReports.create(database.dataSource(), name))
                .orElseGet(() -> ConsumerReports.create(database.dataSource()));
    }

    /** A value for a table, null if it is not known. */
    static @Nullable Object value(OptionalLong number) {
        return number.isPresent() ? number.getAsLong() : null;
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
