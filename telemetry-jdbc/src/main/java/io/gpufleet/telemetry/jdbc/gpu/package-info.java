/** GPU samples, events and assets into their tables, and assets out of theirs. */
@NullMarked
package io.gpufleet.telemetry.jdbc.gpu;

import org.jspecify.annotations.NullMarked;
