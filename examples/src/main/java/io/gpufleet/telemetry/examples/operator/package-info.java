/** How do I operate it? Positions, dead letters, gaps, statistics and tables, on the command line. */
@NullMarked
package io.gpufleet.telemetry.examples.operator;

import org.jspecify.annotations.NullMarked;
