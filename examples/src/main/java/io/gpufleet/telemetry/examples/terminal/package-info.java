/** Output for people: aligned tables, units, and failures in one line. */
@NullMarked
package io.gpufleet.telemetry.examples.terminal;

import org.jspecify.annotations.NullMarked;
