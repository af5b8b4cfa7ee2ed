/** The answers about the consumers of all services, as their monitors report. */
@NullMarked
package io.gpufleet.telemetry.examples.rest.status;

import org.jspecify.annotations.NullMarked;
