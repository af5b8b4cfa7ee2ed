package io.gpufleet.telemetry.examples.rest.clients;

import io.gpufleet.telemetry.examples.rest.http.AsksFor;
import io.gpufleet.telemetry.examples.rest.http.QueryParameter;
import io.gpufleet.telemetry.examples.rest.http.Question;
import io.gpufleet.telemetry.examples.rest.http.Takes;
import io.gpufleet.telemetry.heartbeat.ClientId;
import io.gpufleet.telemetry.jdbc.query.DailyQuery;
import io.gpufleet.telemetry.jdbc.query.HeartbeatQueries;
import io.gpufleet.telemetry.jdbc.query.MachineFilter;
import io.gpufleet.telemetry.jdbc.query.SampleQuery;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Duration;
import java.time.Instant;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** The answers about machines that send heartbeats. Thread-safe. */
@RestController
@AsksFor("heartbeats")
@Tag(name = "clients", description = "Machines that send heartbeats, and their devices")
final class ClientController {
    private static final String ID = "The id of the machine: 32 hexadecimal digits, in any case.";
    private static final Duration USUAL_SILENCE = Duration.ofMinutes(10);

    private final HeartbeatQueries queries;

    ClientController(HeartbeatQueries queries) {
        this.queries = queries;
    }

    @GetMapping("/api/v1/clients")
    @Operation(operationId = "clients", summary = "Returns the machines by id")
    @Takes({QueryParameter.LIMIT, QueryParameter.OFFSET, QueryParameter.SEEN_SINCE})
    ClientPage clients(Question question) {
        int limit = question.limit(SampleQuery.DEFAULT_LIMIT);
        long offset = question.offset();
        MachineFilter.Builder filter = MachineFilter.builder().limit(limit).offset(offset);
        question.since(QueryParameter.SEEN_SINCE).ifPresent(filter::seenSince);
        return ClientPage.of(queries.machines(filter.build()), limit, offset);
    }

    @GetMapping("/api/v1/clients/quiet")
    @Operation(
            operationId = "quietClients",
            summary = "Returns the machines without a heartbeat since a time, the longest silent first")
    @Takes({QueryParameter.SINCE, QueryParameter.LIMIT})
    QuietClients quiet(Question question) {
        int limit = question.limit(SampleQuery.DEFAULT_LIMIT);
        Instant since = question.since(QueryParameter.SINCE)
                .orElseGet(() -> Instant.now().minus(USUAL_SILENCE));
        return QuietClients.of(queries.quiet(since, limit), since, limit);
    }

    @GetMapping("/api/v1/clients/{id}")
    @Operation(operationId = "client", summary = "Returns a machine with all its devices")
    @Takes({})
    ClientState client(@Parameter(description = ID) @PathVariable String id) {
        return ClientState.of(queries.state(id));
    }

    @GetMapping("/api/v1/clients/{id}/devices")
    @Operation(operationId = "clientDevices", summary = "Returns the devices of a machine by number")
    @Takes({QueryParameter.LIMIT, QueryParameter.OFFSET})
    ClientDevicePage devices(@Parameter(description = ID) @PathVariable String id, Question question) {
        int limit = question.limit(SampleQuery.DEFAULT_LIMIT);
        long offset = question.offset();
        MachineFilter filter =
                MachineFilter.builder().client(id).limit(limit).offset(offset).build();
        return ClientDevicePage.of(queries.devices(filter), limit, offset);
    }

    @GetMapping("/api/v1/clients/{id}/stats")
    @Operation(operationId = "clientStatistics", summary = "Returns the daily statistics of a machine and its devices")
    @Takes({QueryParameter.FROM, QueryParameter.TO})
    ClientStatistics statistics(@Parameter(description = ID) @PathVariable String id, Question question) {
        DailyQuery.Builder days = DailyQuery.builder(id);
        question.day(QueryParameter.FROM).ifPresent(days::from);
        question.day(QueryParameter.TO).ifPresent(days::to);
        DailyQuery query = days.build();
        return new ClientStatistics(
                ClientId.parse(id).toString(),
                queries.dailyStatistics(query).stream().map(ClientDay::of).toList(),
                queries.deviceStatistics(query).stream().map(DeviceDay::of).toList());
    }
}
