package io.gpufleet.telemetry.examples.rest.status;

import io.gpufleet.telemetry.examples.rest.http.AsksFor;
import io.gpufleet.telemetry.examples.rest.http.Takes;
import io.gpufleet.telemetry.jdbc.monitor.ConsumerReports;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The answers about the consumers, from what they have reported to the database. Thread-safe. */
@RestController
@AsksFor("consumer reports")
@Tag(name = "status", description = "The consumers that fill the tables")
final class StatusController {
    private final ConsumerReports reports;

    StatusController(ConsumerReports reports) {
        this.reports = reports;
    }

    @GetMapping("/api/v1/stats")
    @Operation(operationId = "stats", summary = "Returns the lag and the performance of each service")
    @Takes({})
    ServicePage stats() {
        return ServicePage.of(reports.performance());
    }

    @GetMapping("/api/v1/status")
    @Operation(operationId = "status", summary = "Returns the services that need attention")
    @Takes({})
    StatusReport status() {
        return StatusReport.of(reports.performance().size(), reports.alerts());
    }
}
