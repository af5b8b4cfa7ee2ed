/** Tests of the answers about machines. */
@NullMarked
package io.gpufleet.telemetry.examples.rest.clients;

import org.jspecify.annotations.NullMarked;
