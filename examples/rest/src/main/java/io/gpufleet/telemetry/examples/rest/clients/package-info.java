/** The answers about machines that send heartbeats, their devices and their daily statistics. */
@NullMarked
package io.gpufleet.telemetry.examples.rest.clients;

import org.jspecify.annotations.NullMarked;
