/** The options that the programs share: database, broker, exit codes, and failures in one line. */
@NullMarked
package io.gpufleet.telemetry.examples.options;

import org.jspecify.annotations.NullMarked;
