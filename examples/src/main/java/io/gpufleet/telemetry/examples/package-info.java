/** Programs to run and to read, one for each question that a newcomer asks. */
@NullMarked
package io.gpufleet.telemetry.examples;

import org.jspecify.annotations.NullMarked;
