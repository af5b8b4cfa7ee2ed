/**
 * An HTTP service over the tables of the SDK: {@link io.gpufleet.telemetry.examples.rest.TelemetryApi} starts it, with
 * {@link io.gpufleet.telemetry.examples.rest.ApiSettings} for all parts.
 */
@NullMarked
package io.gpufleet.telemetry.examples.rest;

import org.jspecify.annotations.NullMarked;
