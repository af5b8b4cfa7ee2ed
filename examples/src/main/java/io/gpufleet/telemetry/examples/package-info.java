/** Programs to run and to read, one for each question of a newcomer. */
@NullMarked
package io.gpufleet.telemetry.examples;

import org.jspecify.annotations.NullMarked;
