/** Tests of the answers to failures. */
@NullMarked
package io.gpufleet.telemetry.examples.rest.http;

import org.jspecify.annotations.NullMarked;
