/** Is this file of GPU samples readable, and what does it hold? Checks files of samples, and sends them to a topic. */
@NullMarked
package io.gpufleet.telemetry.examples.samples;

import org.jspecify.annotations.NullMarked;
