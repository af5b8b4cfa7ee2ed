/** The heartbeat of a machine with GPUs: its model, its validation and its daily statistics. */
@NullMarked
package io.gpufleet.telemetry.heartbeat;

import org.jspecify.annotations.NullMarked;
