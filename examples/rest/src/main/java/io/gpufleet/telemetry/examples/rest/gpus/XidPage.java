package io.gpufleet.telemetry.examples.rest.gpus;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.gpufleet.telemetry.jdbc.query.XidEvent;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;

/**
 * A page of Xid events. Immutable.
 *
 * @param limit the size of the page, as asked
 * @param offset the number of events before the page
 * @param count the number of events of the page
 * @param results the events, the newest first
 */
@Schema(description = "A page of Xid events, the newest first")
record XidPage(int limit, long offset, int count, List<Event> results) {
    /**
     * The change of the last Xid of a GPU to another one.
     *
     * @param timestamp the time of the first sample with it
     * @param uuid the GPU
     * @param xid its number
     * @param hostname the host at that time; empty if unknown
     * @param instance the part of the GPU; absent for the whole GPU
     */
    @Schema(name = "XidEvent", description = "The change of the last Xid of a GPU to another one")
    record Event(
            Instant timestamp,
            String uuid,
            int xid,
            String hostname,

            @Schema(description = "The part of the GPU, absent for the whole GPU")
            @JsonInclude(JsonInclude.Include.NON_EMPTY)
            String instance) {}

    static XidPage of(int limit, long offset, List<XidEvent> events) {
        return new XidPage(
                limit,
                offset,
                events.size(),
                events.stream()
                        .map(event ->
                                new Event(event.time(), event.uuid(), event.xid(), event.hostname(), event.instance()))
                        .toList());
    }
}
