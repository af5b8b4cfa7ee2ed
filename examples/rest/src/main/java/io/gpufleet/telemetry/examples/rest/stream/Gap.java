package io.gpufleet.telemetry.examples.rest.stream;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Records that a client does not get. Immutable.
 *
 * @param partition the partition; null for all of them
 * @param from the offset that the client asked for, or was at; null if there is none
 * @param to the offset at which its stream goes on; null if the partition is not there
 * @param reason what happened
 */
record Gap(
        @Nullable Integer partition,
        @Nullable Long from,
        @Nullable Long to,
        String reason) {

    /** Returns its members in their order. */
    Map<String, @Nullable Object> members() {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        members.put("partition", partition);
        members.put("from", from);
        members.put("to", to);
        members.put("reason", reason);
        return members;
    }
}
