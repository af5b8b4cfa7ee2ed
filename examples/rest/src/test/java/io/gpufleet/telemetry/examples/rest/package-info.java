/** Tests of the HTTP service, over one running service of the JVM. */
@NullMarked
package io.gpufleet.telemetry.examples.rest;

import org.jspecify.annotations.NullMarked;
