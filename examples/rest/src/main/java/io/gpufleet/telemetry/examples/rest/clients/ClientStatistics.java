package io.gpufleet.telemetry.examples.rest.clients;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;

/**
 * The daily statistics of a machine and its devices. Immutable.
 *
 * @param clientId the machine
 * @param days the days with heartbeats, in their order
 * @param devices the devices of these days, by day and number
 */
@Schema(description = "The daily statistics of a machine and its devices, by UTC day")
record ClientStatistics(@JsonProperty("client_id") String clientId, List<ClientDay> days, List<DeviceDay> devices) {}
