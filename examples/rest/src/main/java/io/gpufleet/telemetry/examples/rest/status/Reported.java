package io.gpufleet.telemetry.examples.rest.status;

import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The values of reports, null where they are unknown. */
final class Reported {
    private Reported() {}

    /** Returns a lag; null if it is out of date. */
    static @Nullable Long lag(String status, OptionalLong lag) {
        return status.equals("UNKNOWN") || lag.isEmpty() ? null : lag.getAsLong();
    }

    static @Nullable Double value(OptionalDouble number) {
        return number.isPresent() ? number.getAsDouble() : null;
    }
}
